// Customers and what belongs to them: payment methods, setup intents, cash, tax ids, sources.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from './client.mjs';

let sim, stripe;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
});
after(() => sim?.stop());

const card = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' };

test('a customer lives, changes and goes', async () => {
  const made = await stripe.customers.create({
    email: 'ada@example.com',
    name: 'Ada',
    address: { line1: '1 Analytical St', city: 'London', country: 'GB' },
    metadata: { user_id: 'user_1' },
  });
  const updated = await stripe.customers.update(made.id, {
    name: 'Ada L.',
    phone: '+441234567890',
    metadata: { user_id: '', level: 'gold' },
  });
  assert.deepEqual(updated.metadata, { level: 'gold' });
  const { data } = await stripe.customers.list({ email: 'ada@example.com' });
  assert.deepEqual(data.map(({ id }) => id), [made.id]);
  const found = await stripe.customers.search({ query: "email:'ada@example.com'" });
  assert.equal(found.data[0].id, made.id);
  const gone = await stripe.customers.del(made.id);
  assert.equal(gone.deleted, true);
  assert.equal((await stripe.customers.retrieve(made.id)).deleted, true);
});

test('payment methods are made, attached, listed, changed and detached', async () => {
  const customer = await stripe.customers.create({});
  const method = await stripe.paymentMethods.create({
    type: 'card',
    card,
    billing_details: { name: 'Ada' },
  });
  assert.equal(method.card.last4, '4242');
  await stripe.paymentMethods.attach(method.id, { customer: customer.id });
  const updated = await stripe.paymentMethods.update(method.id, {
    billing_details: { email: 'ada@example.com' },
    metadata: { kind: 'first' },
  });
  assert.equal(updated.billing_details.email, 'ada@example.com');
  const { data } = await stripe.paymentMethods.list({ customer: customer.id, type: 'card' });
  assert.deepEqual(data.map(({ id }) => id), [method.id]);
  const listed = await stripe.customers.listPaymentMethods(customer.id);
  assert.equal(listed.data.length, 1);
  const own = await stripe.customers.retrievePaymentMethod(customer.id, method.id);
  assert.equal(own.id, method.id);
  const detached = await stripe.paymentMethods.detach(method.id);
  assert.equal(detached.customer, null);
});

