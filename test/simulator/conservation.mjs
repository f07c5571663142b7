#!/usr/bin/env node
// A seeded run of sales, refunds, disputes, transfers and payouts, and then a marketplace of the
// generator's, after which every cent is found.
//
//   node test/simulator/conservation.mjs [--seed N] [--steps N]
//
// For each account and currency, available + pending + reserved is the sum of the balance
// transactions that the API lists; and the same seed gives the same world. Exit code 1: not so.
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { Stripe } from '../../tools/node/packages.mjs';
import { Random } from './random.mjs';
import { api_key, start_simulator } from './simulator.mjs';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '7' }, steps: { type: 'string', default: '300' } },
});
const hour = 3_600;
const day = 24 * hour;
const start_time = 1_790_000_000;
const market = { sellers: 8, buyers: 40, orders: 300, days: 30 };
const currencies = ['usd', 'usd', 'usd', 'eur', 'jpy', 'kwd'];
const cards = [
  ...['pm_card_visa', 'pm_card_visa', 'pm_card_mastercard', 'pm_card_bypassPending'],
  ...['pm_card_bypassPending', 'pm_card_gb', 'pm_card_visa_chargeDeclined', 'pm_card_refundFail'],
  ...['pm_card_pendingRefund', 'pm_card_createDispute', 'pm_card_createDisputeInquiry'],
];

/** One marketplace over the SDK: what it did is told by the simulator afterwards. */
class Run {
  sellers = [];
  payments = [];
  refused = 0;

  constructor(simulator, random) {
    this.simulator = simulator;
    this.random = random;
    const { port } = simulator;
    const settings = { host: '127.0.0.1', port, protocol: 'http', telemetry: false };
    this.stripe = new Stripe(api_key, { ...settings, maxNetworkRetries: 0 });
  }

