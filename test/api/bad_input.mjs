// Bad bodies for every write, made up from the description: each is refused, each field by name,
// all at once, and Stripe never hears of it.
import assert from 'node:assert/strict';
import { test, before, after } from 'node:test';
import { Client } from './client.mjs';
import { operations, resolved } from './description.mjs';
import { start_service } from './service.mjs';

let service;
let client;

before(async () => {
  service = await start_service();
  client = new Client(service.url, await service.key('admin'));
});
after(() => service?.stop());

const writes = operations.filter((each) => each.operation['x-scope'] && each.method !== 'GET');
const body_of = ({ operation }) =>
  resolved(operation.requestBody?.content['application/json'].schema) ?? { properties: {} };
const concrete = (path) => path.replace('{id}', 'acct_1None');
const pointers = (problem) => problem.errors.map((error) => error.pointer);

/** A value that cannot be of this schema's type. */
function of_wrong_type(given) {
  const schema = resolved(given);
  const type = [schema.type ?? (schema.enum ? 'string' : (schema.oneOf ?? [{}])[0].type)].flat()[0];
  if (type === 'integer' || type === 'number') return [{}];
  if (type === 'boolean') return 'yes';
  return 17;
}

/** How many requests the simulator's Stripe was sent, as its objects and events tell. */
const state_of_stripe = async () => {
  const state = await (await fetch(`${service.sim}/_sim/state`)).json();
  return JSON.stringify({ objects: state.objects, events: state.events });
};

for (const write of writes) {
  const { method, path, operation } = write;
  const schema = body_of(write);
  const names = Object.keys(schema.properties ?? {});

  test(`${method} ${path} names every field of a wrong type, and unknown ones`, async () => {
    const untouched = await state_of_stripe();
    const bad = Object.fromEntries(names.map((name) => [name, of_wrong_type(schema.properties[name])]));
    bad['not a field'] = 1;
    const problem = await client.refused(422, 'invalid-body', method, concrete(path), bad);
    for (const name of [...names, 'not a field'])
      assert.ok(pointers(problem).some((pointer) => pointer.startsWith(`/${name}`)),
        `/${name} is not among ${pointers(problem)}`);
    assert.equal(await state_of_stripe(), untouched);
  });

  if (schema.required?.length)
    test(`${method} ${path} names what is missing`, async () => {
      const problem = await client.refused(422, 'invalid-body', method, concrete(path), {});
      for (const name of schema.required)
        assert.ok(pointers(problem).includes(`/${name}`), `/${name} is not among them`);
    });

  test(`${method} ${path} takes one JSON object, sent as JSON, with a key`, async () => {
    const target = concrete(path);
    await client.refused(400, 'body-not-json', method, target, '{"a":');
    await client.refused(400, 'body-not-an-object', method, target, '[1]');
    await client.refused(415, 'content-type-not-json', method, target, 'a=1', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    await client.refused(400, 'idempotency-key-missing', method, target, {}, {
      'idempotency-key': null,
    });
    await new Client(service.url).refused(401, 'key-missing', method, target, {});
  });

  test(`${method} ${path} needs the scope ${operation['x-scope']}`, async () => {
    const other = operation['x-scope'] === 'orders:read' ? 'events:read' : 'orders:read';
    const narrow = new Client(service.url, await service.key(other));
    const problem = await narrow.refused(403, 'scope-missing', method, concrete(path), {});
    assert.match(problem.detail, new RegExp(operation['x-scope']));
  });
}

test('ids that do not exist are named where they stand, all of them', async () => {
  const problem = await client.refused(422, 'invalid-body', 'POST', '/payment-intents', {
    buyer: { user_id: 'user_1' },
    seller: 'acct_1Nobody',
    lines: [{ price: 'price_none' }, { product: 'prod_none', quantity: 0 }],
    promotion_code: 'NEVER',
  });
  assert.deepEqual(pointers(problem), ['/lines/1/quantity', '/lines/0/price', '/lines/1/product',
    '/seller']);
});
