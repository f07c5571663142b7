// What sellers do, as the events of their connected accounts.
import { list } from './world.mjs';
import { PLATFORM, bankAccount, capability, expressAccount, requirements } from './people.mjs';
import { payout } from './afterwards.mjs';

/** The platform creates the account; Stripe asks for a lot of things. */
export function invite(world, who) {
  world.by(`seller-${who.email}`);
  const account = expressAccount(world, who);
  const at = world.now;
  const options = { account: account.id };
  world.emit('account.updated', account, { ...options, previous: { metadata: { seller_name: null } } });
  for (const name of ['card_payments', 'transfers']) {
    world.emit('capability.updated', capability(account, name, at, 'inactive', {
      currently_due: account.requirements.currently_due, disabled_reason: 'requirements.fields_needed',
    }), options);
  }
  world.by();
  return { account, options, at };
}

/** The seller fills in the form: several events in one second, which only their chain can order. */
export function fillIn(world, seller, bank, last4) {
  const { account, options } = seller;
  world.update('account.updated', account, {
    business_profile: { url: `https://${account.email.split('@')[0]}.example`, product_description: 'Made by hand' },
    requirements: requirements({
      currently_due: ['external_account', 'tos_acceptance.date', 'tos_acceptance.ip'],
      past_due: ['external_account', 'tos_acceptance.date', 'tos_acceptance.ip'],
      eventually_due: ['external_account', 'tos_acceptance.date', 'tos_acceptance.ip'],
      disabled_reason: 'requirements.past_due',
    }),
  }, options);
  world.later(70 + world.below(200));
  seller.bank = bankAccount(world, account, bank, last4);
  world.emit('account.external_account.created', seller.bank, options);
  world.update('account.updated', account, {
    external_accounts: { data: [structuredClone(seller.bank)], total_count: 1 },
    requirements: {
      currently_due: ['tos_acceptance.date', 'tos_acceptance.ip'], past_due: ['tos_acceptance.date', 'tos_acceptance.ip'],
      eventually_due: ['tos_acceptance.date', 'tos_acceptance.ip'],
    },
  }, options);
  world.update('account.updated', account, {
    details_submitted: true,
    tos_acceptance: { date: world.now, ip: '203.0.113.24' },
    requirements: {
      currently_due: [], past_due: [], eventually_due: [],
      pending_verification: ['individual.verification.document'], disabled_reason: 'requirements.pending_verification',
    },
  }, options);
}

/** Stripe has checked the papers: everything switches on within a second. */
export function approve(world, seller) {
  const { account, options, at } = seller;
  for (const name of ['card_payments', 'transfers']) {
    world.emit('capability.updated', capability(account, name, at, 'active'), { ...options, previous: { status: 'inactive' } });
  }
  world.update('account.updated', account, {
    capabilities: { card_payments: 'active', transfers: 'active' }, charges_enabled: true,
    requirements: { pending_verification: [], disabled_reason: null },
  }, options);
  world.update('account.updated', account, { payouts_enabled: true }, options);
}

/** A document is missing, and the deadline has passed. */
export function fallBehind(world, seller) {
  const { account, options } = seller;
  const missing = ['individual.verification.document', 'individual.id_number'];
  world.update('account.updated', account, {
    requirements: { currently_due: missing, eventually_due: missing, current_deadline: world.now + 3600 },
  }, options);
  world.later(3600);
  world.update('account.updated', account, {
    charges_enabled: false, payouts_enabled: false,
    requirements: {
      past_due: missing, current_deadline: null, disabled_reason: 'requirements.past_due',
      errors: [{ code: 'verification_document_expired', reason: 'The document has expired.', requirement: 'individual.verification.document' }],
    },
  }, options);
}

/** The seller removes the platform's access; afterwards the account is out of reach. */
export function leave(world, seller) {
  world.by();
  world.emit('account.application.deauthorized', { id: PLATFORM, object: 'application', name: 'Tiny Market' }, seller.options);
}

export function startPayout(world, seller, amount, arrival) {
  world.by();
  const out = payout(world, seller.account, seller.bank, amount, arrival);
  world.emit('payout.created', out, seller.options);
  world.later(1800);
  world.update('payout.updated', out, { status: 'in_transit' }, seller.options);
  return out;
}

export function payoutArrives(world, seller, out) {
  world.by();
  out.status = 'paid';
  world.emit('payout.paid', out, seller.options);
  world.update('payout.updated', out, { trace_id: { status: 'supported', value: `0210000${out.arrival_date}` } }, seller.options);
  world.later(600);
  out.reconciliation_status = 'completed';
  world.emit('payout.reconciliation_completed', out, seller.options);
}

/** The bank refuses after all; Stripe stops paying out until there is another bank account. */
export function payoutBounces(world, seller, out) {
  const { account, options, bank } = seller;
  world.by();
  Object.assign(out, {
    status: 'failed', failure_code: 'account_closed', failure_message: 'The bank account has been closed.',
    failure_balance_transaction: world.id('txn'),
  });
  world.emit('payout.failed', out, options);
  world.update('account.external_account.updated', bank, { status: 'errored' }, options);
  world.update('account.updated', account, {
    payouts_enabled: false,
    external_accounts: { data: [structuredClone(bank)] },
    requirements: { currently_due: ['external_account'], eventually_due: ['external_account'], past_due: ['external_account'] },
  }, options);
}

export function balanceAvailable(world, seller, amount) {
  const { account, options } = seller;
  const funds = (value) => [{ amount: value, currency: account.default_currency, source_types: { card: value } }];
  world.emit('balance.available', {
    object: 'balance', available: funds(amount), instant_available: funds(0), livemode: false, pending: funds(0),
    refund_and_dispute_prefunding: { available: funds(0), pending: funds(0) },
  }, options);
}

/** An undocumented event of the seller's side, as platforms do receive it. */
export function paymentArrives(world, seller, sale) {
  const { charge, transfer } = sale;
  world.by();
  world.emit('payment.created', {
    ...charge, id: transfer.destination_payment, amount: transfer.amount, application_fee: sale.fee_object.id,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    customer: null, metadata: {}, payment_intent: null, payment_method: null, receipt_email: null,
    source_transfer: transfer.id, transfer_data: null, transfer: undefined,
    payment_method_details: { stripe_account: {}, type: 'stripe_account' },
    refunds: list([], `/v1/charges/${transfer.destination_payment}/refunds`),
  }, seller.options);
}
