// Refunds, disputes and early fraud warnings.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from './client.mjs';

const day = 24 * 3_600;
let sim, stripe;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
});
after(() => sim?.stop());

const pay = (method, more = {}) =>
  stripe.paymentIntents.create({
    amount: 10_000,
    currency: 'usd',
    payment_method: method,
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    ...more,
  });

test('a payment is refunded in parts, and not beyond', async () => {
  const paid = await pay('pm_card_visa');
  const part = await stripe.refunds.create({
    payment_intent: paid.id,
    amount: 4_000,
    reason: 'requested_by_customer',
    metadata: { ticket: '7' },
  });
  assert.equal(part.status, 'succeeded');
  const updated = await stripe.refunds.update(part.id, { metadata: { ticket: '8' } });
  assert.equal(updated.metadata.ticket, '8');
  await stripe.refunds.create({ charge: paid.latest_charge });
  const charge = await stripe.charges.retrieve(paid.latest_charge, { expand: ['refunds'] });
  assert.equal(charge.amount_refunded, 10_000);
  assert.equal(charge.refunded, true);
  assert.equal(charge.refunds.data.length, 2);
  const again = stripe.refunds.create({ payment_intent: paid.id });
  await assert.rejects(again, { code: 'charge_already_refunded' });
  const { data } = await stripe.refunds.list({ payment_intent: paid.id });
  assert.equal(data.length, 2);
  assert.equal((await stripe.refunds.retrieve(part.id)).id, part.id);
});

test('a refund waits and succeeds, or fails afterwards', async () => {
  const slow = await pay('pm_card_pendingRefund');
  const pending = await stripe.refunds.create({ payment_intent: slow.id });
  assert.equal(pending.status, 'pending');
  const doomed = await pay('pm_card_refundFail');
  const failing = await stripe.refunds.create({ payment_intent: doomed.id });
  await sim.simulator.advance(10 * day);
  assert.equal((await stripe.refunds.retrieve(pending.id)).status, 'succeeded');
  const failed = await stripe.refunds.retrieve(failing.id);
  assert.equal(failed.status, 'failed');
  assert.match(failed.failure_balance_transaction, /^txn_/);
});

/** A payment that its buyer disputes at once: the dispute. */
async function disputed(method) {
  const paid = await pay(method);
  const { data } = await stripe.disputes.list({ payment_intent: paid.id });
  assert.equal(data.length, 1);
  return data[0];
}

for (const [text, status] of [['winning_evidence', 'won'], ['losing_evidence', 'lost']]) {
  test(`a dispute is ${status}`, async () => {
    const opened = await disputed('pm_card_createDispute');
    assert.equal(opened.status, 'needs_response');
    assert.equal(opened.amount, 10_000);
    const answered = await stripe.disputes.update(opened.id, {
      evidence: { uncategorized_text: text, customer_name: 'Ada' },
      submit: true,
    });
    assert.equal(answered.evidence_details.submission_count, 1);
    await sim.simulator.advance(100 * day);
    const closed = await stripe.disputes.retrieve(opened.id, {
      expand: ['balance_transactions'],
    });
    assert.equal(closed.status, status);
    assert.equal(closed.balance_transactions.length, status === 'won' ? 2 : 1);
  });
}

test('a dispute is given up', async () => {
  const opened = await disputed('pm_card_createDisputeProductNotReceived');
  assert.equal(opened.reason, 'product_not_received');
  assert.equal((await stripe.disputes.close(opened.id)).status, 'lost');
});

test('an inquiry costs nothing and is closed', async () => {
  const inquiry = await disputed('pm_card_createDisputeInquiry');
  assert.equal(inquiry.status, 'warning_needs_response');
  assert.deepEqual(inquiry.balance_transactions, []);
  await stripe.disputes.update(inquiry.id, { metadata: { looked_at: 'yes' } });
});

test('an issuer warns early of fraud', async () => {
  const paid = await pay('pm_card_createIssuerFraudRecord');
  const { data } = await stripe.radar.earlyFraudWarnings.list({ payment_intent: paid.id });
  assert.equal(data[0].actionable, true);
  const warning = await stripe.radar.earlyFraudWarnings.retrieve(data[0].id);
  assert.equal(warning.charge, paid.latest_charge);
});

test('a refund that is done is neither canceled nor expired', async () => {
  const paid = await pay('pm_card_visa');
  const { id } = await stripe.refunds.create({ payment_intent: paid.id });
  const code = 'status_transition_invalid';
  await assert.rejects(stripe.refunds.cancel(id), { code });
  await assert.rejects(stripe.testHelpers.refunds.expire(id), { code });
});
