// The objects of a payment, complete as API version 2026-10-28.endive renders them.
import { list } from './world.mjs';
import { PLATFORM } from './people.mjs';

export function paymentIntent(world, { amount, currency, fee, seller, buyer, metadata, capture = 'automatic_async', onBehalfOf, description = null, group = null, transferAmount }) {
  const id = world.id('pi');
  return {
    id, object: 'payment_intent',
    allowed_payment_method_types: null, amount, amount_capturable: 0, amount_details: { tip: {} },
    amount_received: 0, application: null, application_fee_amount: fee ?? null,
    automatic_payment_methods: { allow_redirects: 'always', enabled: true },
    canceled_at: null, cancellation_reason: null, capture_method: capture,
    client_secret: `${id}_secret_${world.id('s').slice(2)}`, confirmation_method: 'automatic',
    created: world.now, currency, customer: buyer?.id ?? null, customer_account: null, description,
    excluded_payment_method_types: null, last_payment_error: null, latest_charge: null, livemode: false,
    managed_payments: { enabled: false }, metadata, next_action: null, on_behalf_of: onBehalfOf ?? null,
    payment_method: null,
    payment_method_configuration_details: { id: 'pmc_1RDayBookMarketplace0001', parent: null },
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'], payment_record: null, processing: null,
    receipt_email: buyer?.email ?? null, review: null, setup_future_usage: null, shipping: null, source: null,
    statement_descriptor: null, statement_descriptor_suffix: null, status: 'requires_payment_method',
    transfer_data: seller === undefined
      ? null
      : { ...(transferAmount === undefined ? {} : { amount: transferAmount }), destination: seller.id },
    transfer_group: group,
  };
}

function cardDetails(card, amount, threeDSecure) {
  return {
    card: {
      amount_authorized: amount, authorization_code: null, brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: 'pass', cvc_check: 'pass' },
      country: 'US', exp_month: card.exp_month, exp_year: card.exp_year,
      extended_authorization: { status: 'disabled' }, fingerprint: card.fingerprint, funding: 'credit',
      incremental_authorization: { status: 'unavailable' }, installments: null, last4: card.last4,
      mandate: null, multicapture: { status: 'unavailable' }, network: card.brand,
      network_token: { used: false }, network_transaction_id: '790510271015510',
      overcapture: { maximum_amount_capturable: amount, status: 'unavailable' },
      regulated_status: 'unregulated',
      three_d_secure: threeDSecure
        ? { authentication_flow: 'challenge', electronic_commerce_indicator: '05', exemption_indicator: null, result: 'authenticated', result_reason: null, transaction_id: '4a57dfbd-3e1f-4c11-9b60-2d5d7c0a6f31', version: '2.2.0' }
        : null,
      wallet: null,
    },
    type: 'card',
  };
}

export function charge(world, intent, buyer, { captured = true, threeDSecure = false } = {}) {
  return {
    id: world.id('ch'), object: 'charge',
    amount: intent.amount, amount_captured: captured ? intent.amount : 0, amount_refunded: 0,
    application: null, application_fee: null, application_fee_amount: intent.application_fee_amount,
    balance_transaction: null,
    billing_details: { address: buyer.address, email: buyer.email, name: buyer.name, phone: null, tax_id: null },
    calculated_statement_descriptor: 'TINY MARKET', captured, created: world.now, currency: intent.currency,
    customer: intent.customer, description: intent.description, disputed: false,
    failure_balance_transaction: null, failure_code: null, failure_message: null, fraud_details: {},
    livemode: false, metadata: intent.metadata, on_behalf_of: intent.on_behalf_of,
    outcome: {
      advice_code: null, network_advice_code: null, network_decline_code: null,
      network_status: 'approved_by_network', reason: null, risk_level: 'normal',
      risk_score: 2 + world.below(50), seller_message: 'Payment complete.', type: 'authorized',
    },
    paid: true, payment_intent: intent.id, payment_method: buyer.card.id,
    payment_method_details: cardDetails(buyer.card, intent.amount, threeDSecure),
    radar_options: {}, receipt_email: intent.receipt_email, receipt_number: null,
    receipt_url: `https://pay.stripe.com/receipts/payment/${world.id('r', 40).slice(2)}`,
    refunded: false, review: null, shipping: null, source: null, source_transfer: null,
    statement_descriptor: null, statement_descriptor_suffix: null, status: 'succeeded',
    transfer_data: intent.transfer_data === null
      ? null
      : { amount: intent.transfer_data.amount ?? null, destination: intent.transfer_data.destination },
    transfer_group: intent.transfer_group,
  };
}

