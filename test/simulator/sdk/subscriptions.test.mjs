// Subscriptions, their items and schedules, on test clocks and in virtual time.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from './client.mjs';

const day = 24 * 3_600;
let sim, stripe, monthly, yearly;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
  const product = await stripe.products.create({ name: 'Club' });
  const price = (unit_amount, interval) =>
    stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount,
      recurring: { interval },
    });
  monthly = (await price(1_000, 'month')).id;
  yearly = (await price(10_000, 'year')).id;
});
after(() => sim?.stop());

async function buyer(method = 'pm_card_visa', more = {}) {
  const { id } = await stripe.customers.create({ email: 'club@example.com', ...more });
  const { id: attached } = await stripe.paymentMethods.attach(method, { customer: id });
  await stripe.customers.update(id, { invoice_settings: { default_payment_method: attached } });
  return id;
}
const subscribe = async (more = {}, method = undefined) =>
  stripe.subscriptions.create({
    customer: await buyer(method),
    items: [{ price: monthly, quantity: 1 }],
    metadata: { order_id: 'ord_sub' },
    expand: ['latest_invoice.payments'],
    ...more,
  });

test('a subscription is paid, renewed, and canceled', async () => {
  const made = await subscribe();
  assert.equal(made.status, 'active');
  assert.equal(made.latest_invoice.status, 'paid');
  assert.equal(made.latest_invoice.amount_paid, 1_000);
  await sim.simulator.advance(32 * day);
  const { data } = await stripe.invoices.list({ subscription: made.id });
  assert.equal(data.length, 2);
  assert.equal(data[0].billing_reason, 'subscription_cycle');
  assert.equal(data[0].parent.subscription_details.metadata.order_id, 'ord_sub');
  const ending = await stripe.subscriptions.update(made.id, { cancel_at_period_end: true });
  assert.equal(ending.cancel_at_period_end, true);
  await sim.simulator.advance(32 * day);
  assert.equal((await stripe.subscriptions.retrieve(made.id)).status, 'canceled');
});

test('a trial costs nothing at first', async () => {
  const made = await subscribe({ trial_period_days: 7 });
  assert.equal(made.status, 'trialing');
  assert.equal(made.latest_invoice.total, 0);
  await sim.simulator.advance(8 * day);
  const begun = await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice'] });
  assert.equal(begun.status, 'active');
  assert.equal(begun.latest_invoice.total, 1_000);
});

test('a first payment that fails leaves it incomplete, and expires', async () => {
  const made = await subscribe({ payment_behavior: 'default_incomplete' });
  assert.equal(made.status, 'incomplete');
  await sim.simulator.advance(day);
  assert.equal((await stripe.subscriptions.retrieve(made.id)).status, 'incomplete_expired');
});

test('a renewal that fails makes it past due', async () => {
  const made = await subscribe();
  const method = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
    customer: made.customer,
  });
  await stripe.subscriptions.update(made.id, { default_payment_method: method.id });
  await sim.simulator.advance(32 * day);
  const late = await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice'] });
  assert.equal(late.status, 'past_due');
  assert.equal(late.latest_invoice.status, 'open');
});

test('a change of price is prorated', async () => {
  const made = await subscribe();
  const changed = await stripe.subscriptions.update(made.id, {
    items: [{ id: made.items.data[0].id, price: yearly }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  });
  assert.equal(changed.items.data[0].price.id, yearly);
  assert.equal(changed.latest_invoice.billing_reason, 'subscription_update');
});

test('items are added, changed and taken away', async () => {
  const made = await subscribe();
  const other = await stripe.prices.create({
    product_data: { name: 'Extra' },
    currency: 'usd',
    unit_amount: 300,
    recurring: { interval: 'month' },
  });
  const item = await stripe.subscriptionItems.create({ subscription: made.id, price: other.id });
  assert.equal((await stripe.subscriptionItems.update(item.id, { quantity: 3 })).quantity, 3);
  assert.equal((await stripe.subscriptionItems.retrieve(item.id)).price.id, other.id);
  assert.equal((await stripe.subscriptionItems.list({ subscription: made.id })).data.length, 2);
  assert.equal((await stripe.subscriptionItems.del(item.id)).deleted, true);
});

test('a coupon takes something off', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'forever' });
  const made = await subscribe({ discounts: [{ coupon: coupon.id }] });
  assert.equal(made.latest_invoice.total, 500);
  const gone = await stripe.subscriptions.deleteDiscount(made.id);
  assert.equal(gone.deleted, true);
});

