// Every delivery of the simulator, judged by the official SDK: signatures, scopes, retries, faults.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from './client.mjs';

const secrets = { '/platform': 'whsec_platform', '/connect': 'whsec_connect' };

let sim;
let stripe;
let receiver;
let deliveries = [];
let answer = 200;

/** What the SDK says about a delivery: the event, or the error. */
function judged(body, signature, secret) {
  try {
    return stripe.webhooks.constructEvent(body, signature, secret);
  } catch (error) {
    return error;
  }
}

function receive(request, response) {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    const event = judged(body, request.headers['stripe-signature'], secrets[request.url]);
    const refused = event instanceof Error;
    deliveries.push({ path: request.url, headers: request.headers, body, event, refused });
    response.writeHead(refused ? 400 : answer).end();
  });
}

const control = (method, path, body) => sim.simulator.page(method, path, body);
const advance = (seconds) => sim.simulator.advance(seconds);

/** Waits until nothing is ready or under way. */
async function quiet() {
  for (;;) {
    await sleep(30);
    const { data } = await control('GET', '/_sim/deliveries');
    if (data.every((one) => one.ready === 0 && one.under_way === 0)) return;
  }
}

const pay = () =>
  stripe.paymentIntents.create({
    amount: 10000,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_visa',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });

before(async () => {
  receiver = createServer(receive).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address();
  const at = (path) => `http://127.0.0.1:${port}${path}`;
  sim = await start({
    args: [
      ...['--start', '1790000000'],
      ...['--webhook', at('/platform'), '--webhook-secret', secrets['/platform']],
      ...['--connect-webhook', at('/connect'), '--connect-webhook-secret', secrets['/connect']],
    ],
  });
  ({ stripe } = sim);
});

after(async () => {
  receiver.close();
  receiver.closeAllConnections();
  await sim.stop();
});

beforeEach(async () => {
  await quiet();
  await control('DELETE', '/_sim/faults');
  deliveries = [];
  answer = 200;
});

test('every delivery verifies and is what the events API says', async () => {
  await pay();
  await quiet();
  assert.ok(deliveries.length >= 3);
  for (const { path, headers, body, event, refused } of deliveries) {
    assert.equal(refused, false, event.message);
    assert.equal(path, '/platform');
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.match(headers['user-agent'], /^Stripe\/1\.0/);
    assert.equal(body.toString(), JSON.stringify(JSON.parse(body), null, 2));
    const { pending_webhooks, ...listed } = await stripe.events.retrieve(event.id);
    const { pending_webhooks: pending, ...delivered } = event;
    assert.equal(pending_webhooks, 0);
    assert.equal(pending, 1);
    assert.deepEqual(delivered, JSON.parse(JSON.stringify(listed)));
  }
});

test('connected accounts have their own endpoint and are named', async () => {
  const account = await stripe.accounts.create({ type: 'express', country: 'US' });
  await stripe.customers.create({ name: 'Ann' }, { stripeAccount: account.id });
  await quiet();
  const created = deliveries.find(({ event }) => event.type === 'customer.created');
  assert.equal(created.path, '/connect');
  assert.equal(created.event.account, account.id);
  assert.ok(deliveries.every(({ path, event }) => (path === '/connect') === !!event.account));
});

test('only 2xx is a success; what fails is sent again, signed anew', async () => {
  answer = 302;
  await stripe.customers.create({ name: 'Ann' });
  await quiet();
  for (const pause of [60, 300]) {
    await advance(pause);
    await quiet();
  }
  answer = 204;
  await advance(1800);
  await quiet();
  await advance(86400);
  await quiet();
  const tries = deliveries.filter(({ event }) => event.type === 'customer.created');
  assert.equal(tries.length, 4);
  assert.equal(new Set(tries.map(({ event }) => event.id)).size, 1);
});

test('a rotated secret signs beside the old one', async () => {
  const endpoint = (await stripe.webhookEndpoints.list()).data.find(({ url }) =>
    url.endsWith('/platform'),
  );
  const { secret } = await control('POST', `/_sim/webhook_endpoints/${endpoint.id}/rotate`, {
    overlap: 60,
  });
  await stripe.customers.create({ name: 'Ann' });
  await quiet();
  const [both] = deliveries;
  assert.equal(both.refused, false, both.event.message);
  const header = both.headers['stripe-signature'];
  assert.equal(judged(both.body, header, secret).id, both.event.id);
  secrets['/platform'] = secret;
  await advance(60);
  await stripe.customers.create({ name: 'Bob' });
  await quiet();
  assert.equal(deliveries.at(-1).refused, false);
});

test('a wrong signature is refused, its retry is not', async () => {
  await control('POST', '/_sim/faults', { kind: 'wrong_signature', count: 1 });
  await stripe.customers.create({ name: 'Ann' });
  await quiet();
  assert.match(deliveries[0].event.message, /No signatures found/);
  await advance(60);
  await quiet();
  assert.equal(deliveries[1].refused, false, deliveries[1].event.message);
});

test('retries of the SDK find the same object behind a lock, an error or a cut', async () => {
  for (const kind of ['lock_timeout', 'error_before', 'cut_before', 'cut_after']) {
    const before = (await stripe.customers.list({ limit: 100 })).data.length;
    await control('POST', '/_sim/faults', { kind, route: 'POST /v1/customers', count: 1 });
    const made = await stripe.customers.create({ name: kind }, { maxNetworkRetries: 2 });
    const now = (await stripe.customers.list({ limit: 100 })).data;
    assert.equal(now.length, before + 1, kind);
    assert.equal(now[0].id, made.id);
  }
});
