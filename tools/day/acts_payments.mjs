// What people and banks do with payments, as the events that Stripe sends about it.
import { share, list } from './world.mjs';
import * as make from './payments.mjs';
import { dispute, feeRefund, fraudWarning, refund, transferReversal } from './afterwards.mjs';

/** An intent nobody has paid yet. */
export function order(world, terms) {
  world.by(terms.metadata?.order_id ?? terms.metadata?.orderId);
  const sale = { ...terms, intent: make.paymentIntent(world, terms) };
  world.emit('payment_intent.created', sale.intent);
  return sale;
}

/** The issuer refuses the card. */
export function decline(world, sale, reason) {
  const { intent, buyer } = sale;
  world.by();
  const failed = make.declined(make.charge(world, intent, buyer), reason);
  world.emit('charge.failed', failed);
  Object.assign(intent, {
    latest_charge: failed.id, last_payment_error: make.paymentError(failed, buyer, reason),
    payment_method: null, status: 'requires_payment_method',
  });
  world.emit('payment_intent.payment_failed', intent);
}

/** The buyer's bank wants to see the buyer (3-D Secure). */
export function challenge(world, sale) {
  Object.assign(sale.intent, {
    status: 'requires_action', payment_method: sale.buyer.card.id,
    next_action: { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } },
  });
  sale.threeDSecure = true;
  world.emit('payment_intent.requires_action', sale.intent);
}

/** The money is taken; the transfer, the fee and the ids of the movements follow a little later. */
export function pay(world, sale, { settle = true } = {}) {
  const { intent, buyer } = sale;
  world.by();
  sale.charge = make.charge(world, intent, buyer, sale);
  Object.assign(intent, {
    amount_received: intent.amount, last_payment_error: null, latest_charge: sale.charge.id, next_action: null,
    payment_method: buyer.card.id, status: 'succeeded',
  });
  world.emit('charge.succeeded', sale.charge);
  world.emit('payment_intent.succeeded', intent);
  if (settle) settled(world, sale);
  return sale;
}

export function settled(world, sale) {
  const { intent, charge, fee } = sale;
  world.later(1 + world.below(3));
  if (intent.transfer_data !== null) {
    sale.transfer = make.transfer(world, charge, intent.transfer_data.amount ?? charge.amount_captured);
    world.emit('transfer.created', sale.transfer);
    if (fee !== undefined && fee !== null) {
      sale.fee_object = make.applicationFee(world, charge, sale.transfer, fee);
      world.emit('application_fee.created', sale.fee_object);
    }
  }
  world.later(world.below(2));
  world.update('charge.updated', charge, {
    balance_transaction: world.id('txn'),
    ...(sale.transfer === undefined ? {} : { transfer: sale.transfer.id }),
    ...(sale.fee_object === undefined ? {} : { application_fee: sale.fee_object.id }),
  });
}

/** Manual capture: the bank holds the money, the seller takes it later. */
export function authorize(world, sale) {
  const { intent, buyer } = sale;
  world.by();
  sale.charge = make.charge(world, intent, buyer, { captured: false });
  Object.assign(intent, {
    amount_capturable: intent.amount, latest_charge: sale.charge.id, payment_method: buyer.card.id, status: 'requires_capture',
  });
  world.emit('charge.succeeded', sale.charge);
  world.emit('payment_intent.amount_capturable_updated', intent);
}

export function capture(world, sale) {
  const { intent, charge } = sale;
  world.by(`${intent.metadata.order_id}-capture`);
  Object.assign(charge, { amount_captured: charge.amount, captured: true });
  Object.assign(intent, { amount_capturable: 0, amount_received: intent.amount, status: 'succeeded' });
  world.emit('charge.captured', charge);
  world.emit('payment_intent.succeeded', intent);
  settled(world, sale);
}

export function cancel(world, sale, reason) {
  world.by(`${sale.intent.metadata.order_id}-cancel`);
  Object.assign(sale.intent, { canceled_at: world.now, cancellation_reason: reason, status: 'canceled' });
  world.emit('payment_intent.canceled', sale.intent);
}