test('collection is paused; a subscription is listed, searched and ended', async () => {
  const made = await subscribe({ metadata: { kind: 'wanted' } });
  const paused = await stripe.subscriptions.update(made.id, {
    pause_collection: { behavior: 'void' },
  });
  assert.equal(paused.pause_collection.behavior, 'void');
  const { data } = await stripe.subscriptions.list({ customer: made.customer, status: 'all' });
  assert.equal(data[0].id, made.id);
  const found = await stripe.subscriptions.search({ query: "metadata['kind']:'wanted'" });
  assert.equal(found.data[0].id, made.id);
  const ended = await stripe.subscriptions.cancel(made.id, {
    cancellation_details: { feedback: 'unused' },
  });
  assert.equal(ended.status, 'canceled');
  assert.equal(ended.cancellation_details.feedback, 'unused');
});

test('a test clock has its own time', async () => {
  const frozen_time = Math.floor(Date.now() / 1_000);
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time, name: 'Fast' });
  const customer = await buyer('pm_card_visa', { test_clock: clock.id });
  const made = await stripe.subscriptions.create({ customer, items: [{ price: monthly }] });
  const { advance, retrieve, list, del } = bound(stripe.testHelpers.testClocks);
  await advance(clock.id, { frozen_time: frozen_time + 70 * day });
  for (let i = 0; (await retrieve(clock.id)).status !== 'ready'; ++i) {
    assert.ok(i < 50, 'the clock must be ready');
    await sim.simulator.advance(60);
  }
  const { data } = await stripe.invoices.list({ subscription: made.id });
  assert.equal(data.length, 3);
  assert.ok((await list()).data.some(({ id }) => id === clock.id));
  assert.equal((await del(clock.id)).deleted, true);
});

/** The methods of an SDK resource, to be called by themselves. */
function bound(resource) {
  const names = ['advance', 'retrieve', 'list', 'del'];
  return Object.fromEntries(names.map((name) => [name, resource[name].bind(resource)]));
}

test('a schedule begins, changes, is released or canceled', async () => {
  const customer = await buyer();
  const phase = (price, interval) => ({
    items: [{ price, quantity: 1 }],
    duration: { interval, interval_count: 1 },
  });
  const schedule = () =>
    stripe.subscriptionSchedules.create({
      customer,
      start_date: 'now',
      end_behavior: 'release',
      phases: [phase(monthly, 'month'), phase(yearly, 'year')],
    });
  const made = await schedule();
  assert.equal(made.status, 'active');
  assert.match(made.subscription, /^sub_/);
  await sim.simulator.advance(32 * day);
  const moved = await stripe.subscriptions.retrieve(made.subscription);
  assert.equal(moved.items.data[0].price.id, yearly);
  const updated = await stripe.subscriptionSchedules.update(made.id, { metadata: { step: '2' } });
  assert.equal(updated.metadata.step, '2');
  assert.equal((await stripe.subscriptionSchedules.release(made.id)).status, 'released');
  const other = await schedule();
  assert.equal((await stripe.subscriptionSchedules.cancel(other.id)).status, 'canceled');
  assert.equal((await stripe.subscriptionSchedules.retrieve(other.id)).status, 'canceled');
  assert.equal((await stripe.subscriptionSchedules.list({ customer })).data.length, 2);
});

test('the billing portal', async () => {
  const { configurations, sessions } = stripe.billingPortal;
  const configuration = await configurations.create({
    business_profile: { headline: 'Club' },
    features: { invoice_history: { enabled: true } },
  });
  const updated = await configurations.update(configuration.id, { active: false });
  assert.equal(updated.active, false);
  assert.equal((await configurations.retrieve(configuration.id)).id, configuration.id);
  assert.ok((await configurations.list()).data.length >= 1);
  await configurations.update(configuration.id, { active: true });
  const session = await sessions.create({
    customer: await buyer(),
    configuration: configuration.id,
    return_url: 'https://shop.example/account',
  });
  assert.match(session.url, /^http/);
});

test('a subscription pauses and resumes', async () => {
  const made = await subscribe();
  const paused = await stripe.subscriptions.pause(made.id, { type: 'subscription' });
  assert.equal(paused.status, 'paused');
  const resumed = await stripe.subscriptions.resume(made.id);
  assert.equal(resumed.status, 'active');
});

test('a subscription takes to flexible billing', async () => {
  const { id } = await subscribe();
  const migrated = await stripe.subscriptions.migrate(id, { billing_mode: { type: 'flexible' } });
  assert.equal(migrated.billing_mode.type, 'flexible');
});
