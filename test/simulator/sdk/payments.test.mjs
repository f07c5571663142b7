// Payment intents and charges.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stripe } from '../../../tools/node/packages.mjs';
import { start } from './client.mjs';

let sim, stripe;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
});
after(() => sim?.stop());

const never = { enabled: true, allow_redirects: 'never' };
const pay = (method, more = {}) =>
  stripe.paymentIntents.create({
    amount: 10_000,
    currency: 'usd',
    payment_method: method,
    confirm: true,
    automatic_payment_methods: never,
    ...more,
  });

test('a payment is created, updated and confirmed', async () => {
  const made = await stripe.paymentIntents.create({
    amount: 2_500,
    currency: 'eur',
    automatic_payment_methods: { enabled: true },
  });
  assert.equal(made.status, 'requires_payment_method');
  assert.match(made.client_secret, new RegExp(`^${made.id}_secret_`));
  const updated = await stripe.paymentIntents.update(made.id, {
    amount: 2_600,
    description: 'A basket',
    metadata: { order_id: 'ord_1' },
  });
  assert.equal(updated.amount, 2_600);
  const paid = await stripe.paymentIntents.confirm(made.id, {
    payment_method: 'pm_card_visa',
    return_url: 'https://shop.example/done',
  });
  assert.equal(paid.status, 'succeeded');
  assert.equal(paid.amount_received, 2_600);
  assert.equal((await stripe.paymentIntents.retrieve(made.id)).metadata.order_id, 'ord_1');
});

test('the balance transaction of a charge is as worked by hand', async () => {
  const { latest_charge: charge } = await pay('pm_card_visa', {
    capture_method: 'automatic',
    expand: ['latest_charge.balance_transaction'],
  });
  assert.equal(charge.balance_transaction.amount, 10_000);
  assert.equal(charge.balance_transaction.fee, 320);
  assert.equal(charge.balance_transaction.net, 9_680);
  const updated = await stripe.charges.update(charge.id, { description: 'Looked at' });
  assert.equal(updated.description, 'Looked at');
});

test('money is held and captured in part, in whole, or not at all', async () => {
  const held = await pay('pm_card_visa', { capture_method: 'manual' });
  assert.equal(held.status, 'requires_capture');
  assert.equal(held.amount_capturable, 10_000);
  const part = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 6_000 });
  assert.equal(part.status, 'succeeded');
  assert.equal(part.amount_received, 6_000);
  const other = await pay('pm_card_visa', { capture_method: 'manual' });
  const canceled = await stripe.paymentIntents.cancel(other.id, {
    cancellation_reason: 'abandoned',
  });
  assert.equal(canceled.status, 'canceled');
  assert.equal(canceled.amount_capturable, 0);
});

test('the balance transaction comes late when the capture is automatic_async', async () => {
  const paid = await pay('pm_card_visa', { capture_method: 'automatic_async' });
  assert.equal(paid.status, 'succeeded');
  const early = await stripe.charges.retrieve(paid.latest_charge);
  assert.equal(early.balance_transaction, null);
  await sim.simulator.advance(3_600);
  const late = await stripe.charges.retrieve(paid.latest_charge);
  assert.match(late.balance_transaction, /^txn_/);
});

test('3-D Secure asks for an action', async () => {
  const asked = await pay('pm_card_threeDSecure2Required', {
    automatic_payment_methods: { enabled: true },
    return_url: 'https://shop.example/done',
  });
  assert.equal(asked.status, 'requires_action');
  assert.ok(asked.next_action.redirect_to_url.url.startsWith(sim.simulator.url));
  await sim.simulator.page('POST', `/_sim/actions/${asked.id}`, { approved: 'true' });
  assert.equal((await stripe.paymentIntents.retrieve(asked.id)).status, 'succeeded');
});

const declines = [
  ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc'],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error'],
];
for (const [method, code, decline_code] of declines) {
  test(`${method} is declined`, async () => {
    await assert.rejects(pay(method), (error) => {
      assert.ok(error instanceof Stripe.errors.StripeCardError);
      assert.equal(error.statusCode, 402);
      assert.equal(error.code, code);
      assert.equal(error.decline_code, decline_code);
      assert.equal(error.payment_intent.status, 'requires_payment_method');
      assert.match(error.charge, /^ch_/);
      return true;
    });
  });
}

