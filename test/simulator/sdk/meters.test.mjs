// Meters: usage is reported, summed up, and billed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from './client.mjs';

let sim, stripe;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
});
after(() => sim?.stop());

const meter = (event_name) =>
  stripe.billing.meters.create({
    display_name: 'Calls',
    event_name,
    default_aggregation: { formula: 'sum' },
  });

test('a meter lives, rests and works again', async () => {
  const made = await meter('calls');
  assert.equal(made.status, 'active');
  const renamed = await stripe.billing.meters.update(made.id, { display_name: 'API calls' });
  assert.equal(renamed.display_name, 'API calls');
  assert.equal((await stripe.billing.meters.deactivate(made.id)).status, 'inactive');
  assert.equal((await stripe.billing.meters.list({ status: 'inactive' })).data.length, 1);
  assert.equal((await stripe.billing.meters.reactivate(made.id)).status, 'active');
  assert.equal((await stripe.billing.meters.retrieve(made.id)).id, made.id);
});

test('what is reported is summed up, in whole and by the hour', async () => {
  const { id } = await meter('reports');
  const customer = await stripe.customers.create({});
  const payload = (value) => ({ stripe_customer_id: customer.id, value });
  const event_name = 'reports';
  const event = await stripe.billing.meterEvents.create({ event_name, payload: payload('3') });
  assert.equal(event.payload.value, '3');
  const later = await stripe.v2.billing.meterEvents.create({ event_name, payload: payload('4') });
  assert.equal(later.event_name, event_name);
  const start_time = event.timestamp - 3_600;
  const span = { customer: customer.id, start_time, end_time: start_time + 2 * 3_600 };
  const { data } = await stripe.billing.meters.listEventSummaries(id, span);
  assert.equal(data[0].aggregated_value, 7);
  const hours = await stripe.billing.meters.listEventSummaries(id, {
    ...span,
    value_grouping_window: 'hour',
  });
  assert.deepEqual(hours.data.map(({ aggregated_value }) => aggregated_value), [7, 0]);
  const nobody = stripe.billing.meterEvents.create({ event_name, payload: { value: '1' } });
  await assert.rejects(nobody, { type: 'StripeInvalidRequestError' });
  const session = await stripe.v2.billing.meterEventSession.create();
  assert.ok(session.authentication_token);
});

test('a metered subscription is billed for what was used', async () => {
  const { id } = await meter('billed');
  const price = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 10,
    product_data: { name: 'Calls' },
    recurring: { interval: 'month', usage_type: 'metered', meter: id },
  });
  const customer = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  });
  await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  await stripe.billing.meterEvents.create({
    event_name: 'billed',
    payload: { stripe_customer_id: customer.id, value: '25' },
  });
  await sim.simulator.advance(32 * 24 * 3_600);
  const { data } = await stripe.invoices.list({ customer: customer.id });
  assert.deepEqual(data.map(({ total }) => total), [250, 0]);
});
