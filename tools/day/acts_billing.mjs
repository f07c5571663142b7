// Checkout and subscriptions, as the events that Stripe sends about them.
import { invoice, invoicePayment, session, subscription } from './billing.mjs';
import { customer } from './people.mjs';
import { change } from './world.mjs';
import { paymentIntent, paymentMethod } from './payments.mjs';
import { decline, order, pay, settled } from './acts_payments.mjs';

/** A purchase in Checkout: the marketplace's ids are on the session, the intent knows none. */
export function checkout(world, { amount, fee, seller, buyer, metadata, reference }) {
  world.by();
  const page = session(world, { amount, currency: 'usd', buyer, metadata, reference });
  const sale = order(world, { amount, currency: 'usd', fee, seller, buyer, metadata: {} });
  world.later(2);
  pay(world, sale, { settle: false });
  Object.assign(page, { customer: buyer.id, payment_intent: sale.intent.id, payment_status: 'paid', status: 'complete', url: null });
  world.emit('checkout.session.completed', page);
  settled(world, sale);
  return { ...sale, page };
}

/** A page that nobody finished. */
export function abandon(world, { amount, metadata }) {
  world.by();
  const page = session(world, { amount, currency: 'usd', metadata });
  page.created -= 86400;
  page.expires_at -= 86400;
  Object.assign(page, { status: 'expired', url: null });
  world.emit('checkout.session.expired', page);
  return page;
}

/** Somebody subscribes: the subscription is incomplete until the first invoice is paid. */
export function subscribe(world, { plan, buyer, seller, metadata, period }) {
  world.by(`subscribe-${buyer.user}`);
  world.emit('customer.created', customer(world, buyer));
  const sub = subscription(world, { plan, buyer, seller, start: period[0], end: period[1], metadata });
  const contract = { sub, plan, buyer, seller, invoices: 0 };
  const bill = issue(world, contract, 'subscription_create', period);
  sub.latest_invoice = bill.invoice.id;
  world.emit('customer.subscription.created', sub);
  finalize(world, bill);
  world.later(20);
  settleBill(world, contract, bill, () => {
    world.emit('payment_method.attached', paymentMethod(bill.sale.intent, buyer));
    world.update('customer.subscription.updated', sub, { status: 'active', default_payment_method: buyer.card.id });
  });
  return contract;
}

function issue(world, contract, reason, [start, end]) {
  contract.invoices += 1;
  const number = `${contract.buyer.id.slice(4, 12).toUpperCase()}-000${contract.invoices}`;
  const bill = { invoice: invoice(world, { ...contract, number: null, reason, start, end }), number };
  world.emit('invoice.created', bill.invoice);
  const { plan, buyer, seller } = contract;
  bill.sale = {
    buyer, seller,
    terms: {
      amount: plan.amount, currency: plan.currency, buyer, seller, metadata: {}, capture: 'automatic',
      transferAmount: plan.sellerAmount, description: reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update',
    },
  };
  return bill;
}

function finalize(world, bill) {
  Object.assign(bill.invoice, {
    status: 'open', number: bill.number, effective_at: world.now, auto_advance: true,
    ending_balance: 0, hosted_invoice_url: `https://invoice.stripe.com/i/${bill.invoice.id}`,
    invoice_pdf: `https://pay.stripe.com/invoice/${bill.invoice.id}/pdf`,
  });
  bill.invoice.status_transitions.finalized_at = world.now;
  world.emit('invoice.finalized', bill.invoice);
  bill.sale.intent = paymentIntent(world, bill.sale.terms);
  world.emit('payment_intent.created', bill.sale.intent);
}

function settleBill(world, contract, bill, meanwhile = () => {}) {
  pay(world, bill.sale, { settle: false });
  const paid = bill.invoice;
  Object.assign(paid, {
    amount_paid: paid.total, amount_remaining: 0, attempt_count: paid.attempt_count + 1, attempted: true,
    next_payment_attempt: null, status: 'paid', webhooks_delivered_at: paid.created,
  });
  paid.status_transitions.paid_at = world.now;
  world.emit('invoice.paid', paid);
  world.emit('invoice.payment_succeeded', paid);
  meanwhile();
  settled(world, bill.sale);
  world.later(4);
  world.emit('invoice_payment.paid', invoicePayment(world, paid, bill.sale.intent));
}

/** Seven days before the end of a period; the preview can never be fetched again. */
export function announce(world, contract, period) {
  world.by();
  const preview = invoice(world, { ...contract, number: null, reason: 'upcoming', start: period[0], end: period[1] });
  Object.assign(preview, { id: `upcoming_${preview.id}`, auto_advance: false });
  world.emit('invoice.upcoming', preview);
}

/** A new period begins, before its money: first a draft invoice, an hour later the payment. */
export function renew(world, contract, period, refusal) {
  const { sub } = contract;
  world.by();
  const item = sub.items.data[0];
  const former = structuredClone(sub.items.data);
  change(item, { current_period_start: period[0], current_period_end: period[1] });
  const bill = issue(world, contract, 'subscription_cycle', period);
  const previous = { items: { data: former }, latest_invoice: sub.latest_invoice };
  sub.latest_invoice = bill.invoice.id;
  sub.default_payment_method = contract.buyer.card.id;
  world.emit('customer.subscription.updated', sub, { previous });
  world.later(3600);
  finalize(world, bill);
  world.later(2);
  if (refusal === undefined) settleBill(world, contract, bill);
  else refuse(world, contract, bill, refusal, world.now + 12 * 3600);
  return bill;
}

/** The renewal's card is declined; Stripe will try again, or not. */
export function refuse(world, contract, bill, reason, next) {
  decline(world, bill.sale, reason);
  Object.assign(bill.invoice, { attempted: true, attempt_count: bill.invoice.attempt_count + 1, next_payment_attempt: next });
  world.emit('invoice.payment_failed', bill.invoice);
  if (contract.sub.status === 'active') world.update('customer.subscription.updated', contract.sub, { status: 'past_due' });
}

/** No attempt is left: the subscription ends and its invoice is written off. */
export function giveUp(world, contract, bill) {
  const { sub } = contract;
  world.by();
  Object.assign(sub, {
    status: 'canceled', canceled_at: world.now, ended_at: world.now,
    cancellation_details: { ...sub.cancellation_details, reason: 'payment_failed' },
  });
  world.emit('customer.subscription.deleted', sub);
  Object.assign(bill.invoice, { status: 'uncollectible', auto_advance: false });
  bill.invoice.status_transitions.marked_uncollectible_at = world.now;
  world.emit('invoice.marked_uncollectible', bill.invoice);
}