test('after a decline another card pays', async () => {
  const refused = await pay('pm_card_visa_chargeDeclined').catch((error) => error);
  const { id } = refused.payment_intent;
  const paid = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_mastercard' });
  assert.equal(paid.status, 'succeeded');
  const { data } = await stripe.charges.list({ payment_intent: id });
  assert.deepEqual(data.map(({ status }) => status), ['succeeded', 'failed']);
});

test('currencies have none, two or three decimals, and bounds', async () => {
  const yen = await pay('pm_card_visa', { amount: 1_200, currency: 'jpy' });
  assert.equal(yen.amount_received, 1_200);
  const dinars = await pay('pm_card_visa', { amount: 5_120, currency: 'kwd' });
  assert.equal(dinars.status, 'succeeded');
  await assert.rejects(pay('pm_card_visa', { amount: 49 }), { code: 'amount_too_small' });
  await assert.rejects(pay('pm_card_visa', { amount: 100_000_000 }), { code: 'amount_too_large' });
});

test('a held charge is captured, and a charge is found', async () => {
  const held = await pay('pm_card_visa', {
    capture_method: 'manual',
    metadata: { order_id: 'ord_found' },
  });
  const charge = await stripe.charges.capture(held.latest_charge, { amount: 9_000 });
  assert.equal(charge.captured, true);
  assert.equal(charge.amount_captured, 9_000);
  const query = "metadata['order_id']:'ord_found'";
  const found = await stripe.paymentIntents.search({ query });
  assert.deepEqual(found.data.map(({ id }) => id), [held.id]);
});

test('an authorization is raised before it is captured', async () => {
  const held = await pay('pm_card_visa', { capture_method: 'manual' });
  const raised = await stripe.paymentIntents.incrementAuthorization(held.id, { amount: 12_000 });
  assert.equal(raised.amount_capturable, 12_000);
  assert.equal((await stripe.paymentIntents.capture(held.id)).amount_received, 12_000);
});

test('a payment at risk is reviewed', async () => {
  const paid = await pay('pm_card_riskLevelElevated');
  await sim.simulator.advance(60);
  const { data } = await stripe.reviews.list({ limit: 1 });
  assert.equal(data[0].payment_intent, paid.id);
  assert.equal((await stripe.reviews.retrieve(data[0].id)).open, true);
  assert.equal((await stripe.reviews.approve(data[0].id)).closed_reason, 'approved');
});

test('charges are listed and searched', async () => {
  const paid = await pay('pm_card_visa', { metadata: { order_id: 'ord_charge' } });
  const { data } = await stripe.charges.search({ query: "metadata['order_id']:'ord_charge'" });
  assert.deepEqual(data.map(({ id }) => id), [paid.latest_charge]);
  const listed = await stripe.paymentIntents.list({ limit: 1 });
  assert.equal(listed.data[0].id, paid.id);
});

test('a card is charged without an intent, at once or in two steps', async () => {
  const card = { amount: 1_500, currency: 'usd', source: 'tok_visa' };
  const paid = await stripe.charges.create({ ...card, metadata: { order_id: 'ord_2' } });
  assert.equal(paid.status, 'succeeded');
  assert.equal(paid.payment_intent, null);
  const held = await stripe.charges.create({ ...card, capture: false });
  const captured = await stripe.charges.capture(held.id, { amount: 1_000 });
  assert.equal(captured.amount_captured, 1_000);
  const declined = stripe.charges.create({ ...card, source: 'tok_chargeDeclined' });
  await assert.rejects(declined, { type: 'StripeCardError', code: 'card_declined' });
});

test('a bank account is verified by small deposits', async () => {
  const asked = await stripe.paymentIntents.create({
    amount: 1_200,
    currency: 'usd',
    payment_method: 'pm_usBankAccount_success',
    allowed_payment_method_types: ['us_bank_account'],
    payment_method_options: { us_bank_account: { verification_method: 'microdeposits' } },
    confirm: true,
    return_url: 'https://shop.example/done',
  });
  assert.equal(asked.next_action.type, 'verify_with_microdeposits');
  const verified = await stripe.paymentIntents.verifyMicrodeposits(asked.id, { amounts: [32, 45] });
  assert.equal(verified.status, 'processing');
});

test('an amount may be told item by item', async () => {
  const { id, amount_details } = await stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'usd',
    amount_details: {
      line_items: [{ product_name: 'Mug', quantity: 2, unit_cost: 450 }],
      shipping: { amount: 100 },
    },
  });
  assert.equal(amount_details.shipping.amount, 100);
  const { data } = await stripe.paymentIntents.listAmountDetailsLineItems(id);
  assert.equal(data[0].unit_cost, 450);
});