export const DECLINES = {
  insufficient_funds: ['card_declined', 'insufficient_funds', 'Your card has insufficient funds.', '51'],
  generic_decline: ['card_declined', 'generic_decline', 'Your card was declined.', '05'],
  expired_card: ['expired_card', 'expired_card', 'Your card has expired.', '54'],
};

/** Turns a fresh charge into one that the issuer refused for `reason`. */
export function declined(failed, reason) {
  const [code, decline, message, network] = DECLINES[reason];
  return Object.assign(failed, {
    amount_captured: 0, captured: false, paid: false, status: 'failed', failure_code: code,
    failure_message: message, receipt_url: null,
    outcome: {
      ...failed.outcome, advice_code: 'try_again_later', network_decline_code: network,
      network_status: 'declined_by_network', reason: decline,
      seller_message: 'The bank did not return any further details with this decline.', type: 'issuer_declined',
    },
  });
}

export function paymentError(failed, buyer, reason) {
  const [code, decline, message] = DECLINES[reason];
  return {
    advice_code: 'try_again_later', charge: failed.id, code, decline_code: decline,
    doc_url: `https://stripe.com/docs/error-codes/${code.replace('_', '-')}`, message,
    payment_method: paymentMethod(failed, buyer), type: 'card_error',
  };
}

export function paymentMethod(of, buyer) {
  const { brand, exp_month, exp_year, fingerprint, last4 } = buyer.card;
  return {
    id: buyer.card.id, object: 'payment_method', allow_redisplay: 'unspecified',
    billing_details: { address: buyer.address, email: buyer.email, name: buyer.name, phone: null, tax_id: null },
    card: {
      brand, checks: { address_line1_check: null, address_postal_code_check: 'pass', cvc_check: 'pass' },
      country: 'US', display_brand: brand, exp_month, exp_year, fingerprint, funding: 'credit',
      generated_from: null, last4, networks: { available: [brand], preferred: null },
      regulated_status: 'unregulated', three_d_secure_usage: { supported: true }, wallet: null,
    },
    created: of.created, customer: of.customer, customer_account: null, livemode: false, metadata: {}, type: 'card',
  };
}

export function transfer(world, paid, amount) {
  const id = world.id('tr');
  return {
    id, object: 'transfer',
    amount, amount_reversed: 0, balance_transaction: world.id('txn'), created: world.now,
    currency: paid.currency, description: null, destination: paid.transfer_data.destination,
    destination_payment: world.id('py'), livemode: false, metadata: {},
    reversals: list([], `/v1/transfers/${id}/reversals`), reversed: false, source_transaction: paid.id,
    source_type: 'card', transfer_group: paid.transfer_group ?? `group_${paid.payment_intent}`,
  };
}

export function applicationFee(world, paid, moved, amount) {
  const id = world.id('fee');
  return {
    id, object: 'application_fee',
    account: moved.destination, amount, amount_refunded: 0, application: PLATFORM,
    balance_transaction: world.id('txn'), charge: moved.destination_payment, created: world.now,
    currency: paid.currency, fee_source: { charge: moved.destination_payment, type: 'charge' },
    livemode: false, originating_transaction: paid.id, refunded: false,
    refunds: list([], `/v1/application_fees/${id}/refunds`),
  };
}

/** A movement of a balance, which webhooks carry in full only inside disputes. */
export function balanceTransaction(world, { amount, fee, currency, source, type, category, description }) {
  return {
    id: world.id('txn'), object: 'balance_transaction',
    amount, available_on: world.now, balance_type: 'payments', created: world.now, currency, description,
    exchange_rate: null, fee,
    fee_details: fee === 0 ? [] : [{ amount: fee, application: null, currency, description: 'Dispute fee', type: 'stripe_fee' }],
    net: amount - fee, reporting_category: category, source, status: 'available', type,
  };
}