/** Money back to the buyer; the seller's and the platform's parts go back in proportion. */
export function giveBack(world, sale, amount, metadata = {}) {
  const { charge, transfer, fee_object: fee } = sale;
  world.by(`refund-${charge.id}-${charge.amount_refunded + amount}`);
  const back = refund(world, charge, amount, { metadata });
  if (transfer !== undefined) {
    const reversal = transferReversal(world, transfer, share(transfer.amount, amount, charge.amount), back.id);
    back.transfer_reversal = reversal.id;
    reverse(transfer, reversal);
  }
  world.emit('refund.created', back);
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  world.emit('charge.refunded', charge, {
    previous: { amount_refunded: charge.amount_refunded - amount, ...(charge.refunded ? { refunded: false } : {}) },
  });
  if (transfer !== undefined) world.emit('transfer.reversed', transfer);
  if (fee !== undefined) {
    const part = feeRefund(world, fee, share(fee.amount, amount, charge.amount));
    fee.amount_refunded += part.amount;
    fee.refunded = fee.amount_refunded === fee.amount;
    fee.refunds = list([part, ...fee.refunds.data], fee.refunds.url);
    world.emit('application_fee.refunded', fee);
  }
  return back;
}

function reverse(transfer, reversal) {
  transfer.amount_reversed += reversal.amount;
  transfer.reversed = transfer.amount_reversed === transfer.amount;
  transfer.reversals = list([reversal, ...transfer.reversals.data], transfer.reversals.url);
}

/** The card network has a reference number for a refund now. */
export function traced(world, back) {
  world.by();
  world.update('refund.updated', back, {
    destination_details: { card: { reference: `7445${world.id('n', 18).slice(2).replace(/\D/g, '0')}`, reference_status: 'available' } },
  });
}

/** The buyer's bank sent a refund back: the money is with the platform again. */
export function bounced(world, sale, back) {
  world.by();
  const changes = { status: 'failed', failure_reason: 'lost_or_stolen_card', failure_balance_transaction: world.id('txn') };
  world.update('refund.updated', back, changes);
  world.emit('refund.failed', back);
  world.update('charge.updated', sale.charge, { amount_refunded: sale.charge.amount_refunded - back.amount, refunded: false });
}

const movement = (world, claim, amount, fee, category, description) => make.balanceTransaction(world, {
  amount, fee, currency: claim.currency, source: claim.id, type: 'adjustment', category, description,
});

/** The buyer's bank takes the money back, at first. */
export function chargeBack(world, sale, reason, { warned = false } = {}) {
  world.by();
  if (warned) {
    world.emit('radar.early_fraud_warning.created', fraudWarning(world, sale.charge));
    world.later(40_000);
  }
  const claim = dispute(world, sale.charge, { reason, status: 'needs_response' });
  claim.balance_transactions = [movement(world, claim, -claim.amount, 1500, 'dispute', `Chargeback withdrawal for ${sale.charge.id}`)];
  world.emit('charge.dispute.created', claim);
  world.emit('charge.dispute.funds_withdrawn', claim);
  sale.charge.disputed = true;
  return claim;
}

export function inquire(world, sale, reason) {
  world.by();
  const claim = dispute(world, sale.charge, { reason, status: 'warning_needs_response', caseType: 'inquiry' });
  world.emit('charge.dispute.created', claim);
  sale.charge.disputed = true;
  return claim;
}

export function answer(world, claim, text) {
  world.by(`evidence-${claim.id}`);
  world.update('charge.dispute.updated', claim, {
    evidence: { uncategorized_text: text },
    evidence_details: { has_evidence: true, submission_count: 1, submission_method: 'manual' },
    status: claim.status === 'warning_needs_response' ? 'warning_under_review' : 'under_review',
  });
}

export function lost(world, sale, claim) {
  world.by();
  claim.status = 'lost';
  world.emit('charge.dispute.closed', claim, { previous: { status: 'under_review' } });
  // Stripe leaves the seller's transfer alone; the platform takes its part back itself.
  world.later(120);
  world.by(`dispute-${claim.id}`);
  reverse(sale.transfer, transferReversal(world, sale.transfer, sale.transfer.amount - sale.fee_object.amount, null));
  world.emit('transfer.reversed', sale.transfer);
}

export function won(world, claim) {
  world.by();
  claim.status = 'won';
  claim.balance_transactions = [...claim.balance_transactions, movement(world, claim, claim.amount, 0, 'dispute_reversal', 'Chargeback reversal')];
  world.emit('charge.dispute.funds_reinstated', claim);
  world.emit('charge.dispute.closed', claim, { previous: { status: 'under_review' } });
}

export function dropped(world, claim) {
  world.by();
  const status = claim.status;
  claim.status = 'warning_closed';
  world.emit('charge.dispute.closed', claim, { previous: { status } });
}
