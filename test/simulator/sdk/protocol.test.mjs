// What holds for every request: errors, idempotency, retries, pages, expansion, accounts. Where
// Daybook's gateway stands in between, it keeps Stripe's mishaps from the client.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Stripe } from '../../../tools/node/packages.mjs';
import { start, through_gateway, wrongly } from './client.mjs';

const { errors } = Stripe;
let sim, stripe;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
});
afterEach(() => sim.simulator.page('DELETE', '/_sim/faults'));
after(() => sim?.stop());

const fault = (kind, more = {}) =>
  sim.simulator.page('POST', '/_sim/faults', {
    ...{ kind, count: 1, route: 'POST /v1/payment_intents' },
    ...more,
  });
const intent = { amount: 1_000, currency: 'usd' };
const create = (client, options, params = intent) => client.paymentIntents.create(params, options);
const count = async () => (await stripe.paymentIntents.list({ limit: 100 })).data.length;

test('errors are of the SDK\'s classes', async () => {
  const unknown = wrongly(() => stripe.customers.create({ emial: 'a@example.com' }));
  await assert.rejects(unknown, (error) => {
    assert.ok(error instanceof errors.StripeInvalidRequestError);
    assert.equal(error.statusCode, 400);
    assert.equal(error.code, 'parameter_unknown');
    assert.equal(error.param, 'emial');
    assert.match(error.requestId, /^req_/);
    return true;
  });
  const missing = wrongly(() => stripe.paymentIntents.create({ currency: 'usd' }));
  await assert.rejects(missing, { code: 'parameter_missing', param: 'amount' });
  const absent = stripe.customers.retrieve('cus_nobody');
  await assert.rejects(absent, { statusCode: 404, code: 'resource_missing' });
  const port = sim.simulator.port;
  const stranger = new Stripe('sk_bad', { host: '127.0.0.1', port, protocol: 'http' });
  await assert.rejects(stranger.customers.list(), (error) => {
    assert.ok(error instanceof errors.StripeAuthenticationError);
    return error.statusCode === 401;
  });
  const elsewhere = stripe.balance.retrieve({}, { stripeAccount: 'acct_unknown00000001' });
  await assert.rejects(elsewhere, (error) => error instanceof errors.StripePermissionError);
});

test('the same key means the same object', async () => {
  const first = await create(stripe, { idempotencyKey: 'order-1' });
  const second = await create(stripe, { idempotencyKey: 'order-1' });
  assert.equal(second.id, first.id);
  assert.equal(second.lastResponse.headers['idempotent-replayed'], 'true');
  assert.equal(second.lastResponse.headers['original-request'], first.lastResponse.requestId);
  const changed = create(stripe, { idempotencyKey: 'order-1' }, { ...intent, amount: 2_000 });
  await assert.rejects(changed, (error) => {
    assert.ok(error instanceof errors.StripeIdempotencyError);
    return error.statusCode === 400;
  });
});

test('a key that is in use is refused, and free again afterwards', async () => {
  await fault('slow', { delay_ms: 400 });
  const [first, second] = await Promise.allSettled([
    create(stripe, { idempotencyKey: 'twice' }),
    create(stripe, { idempotencyKey: 'twice' }),
  ]);
  const refused = [first, second].find(({ status }) => status === 'rejected');
  if (through_gateway) {
    assert.equal(refused, undefined);
    assert.equal(first.value.id, second.value.id);
  } else {
    assert.equal(refused.reason.statusCode, 409);
    assert.equal(refused.reason.code, 'idempotency_key_in_use');
  }
  const again = await create(stripe, { idempotencyKey: 'twice' });
  assert.equal(again.id, (first.value ?? second.value).id);
});

for (const kind of ['lock_timeout', 'error_before', 'cut_before', 'cut_after']) {
  test(`the SDK retries after ${kind}, and one payment is there`, async () => {
    const client = sim.client({ maxNetworkRetries: 2 });
    const before_it = await count();
    await fault(kind, kind === 'error_before' ? { store: false } : {});
    const from = sim.attempts.length;
    const made = await create(client);
    const tried = sim.attempts.slice(from);
    assert.equal(tried.length, through_gateway ? 1 : 2);
    assert.equal(tried[0].headers['Idempotency-Key'], tried.at(-1).headers['Idempotency-Key']);
    assert.equal(made.status, 'requires_payment_method');
    assert.equal(await count(), before_it + 1);
  });
}