test('a setup intent makes a card ready for later', async () => {
  const customer = await stripe.customers.create({});
  const intent = await stripe.setupIntents.create({
    customer: customer.id,
    usage: 'off_session',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  assert.equal(intent.status, 'requires_payment_method');
  await stripe.setupIntents.update(intent.id, { description: 'For renewals' });
  const done = await stripe.setupIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
  assert.equal(done.status, 'succeeded');
  const method = await stripe.paymentMethods.retrieve(done.payment_method);
  assert.equal(method.customer, customer.id);
  const attempts = await stripe.setupAttempts.list({ setup_intent: intent.id });
  assert.equal(attempts.data[0].status, 'succeeded');
  const paid = await stripe.paymentIntents.create({
    amount: 900,
    currency: 'usd',
    customer: customer.id,
    payment_method: method.id,
    off_session: true,
    confirm: true,
  });
  assert.equal(paid.status, 'succeeded');
});

test('a setup intent is canceled, listed, or fails', async () => {
  const made = await stripe.setupIntents.create({});
  const canceled = await stripe.setupIntents.cancel(made.id, { cancellation_reason: 'abandoned' });
  assert.equal(canceled.status, 'canceled');
  const { data } = await stripe.setupIntents.list({ limit: 1 });
  assert.equal(data[0].id, made.id);
  const refused = stripe.setupIntents.create({
    confirm: true,
    payment_method: 'pm_card_chargeDeclined',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  await assert.rejects(refused, { type: 'StripeCardError', code: 'card_declined' });
});

test('a confirmation token pays', async () => {
  const token = await stripe.testHelpers.confirmationTokens.create({
    payment_method: 'pm_card_visa',
  });
  assert.equal((await stripe.confirmationTokens.retrieve(token.id)).id, token.id);
  const paid = await stripe.paymentIntents.create({
    amount: 700,
    currency: 'usd',
    confirmation_token: token.id,
    confirm: true,
    return_url: 'https://shop.example/done',
    automatic_payment_methods: { enabled: true },
  });
  assert.equal(paid.status, 'succeeded');
});

test('cash of a customer pays', async () => {
  const customer = await stripe.customers.create({ email: 'cash@example.com' });
  await stripe.customers.createFundingInstructions(customer.id, {
    bank_transfer: { type: 'eu_bank_transfer', eu_bank_transfer: { country: 'DE' } },
    currency: 'usd',
    funding_type: 'bank_transfer',
  });
  await stripe.testHelpers.customers.fundCashBalance(customer.id, { amount: 500, currency: 'usd' });
  const balance = await stripe.customers.retrieveCashBalance(customer.id);
  assert.equal(balance.available.usd, 500);
  const { data } = await stripe.customers.listCashBalanceTransactions(customer.id);
  assert.equal(data.at(-1).type, 'funded');
  const one = await stripe.customers.retrieveCashBalanceTransaction(customer.id, data[0].id);
  assert.equal(one.id, data[0].id);
  await stripe.customers.updateCashBalance(customer.id, {
    settings: { reconciliation_mode: 'manual' },
  });
  const waiting = await stripe.paymentIntents.create({
    amount: 600,
    currency: 'usd',
    customer: customer.id,
    allowed_payment_method_types: ['customer_balance'],
    payment_method_data: { type: 'customer_balance' },
    payment_method_options: {
      customer_balance: {
        funding_type: 'bank_transfer',
        bank_transfer: { type: 'us_bank_transfer' },
      },
    },
    confirm: true,
    return_url: 'https://shop.example/done',
  });
  assert.equal(waiting.status, 'requires_action');
  await stripe.testHelpers.customers.fundCashBalance(customer.id, { amount: 100, currency: 'usd' });
  const applied = await stripe.paymentIntents.applyCustomerBalance(waiting.id);
  assert.equal(applied.status, 'succeeded');
});

test('tax ids and sources', async () => {
  const customer = await stripe.customers.create({});
  const tax = await stripe.customers.createTaxId(customer.id, {
    type: 'eu_vat',
    value: 'DE123456789',
  });
  assert.equal((await stripe.customers.retrieveTaxId(customer.id, tax.id)).value, 'DE123456789');
  assert.equal((await stripe.customers.listTaxIds(customer.id)).data.length, 1);
  assert.equal((await stripe.customers.deleteTaxId(customer.id, tax.id)).deleted, true);
  const own = await stripe.taxIds.create({ type: 'gb_vat', value: 'GB123456789' });
  assert.equal((await stripe.taxIds.retrieve(own.id)).id, own.id);
  await stripe.taxIds.list({ limit: 3 });
  await stripe.taxIds.del(own.id);

  const source = await stripe.customers.createSource(customer.id, { source: 'tok_visa' });
  const changed = await stripe.customers.updateSource(customer.id, source.id, { name: 'Ada' });
  assert.equal(changed.name, 'Ada');
  assert.equal((await stripe.customers.retrieveSource(customer.id, source.id)).id, source.id);
  assert.equal((await stripe.customers.listSources(customer.id)).data.length, 1);
  assert.equal((await stripe.customers.deleteSource(customer.id, source.id)).deleted, true);
});

test('tokens stand for bank accounts', async () => {
  const token = await stripe.tokens.create({
    bank_account: {
      country: 'US',
      currency: 'usd',
      routing_number: '110000000',
      account_number: '000123456789',
    },
  });
  assert.equal((await stripe.tokens.retrieve(token.id)).bank_account.last4, '6789');
});

test('a discount of a customer ends', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'forever' });
  const { id } = await stripe.customers.create({});
  const { promotion } = await stripe.promotionCodes.create({
    promotion: { type: 'coupon', coupon: coupon.id },
    customer: id,
  });
  assert.equal(promotion.coupon, coupon.id);
  const nothing = stripe.customers.deleteDiscount(id);
  await assert.rejects(nothing, { code: 'resource_missing' });
});

test('a bank account is debited under a mandate', async () => {
  const customer = await stripe.customers.create({ name: 'Ada', email: 'ada@example.com' });
  const intent = await stripe.setupIntents.create({
    customer: customer.id,
    payment_method: 'pm_usBankAccount_success',
    confirm: true,
    allowed_payment_method_types: ['us_bank_account'],
    mandate_data: { customer_acceptance: { type: 'offline', offline: {} } },
  });
  assert.equal(intent.status, 'succeeded');
  const mandate = await stripe.mandates.retrieve(intent.mandate);
  assert.equal(mandate.status, 'active');
  assert.equal((await stripe.setupIntents.retrieve(intent.id)).mandate, mandate.id);
});

test('a bank account is set up by small deposits', async () => {
  const asked = await stripe.setupIntents.create({
    payment_method: 'pm_usBankAccount_success',
    confirm: true,
    allowed_payment_method_types: ['us_bank_account'],
    payment_method_options: { us_bank_account: { verification_method: 'microdeposits' } },
    mandate_data: { customer_acceptance: { type: 'offline', offline: {} } },
  });
  assert.equal(asked.next_action.type, 'verify_with_microdeposits');
  const done = await stripe.setupIntents.verifyMicrodeposits(asked.id, {
    descriptor_code: 'SM11AA',
  });
  assert.equal(done.status, 'succeeded');
});

test('a customer session lets a payment element know the customer', async () => {
  const { id } = await stripe.customers.create({ name: 'Ada' });
  const session = await stripe.customerSessions.create({
    customer: id,
    components: { payment_element: { enabled: true } },
  });
  assert.equal(session.customer, id);
  assert.match(session.client_secret, /^cuss_secret_/);
});
