// Direct charges: what a connected account sells by itself is settled on that account.
import assert from 'node:assert/strict';
import { test, before, after } from 'node:test';
import { Client } from './client.mjs';
import { eventually } from './eventually.mjs';
import { start_service } from './service.mjs';
import { World } from './world.mjs';

let service;
let admin;
let world;
let seller;

before(async () => {
  service = await start_service();
  admin = new Client(service.url, await service.key('admin'));
  world = new World(service, admin);
  seller = await world.ready_seller('potter');
});
after(() => service?.stop());

/** A call of Stripe's own API on the seller's account. */
const on_account = (path, params) => world.stripe(path, params, { 'stripe-account': seller });

const intent = (order, more = {}) =>
  on_account('/v1/payment_intents', {
    amount: 700, currency: 'usd', 'metadata[order_id]': order, ...more,
  });
const paid = (order, payment_method = 'pm_card_visa') =>
  intent(order, { confirm: true, payment_method, return_url: 'https://shop.example/return' });

test('its charge is refunded there, and who asks here is told so', async () => {
  const { id, latest_charge } = await paid('1001');
  const order_id = `${seller}:1001`;
  await world.order_with('paid', order_id);
  for (const named of [{ order_id }, { payment_intent_id: id }, { charge_id: latest_charge }]) {
    const { errors } = await admin.refused(422, 'invalid-body', 'POST', '/refunds', named);
    assert.deepEqual(errors.map(({ pointer }) => pointer), [`/${Object.keys(named)[0]}`]);
    assert.match(errors[0].detail, new RegExp(`Stripe-Account: ${seller}`));
  }
});

test('its order can be paid and called off by its name', async () => {
  const { id } = await intent('1002');
  const order_id = `${seller}:1002`;
  await world.order_with('pending', order_id);
  const again = await admin.post('/payment-intents', { order_id });
  assert.equal(again.payment_intent_id, id);
  const canceled = await admin.post(`/orders/${order_id}/cancel`);
  assert.equal(canceled.payment_intent_id, id);
  await world.order_with('canceled', order_id);
});

test('its dispute is answered and accepted', async () => {
  await paid('1003', 'pm_card_createDispute');
  const order_id = `${seller}:1003`;
  const { disputes } = await world.order_with('disputed', order_id);
  const path = `/disputes/${disputes[0].dispute_id}`;
  const answered = await admin.post(`${path}/evidence`, { evidence: { product_description: 'A bowl' } });
  assert.equal(answered.order_id, order_id);
  assert.equal((await admin.post(`${path}/accept`)).status, 'lost');
  await world.order_with('charged_back', order_id);
});

test('its subscription is changed, ended and kept after all; its prices are its own', async () => {
  const product = await on_account('/v1/products', { name: 'Club' });
  const price = await on_account('/v1/prices', {
    product: product.id, currency: 'usd', unit_amount: 500, 'recurring[interval]': 'month',
  });
  const customer = await on_account('/v1/customers', { payment_method: 'pm_card_visa' });
  const { data } = await (await fetch(`${service.url}/v1/customers/${customer.id}/payment_methods`, {
    headers: { authorization: `Bearer ${admin.key}`, 'stripe-account': seller },
  })).json();
  const { id } = await on_account('/v1/subscriptions', {
    customer: customer.id, 'items[0][price]': price.id, default_payment_method: data[0].id,
  });
  await eventually(async () => (await admin.call('GET', `/subscriptions/${id}`)).body.status === 'active');
  const changed = await admin.post(`/subscriptions/${id}/change`, { quantity: 3, proration: 'none' });
  assert.equal(changed.quantity, 3);
  const { errors } = await admin.refused(422, 'invalid-body', 'POST', `/subscriptions/${id}/change`, { price: price.id });
  assert.match(errors[0].detail, new RegExp(`Stripe-Account: ${seller}`));
  assert.equal((await admin.post(`/subscriptions/${id}/cancel`)).cancel_at_period_end, true);
  assert.equal((await admin.post(`/subscriptions/${id}/resume`)).cancel_at_period_end, false);
  assert.equal((await admin.post(`/subscriptions/${id}/cancel`, { at_period_end: false })).status, 'canceled');
  await eventually(async () => (await admin.call('GET', `/subscriptions/${id}`)).body.status === 'canceled');
});
