// What a key that is kept to one seller may not do, though that seller is all that it names: spend
// the platform's money, decide what the platform gets, or give away what is not the seller's.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, before, after } from 'node:test';
import { Client } from './client.mjs';
import { start_service } from './service.mjs';
import { World } from './world.mjs';

let service;
let admin;
let world;
let seller;
let kept;

before(async () => {
  service = await start_service({ DAYBOOK_REFUND_APPLICATION_FEE: 'false' });
  admin = new Client(service.url, await service.key('admin'));
  world = new World(service, admin);
  seller = await world.ready_seller('potter');
  kept = new Client(service.url, await service.key('sellers:write', 'catalogue:write',
    'payments:write', 'refunds:write', `account:${seller}`));
});
after(() => service?.stop());

const refused = (...request) => kept.refused(403, 'scope-missing', ...request);
const price = { currency: 'usd', unit_amount: 4000 };

test('it decides no fee', async () => {
  const { product_id } = await kept.post('/products', { name: 'Bowl', seller, fee: null });
  await refused('POST', '/products', { name: 'Vase', seller, fee: { percent: 0 } });
  for (const fee of [{ percent: 0 }, null])
    for (const path of [`/products/${product_id}`, `/connect/accounts/${seller}`]) {
      await refused('PATCH', path, { fee });
      await admin.patch(path, { fee });
    }
  await kept.patch(`/products/${product_id}`, { name: 'Bowl, glazed' });
  await kept.patch(`/connect/accounts/${seller}`, { email: 'potter@shop.example' });
});

test('it decides no fee in what Stripe notes of the account, in whatever spelling', async () => {
  const key = await service.key('gateway:write', `account:${seller}`);
  const call = async (path, body, type = 'application/x-www-form-urlencoded') => {
    const reply = await fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'idempotency-key': randomUUID(), 'content-type': type },
      body,
    });
    return reply.status;
  };
  const own = `/v1/accounts/${seller}`;
  assert.equal(await call(own, 'metadata[daybook_fee_basis_points]=0'), 403);
  assert.equal(await call(own, 'm%65tadata='), 403);
  assert.equal(await call(`${own}?metadata[daybook_fee_fixed]=0`, ''), 403);
  assert.equal(await call(`/v2/core/accounts/${seller}`, '{"m\\u0065tadata":{}}', 'application/json'), 403);
  assert.equal(await call(own, 'business_profile[name]=Pots'), 200);
});

test('it leaves no refund to the platform', async () => {
  const { product_id } = await kept.post('/products', { name: 'Bowl', seller, price });
  const sale = await kept.post('/payment-intents', {
    buyer: { user_id: 'user_1' }, lines: [{ product: product_id }],
  });
  await world.pay(sale.payment_intent_id);
  const { order_id } = await world.order_with('paid', sale.order_id);
  const part = { order_id, amount: 100 };
  for (const own of [{ reverse_transfer: false }, { refund_application_fee: true }]) {
    await refused('POST', '/refunds', { ...part, ...own });
    await admin.post('/refunds', { ...part, ...own });
  }
  await kept.post('/refunds', part);
  await kept.post('/refunds', { ...part, reverse_transfer: true, refund_application_fee: false });
});

test("it sells no product of the platform's, at no price", async () => {
  const { product_id } = await admin.post('/products', { name: 'Course', price });
  const monthly = await admin.post('/prices', {
    product: product_id, ...price, recurring: { interval: 'month' },
  });
  const sale = { seller, currency: 'usd', buyer: { user_id: 'user_2' } };
  const cheap = { ...sale, lines: [{ product: product_id, unit_amount: 50 }] };
  for (const path of ['/payment-intents', '/orders', '/checkout/hosted'])
    await refused('POST', path, cheap);
  const subscriber = new Client(service.url,
    await service.key('subscriptions:write', `account:${seller}`));
  await subscriber.refused(403, 'scope-missing', 'POST', '/checkout/subscription', {
    ...sale, lines: [{ price: monthly.price_id }],
  });
  await admin.post('/payment-intents', cheap);
});

test('it takes a lookup key off no other price', async () => {
  const own = await kept.post('/products', { name: 'Cup', seller });
  const make = (client, product, more) =>
    client.post('/prices', { product, ...price, lookup_key: 'standard', ...more });
  const { product_id } = await admin.post('/products', { name: 'Plan' });
  await make(admin, product_id);
  const taking = { lookup_key: 'standard', transfer_lookup_key: true };
  await refused('POST', '/prices', { product: own.product_id, ...price, ...taking });
  const { price_id } = await make(kept, own.product_id, {
    lookup_key: 'own', transfer_lookup_key: false,
  });
  await refused('PATCH', `/prices/${price_id}`, taking);
  const changed = await admin.patch(`/prices/${price_id}`, taking);
  assert.equal(changed.lookup_key, 'standard');
});