  /** A refusal is a fair answer; the money must be right after it too. */
  async attempt(request) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeError) || error.statusCode >= 500) throw error;
      ++this.refused;
      return undefined;
    }
  }

  async onboard(country) {
    const { id } = await this.stripe.accounts.create({
      type: 'express',
      country,
      capabilities: { transfers: { requested: true }, card_payments: { requested: true } },
    });
    await this.simulator.page('POST', `/_sim/accounts/${id}/complete`, {});
    this.sellers.push(id);
  }

  async sell() {
    const { random } = this;
    const currency = random.of(currencies);
    const amount = random.between(20, 2_000) * 10 * (currency === 'kwd' ? 10 : 1);
    const is_for_seller = random.chance(70);
    const payment = await this.attempt(() =>
      this.stripe.paymentIntents.create({
        amount,
        currency,
        payment_method: random.of(cards),
        confirm: true,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        capture_method: random.chance(15) ? 'manual' : 'automatic',
        ...(is_for_seller && {
          application_fee_amount: Math.floor(amount / random.between(5, 20)),
          transfer_data: { destination: random.of(this.sellers) },
        }),
      }));
    if (payment) this.payments.push({ id: payment.id, amount, is_for_seller });
  }

  async capture() {
    if (this.payments.length === 0) return;
    const { id, amount } = this.random.of(this.payments);
    const amount_to_capture = this.random.between(amount / 2, amount);
    await this.attempt(() => this.stripe.paymentIntents.capture(id, { amount_to_capture }));
  }

  async refund() {
    if (this.payments.length === 0) return;
    const { id, amount, is_for_seller } = this.random.of(this.payments);
    const takes_back = is_for_seller && this.random.chance(70);
    await this.attempt(() =>
      this.stripe.refunds.create({
        payment_intent: id,
        ...(this.random.chance(60) && { amount: this.random.between(1, amount) }),
        ...(takes_back && { reverse_transfer: true, refund_application_fee: true }),
      }));
  }

  async answer_dispute() {
    const { data } = await this.stripe.disputes.list({ limit: 100 });
    if (data.length === 0) return;
    const { id } = this.random.of(data);
    const text = this.random.of(['winning_evidence', 'losing_evidence']);
    const evidence = { uncategorized_text: text };
    await this.attempt(() => this.stripe.disputes.update(id, { evidence, submit: true }));
  }

  async transfer() {
    const destination = this.random.of(this.sellers);
    const amount = this.random.between(100, 5_000);
    const made = await this.attempt(() =>
      this.stripe.transfers.create({ amount, currency: 'usd', destination }));
    if (!made || this.random.chance(50)) return;
    const part = { amount: this.random.between(1, amount) };
    await this.attempt(() => this.stripe.transfers.createReversal(made.id, part));
  }

  async pay_out() {
    const account = this.random.of([undefined, ...this.sellers]);
    const order = { amount: this.random.between(100, 3_000), currency: 'usd' };
    await this.attempt(() => this.stripe.payouts.create(order, { stripeAccount: account }));
  }

  async step() {
    const { random } = this;
    const dice = random.below(100);
    if (dice < 50) await this.sell();
    else if (dice < 56) await this.capture();
    else if (dice < 70) await this.refund();
    else if (dice < 75) await this.answer_dispute();
    else if (dice < 82) await this.transfer();
    else if (dice < 88) await this.pay_out();
    else if (dice < 90) await this.stripe.topups.create({ amount: 10_000, currency: 'usd' });
    else await this.simulator.advance(random.between(1, 3 * 24) * hour);
  }

  async all(steps) {
    for (const country of ['US', 'US', 'DE', 'JP']) await this.onboard(country);
    for (let i = 0; i < steps; ++i) await this.step();
  }

  /** Compares each currency of an account's balance with its balance transactions: the rows. */
  async audit(account) {
    const options = { stripeAccount: account };
    const sums = new Map();
    const transactions = this.stripe.balanceTransactions.list({ limit: 100 }, options);
    for await (const { currency, net } of transactions) {
      const { count, total } = sums.get(currency) ?? { count: 0, total: 0 };
      sums.set(currency, { count: count + 1, total: total + net });
    }
    const balance = await this.stripe.balance.retrieve({}, options);
    const { balances } = await this.simulator.state();
    const own = balances[account ?? (await this.stripe.accounts.retrieveCurrent()).id] ?? {};
    const shown = new Map();
    for (const part of [...balance.available, ...balance.pending]) {
      shown.set(part.currency, (shown.get(part.currency) ?? 0) + part.amount);
    }
    return Object.entries(own).map(([currency, { available, pending, reserved }]) => ({
      account: account ?? 'platform',
      currency,
      held: available + pending + reserved,
      shown: (shown.get(currency) ?? 0) + reserved,
      ...(sums.get(currency) ?? { count: 0, total: 0 }),
    }));
  }
}

async function run_once() {
  const simulator = await start_simulator({
    seed: Number(values.seed),
    args: ['--start', String(start_time)],
  });
  try {
    const run = new Run(simulator, new Random(Number(values.seed)));
    await run.all(Number(values.steps));
    await simulator.advance(day);
    const plan = { ...market, seed: Number(values.seed) };
    await simulator.page('POST', '/_sim/marketplace', plan);
    const accounts = [undefined];
    for await (const { id } of run.stripe.accounts.list({ limit: 100 })) accounts.push(id);
    const rows = [];
    for (const account of accounts) rows.push(...(await run.audit(account)));
    return { run, rows, state: await simulator.state() };
  } finally {
    await simulator.stop();
  }
}

const { run, rows, state } = await run_once();
let wrong = 0;
for (const { account, currency, held, shown, total, count } of rows) {
  const is_right = held === total && shown === total;
  if (!is_right) ++wrong;
  const verdict = is_right ? 'ok   ' : 'WRONG';
  const summed = `${count} transactions make ${total}`;
  console.log(`${verdict} ${account} ${currency}: holds ${held}, ${summed}`);
}
for (const line of state.imbalances) console.log(`WRONG ${line}`);
const again = await run_once();
assert.deepEqual(again.state, state, 'the same seed must give the same world');
const imbalances = wrong + state.imbalances.length;
console.log(`${values.steps} steps, ${run.payments.length} payments, ${run.refused} refusals, ` +
  `${market.orders} orders of a marketplace, ` +
  `${state.events.count} events: the same world twice, ${imbalances} imbalances`);
process.exitCode = imbalances > 0 ? 1 : 0;
