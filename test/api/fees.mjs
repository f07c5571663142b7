// Fee policy, as it is applied to real sales: the product's rate, the seller's, tiers by revenue.
import assert from 'node:assert/strict';
import { test, before, after } from 'node:test';
import { Client } from './client.mjs';
import { eventually } from './eventually.mjs';
import { start_service } from './service.mjs';
import { World } from './world.mjs';

let service;
let admin;
let world;
let buyers = 0;

before(async () => {
  service = await start_service({
    DAYBOOK_FEE_TIERS: 'starter:0:15,standard:100:10,premium:500:5',
    STRIPE_APPLICATION_FEE_FIXED: '30',
  });
  admin = new Client(service.url, await service.key('admin'));
  world = new World(service, admin);
});
after(() => service?.stop());

const product_of = async (seller, unit_amount, more = {}, currency = 'usd') =>
  (await admin.post('/products', { name: 'Bowl', seller, price: { currency, unit_amount }, ...more }))
    .product_id;

const sale_of = (...lines) =>
  admin.post('/payment-intents', { buyer: { user_id: `user_${++buyers}` }, lines });

async function sell(product) {
  const sale = await sale_of({ product });
  assert.equal((await world.pay(sale.payment_intent_id)).status, 200);
  await world.order_with('paid', sale.order_id);
  return sale;
}

/** Sales until one is judged by this revenue: the projection follows the log. */
const at_revenue = (product, revenue) =>
  eventually(async () => {
    const sale = await sale_of({ product });
    return sale.fee.revenue === revenue && sale;
  });

test('a tier is reached by revenue, and left by refunds; the figure is in the record', async () => {
  const seller = await world.ready_seller('tiers');
  const product = await product_of(seller, 6000);
  const first = await sell(product);
  assert.deepEqual(
    { ...first.fee, amount: 930, seller_amount: 5070 },
    { amount: 930, seller_amount: 5070, policy: 'tier', tier: 'starter', basis_points: 1500,
      fixed: 30, revenue: 0, revenue_currency: 'usd' });
  await sell(product);
  const standard = await at_revenue(product, 12000);
  assert.equal(standard.fee.tier, 'standard');
  assert.equal(standard.fee.amount, 630);
  await admin.post('/refunds', { order_id: first.order_id });
  assert.equal((await at_revenue(product, 6000)).fee.tier, 'starter');

  const action = await eventually(async () => {
    const { data } = await admin.get('/events?type=action.requested&limit=100');
    for (const { event_id } of data) {
      const { payload } = await admin.get(`/events/${event_id}`);
      if (payload.action.decisions.order_id === standard.order_id) return payload.action;
    }
    return undefined;
  });
  assert.equal(action.decisions.fee.revenue, 12000);
  assert.equal(action.decisions.fee.tier, 'standard');
  const sent = new URLSearchParams(action.steps[0].body);
  assert.equal(sent.get('application_fee_amount'), '630');
  assert.equal(sent.get('metadata[daybook_action]'), action.id);
});

test("a seller's own rate comes before tiers, a product's before both", async () => {
  const seller = await world.ready_seller('rates', { fee: { percent: 8.5 } });
  const plain = await product_of(seller, 1111);
  const dear = await product_of(seller, 1000, { fee: { percent: '20', fixed: 7 } });
  const one = await sale_of({ product: plain });
  assert.equal(one.fee.policy, 'seller');
  assert.equal(one.fee.amount, 94); // 94.435
  const both = await sale_of({ product: plain }, { product: dear, quantity: 3 });
  assert.equal(both.fee.amount, 94 + 607);
  assert.deepEqual(both.fee.of_products, [{ item_no: 2, basis_points: 2000, fixed: 7 }]);
  assert.equal(both.fee.amount + both.fee.seller_amount, both.amount);
  await admin.patch(`/connect/accounts/${seller}`, { fee: null });
  assert.equal((await eventually(async () => {
    const sale = await sale_of({ product: plain });
    return sale.fee.policy === 'tier' && sale;
  })).fee.tier, 'starter');
});

test('a currency without decimals and one with three are split to the last unit', async () => {
  const seller = await world.ready_seller('currencies', { fee: { percent: 12.35 } });
  for (const [currency, unit_amount, fee] of [['jpy', 1005, 124], ['bhd', 10050, 1240], ['eur', 105, 13]]) {
    const product = await product_of(seller, unit_amount, {}, currency);
    const sale = await sale_of({ product });
    assert.equal(sale.fee.amount, fee, currency);
    assert.equal(sale.fee.amount + sale.fee.seller_amount, unit_amount);
    const paid = await world.pay(sale.payment_intent_id);
    assert.equal(paid.body.application_fee_amount, fee);
  }
});

test('the seller is the merchant where the settings say so', async () => {
  const seller = await world.ready_seller('merchant', { on_behalf_of: true });
  const product = await product_of(seller, 2000);
  const sale = await sale_of({ product });
  const paid = await world.pay(sale.payment_intent_id);
  assert.equal(paid.body.on_behalf_of, seller);
});

test("what Stripe refuses is told in Stripe's words", async () => {
  const { account_id } = await admin.post('/connect/accounts', { country: 'US' });
  const refused = await admin.refused(422, 'stripe-refused', 'POST',
    `/connect/accounts/${account_id}/login-link`);
  assert.ok(refused.stripe.message);
  const unknown = await admin.call('POST', '/connect/accounts/acct_1Nobody/sync');
  assert.ok([404, 502].includes(unknown.status), unknown.raw);
});
