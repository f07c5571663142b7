// Money between accounts: destination charges, transfers, fees, payouts, top-ups, balances.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from './client.mjs';

const day = 24 * 3_600;
let sim, stripe, seller;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
  await stripe.balanceSettings.update({
    payments: { payouts: { schedule: { interval: 'manual' } } },
  });
  seller = await make_seller();
});
after(() => sim?.stop());

async function make_seller() {
  const { id } = await stripe.accounts.create({
    type: 'express',
    country: 'US',
    capabilities: { transfers: { requested: true }, card_payments: { requested: true } },
  });
  await sim.simulator.page('POST', `/_sim/accounts/${id}/complete`, {});
  await stripe.balanceSettings.update(
    { payments: { payouts: { schedule: { interval: 'manual' } } } },
    { stripeAccount: id },
  );
  return id;
}

const sell = (destination, more = {}) =>
  stripe.paymentIntents.create({
    amount: 10_000,
    currency: 'usd',
    payment_method: 'pm_card_bypassPending',
    confirm: true,
    capture_method: 'automatic',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    application_fee_amount: 1_000,
    transfer_data: { destination },
    expand: ['latest_charge.transfer', 'latest_charge.balance_transaction'],
    ...more,
  });

const available = async (options) => {
  const balance = await stripe.balance.retrieve({}, options);
  return balance.available.find(({ currency }) => currency === 'usd')?.amount ?? 0;
};

test('a destination charge pays the seller and the fee', async () => {
  const there = { stripeAccount: seller };
  const before_it = await available(there);
  const { latest_charge: charge } = await sell(seller);
  assert.equal(charge.balance_transaction.net, 9_680);
  assert.equal(charge.transfer.amount, 10_000);
  const fee = await stripe.applicationFees.retrieve(charge.application_fee);
  assert.equal(fee.amount, 1_000);
  assert.equal(await available(there), before_it + 9_000);
  const payment = charge.transfer.destination_payment;
  const { data } = await stripe.applicationFees.list({ charge: payment });
  assert.equal(data[0].id, fee.id);
  const paid = await stripe.charges.retrieve(payment, {}, there);
  assert.equal(paid.amount, 10_000);
});

test('a refund takes back the transfer and the fee', async () => {
  const paid = await sell(seller);
  const refund = await stripe.refunds.create({
    payment_intent: paid.id,
    amount: 5_000,
    reverse_transfer: true,
    refund_application_fee: true,
  });
  assert.match(refund.transfer_reversal, /^trr_/);
  const transfer = await stripe.transfers.retrieve(paid.latest_charge.transfer.id);
  assert.equal(transfer.amount_reversed, 5_000);
  const fee = await stripe.applicationFees.retrieve(paid.latest_charge.application_fee);
  assert.equal(fee.amount_refunded, 500);
});

test('a fee is given back in part', async () => {
  const { latest_charge: charge } = await sell(seller);
  const fee = charge.application_fee;
  const back = await stripe.applicationFees.createRefund(fee, { amount: 300 });
  const updated = await stripe.applicationFees.updateRefund(fee, back.id, {
    metadata: { why: 'sorry' },
  });
  assert.equal(updated.metadata.why, 'sorry');
  assert.equal((await stripe.applicationFees.retrieveRefund(fee, back.id)).amount, 300);
  assert.equal((await stripe.applicationFees.listRefunds(fee)).data.length, 1);
});

test('transfers and reversals', async () => {
  await stripe.topups.create({ amount: 50_000, currency: 'usd', description: 'Float' });
  await sim.simulator.advance(2 * day);
  const transfer = await stripe.transfers.create({
    amount: 2_000,
    currency: 'usd',
    destination: seller,
    transfer_group: 'group_1',
  });
  const updated = await stripe.transfers.update(transfer.id, { description: 'Bonus' });
  assert.equal(updated.description, 'Bonus');
  const reversal = await stripe.transfers.createReversal(transfer.id, { amount: 500 });
  await stripe.transfers.updateReversal(transfer.id, reversal.id, { metadata: { why: 'wrong' } });
  assert.equal((await stripe.transfers.retrieveReversal(transfer.id, reversal.id)).amount, 500);
  assert.equal((await stripe.transfers.listReversals(transfer.id)).data.length, 1);
  const { data } = await stripe.transfers.list({ transfer_group: 'group_1' });
  assert.equal(data[0].amount_reversed, 500);
  const too_much = stripe.transfers.create({
    amount: 90_000_000,
    currency: 'usd',
    destination: seller,
  });
  await assert.rejects(too_much, { code: 'balance_insufficient' });
});

test('a payout arrives, is canceled, is reversed, or fails', async () => {
  const there = { stripeAccount: seller };
  await sell(seller);
  const payout = await stripe.payouts.create({ amount: 3_000, currency: 'usd' }, there);
  assert.equal(payout.status, 'pending');
  await stripe.payouts.update(payout.id, { metadata: { run: '1' } }, there);
  const other = await stripe.payouts.create({ amount: 1_000, currency: 'usd' }, there);
  assert.equal((await stripe.payouts.cancel(other.id, {}, there)).status, 'canceled');
  await sim.simulator.advance(5 * day);
  assert.equal((await stripe.payouts.retrieve(payout.id, {}, there)).status, 'paid');
  assert.equal((await stripe.payouts.reverse(payout.id, {}, there)).original_payout, payout.id);
  assert.ok((await stripe.payouts.list({ limit: 5 }, there)).data.length >= 2);

  const unlucky = await make_seller();
  const its = { stripeAccount: unlucky };
  await stripe.accounts.createExternalAccount(unlucky, {
    external_account: {
      object: 'bank_account',
      country: 'US',
      currency: 'usd',
      routing_number: '110000000',
      account_number: '000111111116',
    },
    default_for_currency: true,
  });
  await sell(unlucky);
  const doomed = await stripe.payouts.create({ amount: 3_000, currency: 'usd' }, its);
  await sim.simulator.advance(6 * day);
  const failed = await stripe.payouts.retrieve(doomed.id, {}, its);
  assert.equal(failed.status, 'failed');
  assert.equal(failed.failure_code, 'no_account');
});

test('top-ups', async () => {
  const topup = await stripe.topups.create({ amount: 2_500, currency: 'usd' });
  await stripe.topups.update(topup.id, { description: 'More' });
  assert.equal((await stripe.topups.list({ limit: 1 })).data[0].id, topup.id);
  await sim.simulator.advance(3 * day);
  assert.equal((await stripe.topups.retrieve(topup.id)).status, 'succeeded');
  const canceled = stripe.topups.cancel(topup.id);
  await assert.rejects(canceled, { statusCode: 400 });
});

test('balance transactions are listed by what they are', async () => {
  const { data } = await stripe.balanceTransactions.list({ type: 'charge', limit: 2 });
  assert.equal(data[0].type, 'charge');
  const one = await stripe.balanceTransactions.retrieve(data[0].id, { expand: ['source'] });
  assert.equal(one.source.object, 'charge');
  const { imbalances } = await sim.simulator.state();
  assert.deepEqual(imbalances, []);
});