test('a 500 after execution is kept; the object is found by reading', async () => {
  const metadata = { order_id: 'ord_500' };
  await fault('error_after');
  const options = { idempotencyKey: 'order-500' };
  const params = { ...intent, metadata };
  if (through_gateway) {
    const made = await create(stripe, options, params);
    assert.equal((await create(stripe, options, params)).id, made.id);
  } else {
    await assert.rejects(create(stripe, options, params), (error) => {
      assert.ok(error instanceof errors.StripeAPIError);
      return error.statusCode === 500;
    });
    await assert.rejects(create(stripe, options, params), { statusCode: 500 });
  }
  const { data } = await stripe.paymentIntents.search({
    query: "metadata['order_id']:'ord_500'",
  });
  assert.equal(data.length, 1);
});

test('too many requests are refused', async () => {
  await fault('rate_limit');
  if (through_gateway) return assert.ok(await create(stripe));
  await assert.rejects(create(stripe), (error) => {
    assert.ok(error instanceof errors.StripeRateLimitError);
    return error.statusCode === 429;
  });
});

test('keys are forgotten after 24 hours', async () => {
  const first = await create(stripe, { idempotencyKey: 'yesterday' });
  await sim.simulator.advance(25 * 3_600);
  const second = await create(stripe, { idempotencyKey: 'yesterday' });
  assert.equal(second.id === first.id, through_gateway);  // Daybook never forgets one
});

test('lists come in pages, forwards, backwards, and by themselves', async () => {
  const made = [];
  for (let i = 0; i < 7; ++i) {
    made.unshift((await stripe.coupons.create({ percent_off: i + 1, duration: 'once' })).id);
  }
  const first = await stripe.coupons.list({ limit: 3 });
  assert.deepEqual(first.data.map(({ id }) => id), made.slice(0, 3));
  assert.equal(first.has_more, true);
  const next = await stripe.coupons.list({ limit: 3, starting_after: made[2] });
  assert.deepEqual(next.data.map(({ id }) => id), made.slice(3, 6));
  const back = await stripe.coupons.list({ limit: 2, ending_before: made[3] });
  assert.deepEqual(back.data.map(({ id }) => id), made.slice(1, 3));
  const all = [];
  for await (const { id } of stripe.coupons.list({ limit: 2 })) all.push(id);
  assert.deepEqual(all, made);
  const some = await stripe.coupons.list({ limit: 2 }).autoPagingToArray({ limit: 5 });
  assert.equal(some.length, 5);
  const too_many = wrongly(() => stripe.coupons.list({ limit: 101 }));
  await assert.rejects(too_many, { param: 'limit' });
});

test('search goes page by page too', async () => {
  for (let i = 0; i < 5; ++i) await create(stripe, {}, { ...intent, metadata: { lot: 'blue' } });
  const query = "metadata['lot']:'blue'";
  const page = await stripe.paymentIntents.search({ query, limit: 2 });
  assert.equal(page.data.length, 2);
  assert.equal(page.has_more, true);
  const all = await stripe.paymentIntents.search({ query, limit: 2 }).autoPagingToArray({
    limit: 100,
  });
  assert.equal(new Set(all.map(({ id }) => id)).size, 5);
  const nonsense = stripe.paymentIntents.search({ query: 'metadata is nice' });
  await assert.rejects(nonsense, { statusCode: 400 });
});

test('ids become objects on request', async () => {
  const customer = await stripe.customers.create({ email: 'expand@example.com' });
  const paid = await stripe.paymentIntents.create({
    ...{ ...intent, customer: customer.id, payment_method: 'pm_card_visa', confirm: true },
    ...{ capture_method: 'automatic', return_url: 'https://shop.example/' },
    expand: ['customer', 'payment_method', 'latest_charge.balance_transaction'],
  });
  assert.equal(paid.customer.email, 'expand@example.com');
  assert.equal(paid.payment_method.card.brand, 'visa');
  assert.equal(paid.latest_charge.balance_transaction.currency, 'usd');
  const { data } = await stripe.charges.list({ limit: 1, expand: ['data.payment_intent'] });
  assert.equal(data[0].payment_intent.id, paid.id);
  const wrong = stripe.paymentIntents.retrieve(paid.id, { expand: ['amount'] });
  await assert.rejects(wrong, { statusCode: 400 });
});

test('an account of its own has objects of its own', async () => {
  const account = await stripe.accounts.create({ type: 'express', country: 'US' });
  const there = { stripeAccount: account.id };
  const customer = await stripe.customers.create({ name: 'There' }, there);
  assert.equal((await stripe.customers.retrieve(customer.id, {}, there)).name, 'There');
  await assert.rejects(stripe.customers.retrieve(customer.id), { code: 'resource_missing' });
});
