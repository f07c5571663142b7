// Invoices, their items and payments, credit notes, and customers' credit.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from './client.mjs';

let sim, stripe, customer;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
  customer = (await stripe.customers.create({ email: 'inv@example.com' })).id;
  const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
});
after(() => sim?.stop());

/** A draft with one item of 20.00. */
async function draft(more = {}) {
  const invoice = await stripe.invoices.create({
    customer,
    currency: 'usd',
    collection_method: 'charge_automatically',
    auto_advance: false,
    ...more,
  });
  await stripe.invoiceItems.create({
    customer,
    invoice: invoice.id,
    currency: 'usd',
    amount: 2_000,
    description: 'Work',
  });
  return invoice.id;
}

test('an invoice is drawn up, finalized and paid', async () => {
  const id = await draft({ metadata: { order_id: 'ord_inv' } });
  const updated = await stripe.invoices.update(id, { description: 'For work' });
  assert.equal(updated.status, 'draft');
  const open = await stripe.invoices.finalizeInvoice(id);
  assert.equal(open.status, 'open');
  assert.equal(open.amount_due, 2_000);
  assert.ok(open.hosted_invoice_url);
  const paid = await stripe.invoices.pay(id, { expand: ['payments'] });
  assert.equal(paid.status, 'paid');
  const [payment] = paid.payments.data;
  assert.equal((await stripe.invoicePayments.retrieve(payment.id)).amount_paid, 2_000);
  assert.equal((await stripe.invoicePayments.list({ invoice: id })).data.length, 1);
  const lines = await stripe.invoices.listLineItems(id);
  assert.equal(lines.data[0].amount, 2_000);
  const found = await stripe.invoices.search({ query: "metadata['order_id']:'ord_inv'" });
  assert.equal(found.data[0].id, id);
});

test('invoice items', async () => {
  const item = await stripe.invoiceItems.create({ customer, currency: 'usd', amount: 500 });
  const updated = await stripe.invoiceItems.update(item.id, { description: 'More work' });
  assert.equal(updated.description, 'More work');
  assert.equal((await stripe.invoiceItems.retrieve(item.id)).amount, 500);
  assert.equal((await stripe.invoiceItems.list({ customer, pending: true })).data.length, 1);
  assert.equal((await stripe.invoiceItems.del(item.id)).deleted, true);
});

test('an invoice is sent, voided, written off, or deleted', async () => {
  const sent = await draft({ collection_method: 'send_invoice', days_until_due: 14 });
  assert.equal((await stripe.invoices.sendInvoice(sent)).status, 'open');
  assert.equal((await stripe.invoices.voidInvoice(sent)).status, 'void');
  const bad = await draft();
  await stripe.invoices.finalizeInvoice(bad);
  assert.equal((await stripe.invoices.markUncollectible(bad)).status, 'uncollectible');
  const gone = await draft();
  assert.equal((await stripe.invoices.del(gone)).deleted, true);
  assert.ok((await stripe.invoices.list({ customer, status: 'void' })).data.length === 1);
});

test('an invoice of nothing is refused; a declined one stays open', async () => {
  const empty = await stripe.invoices.create({ customer, auto_advance: false });
  await assert.rejects(stripe.invoices.finalizeInvoice(empty.id), { statusCode: 400 });
  const id = await draft();
  await stripe.invoices.finalizeInvoice(id);
  const method = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  const refused = stripe.invoices.pay(id, { payment_method: method.id });
  await assert.rejects(refused, { type: 'StripeCardError' });
  assert.equal((await stripe.invoices.retrieve(id)).status, 'open');
  const outside = await stripe.invoices.pay(id, { paid_out_of_band: true });
  assert.equal(outside.status, 'paid');
});

test('a preview keeps nothing', async () => {
  const { id } = await stripe.customers.create({});
  const preview = await stripe.invoices.createPreview({
    customer: id,
    invoice_items: [{ amount: 700, currency: 'usd' }],
  });
  assert.equal(preview.total, 700);
  assert.equal((await stripe.invoiceItems.list({ customer: id })).data.length, 0);
});

test('lines are added, changed and removed', async () => {
  const id = await draft();
  const added = await stripe.invoices.addLines(id, {
    lines: [{ amount: 300, description: 'Postage' }],
  });
  assert.equal(added.total, 2_300);
  const line = added.lines.data.find(({ amount }) => amount === 300);
  const changed = await stripe.invoices.updateLineItem(id, line.id, { amount: 400 });
  assert.equal(changed.amount, 400);
  const again = await stripe.invoices.updateLines(id, { lines: [{ id: line.id, amount: 500 }] });
  assert.equal(again.total, 2_500);
  const less = await stripe.invoices.removeLines(id, {
    lines: [{ id: line.id, behavior: 'delete' }],
  });
  assert.equal(less.total, 2_000);
});

test('credit notes', async () => {
  const id = await draft();
  await stripe.invoices.finalizeInvoice(id);
  await stripe.invoices.pay(id);
  const preview = await stripe.creditNotes.preview({
    invoice: id,
    amount: 500,
    refund_amount: 500,
  });
  assert.equal(preview.amount, 500);
  const { data } = await stripe.creditNotes.listPreviewLineItems({
    invoice: id,
    amount: 500,
    refund_amount: 500,
  });
  assert.equal(data[0].amount, preview.lines.data[0].amount);
  const note = await stripe.creditNotes.create({ invoice: id, amount: 500, refund_amount: 500 });
  assert.equal(note.status, 'issued');
  assert.equal((await stripe.creditNotes.update(note.id, { memo: 'Sorry' })).memo, 'Sorry');
  assert.equal((await stripe.creditNotes.retrieve(note.id)).invoice, id);
  assert.equal((await stripe.creditNotes.list({ invoice: id })).data.length, 1);
  await stripe.creditNotes.listLineItems(note.id);
  const open = await draft();
  await stripe.invoices.finalizeInvoice(open);
  const other = await stripe.creditNotes.create({ invoice: open, amount: 500 });
  assert.equal((await stripe.creditNotes.voidCreditNote(other.id)).status, 'void');
});

test('credit of a customer pays the next invoice', async () => {
  const given = await stripe.customers.createBalanceTransaction(customer, {
    amount: -1_500,
    currency: 'usd',
    description: 'A present',
  });
  assert.equal(given.ending_balance, -1_500);
  await stripe.customers.updateBalanceTransaction(customer, given.id, { metadata: { a: 'b' } });
  const id = await draft();
  const open = await stripe.invoices.finalizeInvoice(id);
  assert.equal(open.amount_due, 500);
  const { data } = await stripe.customers.listBalanceTransactions(customer);
  assert.equal(data.length, 2);
  const one = await stripe.customers.retrieveBalanceTransaction(customer, given.id);
  assert.equal(one.amount, -1_500);
});

test('a payment made elsewhere is attached', async () => {
  const id = await draft();
  const { amount_due: amount } = await stripe.invoices.finalizeInvoice(id);
  const paid = await stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    customer,
    payment_method: 'pm_card_visa',
    confirm: true,
    off_session: true,
  });
  const settled = await stripe.invoices.attachPayment(id, { payment_intent: paid.id });
  assert.equal(settled.status, 'paid');
});
