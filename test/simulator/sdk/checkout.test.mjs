// Checkout sessions and payment links.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from './client.mjs';

let sim, stripe, price, monthly;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
  const made = await stripe.prices.create({
    product_data: { name: 'Mug' },
    currency: 'usd',
    unit_amount: 1_800,
  });
  price = made.id;
  const recurring = await stripe.prices.create({
    product_data: { name: 'Club' },
    currency: 'usd',
    unit_amount: 900,
    recurring: { interval: 'month' },
  });
  monthly = recurring.id;
});
after(() => sim?.stop());

const session = (more = {}) =>
  stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price, quantity: 2 }],
    success_url: 'https://shop.example/done?session={CHECKOUT_SESSION_ID}',
    metadata: { order_id: 'ord_cs' },
    ...more,
  });

test('a session offers its page and its lines', async () => {
  const made = await session({ payment_intent_data: { metadata: { order_id: 'ord_cs' } } });
  assert.equal(made.status, 'open');
  assert.equal(made.amount_total, 3_600);
  assert.equal((await fetch(made.url)).status, 200);
  const { data } = await stripe.checkout.sessions.listLineItems(made.id);
  assert.equal(data[0].quantity, 2);
  const updated = await stripe.checkout.sessions.update(made.id, { metadata: { order_id: 'x' } });
  assert.equal(updated.metadata.order_id, 'x');
  assert.equal((await stripe.checkout.sessions.retrieve(made.id)).id, made.id);
  assert.equal((await stripe.checkout.sessions.list({ limit: 1 })).data[0].id, made.id);
});

test('a session expires, by hand or by itself', async () => {
  const first = await session();
  assert.equal((await stripe.checkout.sessions.expire(first.id)).status, 'expired');
  const second = await session();
  await sim.simulator.advance(25 * 3_600);
  assert.equal((await stripe.checkout.sessions.retrieve(second.id)).status, 'expired');
});

test('subscriptions and setups are sold too', async () => {
  const subscription = await session({
    mode: 'subscription',
    line_items: [{ price: monthly, quantity: 1 }],
    subscription_data: { metadata: { order_id: 'ord_cs' } },
  });
  assert.equal(subscription.mode, 'subscription');
  const setup = await session({ mode: 'setup', currency: 'usd', line_items: undefined });
  assert.equal(setup.mode, 'setup');
});

test('payment links', async () => {
  const link = await stripe.paymentLinks.create({ line_items: [{ price, quantity: 1 }] });
  assert.match(link.url, /^http/);
  assert.equal((await stripe.paymentLinks.update(link.id, { active: false })).active, false);
  assert.equal((await stripe.paymentLinks.retrieve(link.id)).active, false);
  assert.equal((await stripe.paymentLinks.listLineItems(link.id)).data.length, 1);
  assert.equal((await stripe.paymentLinks.list()).data.length, 1);
});
