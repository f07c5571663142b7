// Checkout sessions, subscriptions and invoices, complete, in the shapes that hold since basil.
import { list } from './world.mjs';

export function session(world, { amount, currency, buyer, mode = 'payment', metadata, reference }) {
  const id = `cs_test_${world.id('a', 58).slice(2)}`;
  return {
    id, object: 'checkout.session',
    adaptive_pricing: { enabled: false }, after_expiration: null, allow_promotion_codes: null,
    allowed_payment_method_types: null, amount_subtotal: amount, amount_total: amount,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null, cancel_url: 'https://tiny-market.example/cart',
    client_reference_id: reference ?? null, client_secret: null, collected_information: null, consent: null,
    consent_collection: null, created: world.now, currency, currency_conversion: null, custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: null, customer_account: null, customer_creation: 'if_required',
    customer_details: buyer === undefined ? null : {
      address: buyer.address, business_name: null, email: buyer.email, individual_name: null,
      name: buyer.name, phone: null, tax_exempt: 'none', tax_ids: [],
    },
    customer_email: null, discounts: [], expires_at: world.now + 86400, integration_identifier: null,
    invoice: null,
    invoice_creation: { enabled: false, invoice_data: { account_tax_ids: null, custom_fields: null, description: null, footer: null, issuer: null, metadata: {}, rendering_options: null } },
    livemode: false, locale: null, managed_payments: { enabled: false }, metadata, mode, origin_context: null,
    payment_intent: null, payment_link: null, payment_method_collection: 'if_required',
    payment_method_configuration_details: { id: 'pmc_1RDayBookMarketplace0001', parent: null },
    payment_method_options: { card: { request_three_d_secure: 'automatic' } }, payment_method_types: ['card'],
    payment_status: 'unpaid', permissions: null, phone_number_collection: { enabled: false }, recovered_from: null,
    saved_payment_method_options: null, setup_intent: null, shipping_address_collection: null,
    shipping_cost: null, shipping_options: [], status: 'open', submit_type: null, subscription: null,
    success_url: 'https://tiny-market.example/thanks?session_id={CHECKOUT_SESSION_ID}',
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 }, ui_mode: 'hosted_page',
    url: `https://checkout.stripe.com/c/pay/${id}`, wallet_options: null,
  };
}

function price(plan) {
  return {
    id: plan.price, object: 'price',
    active: true, billing_scheme: 'per_unit', created: plan.created, currency: plan.currency,
    custom_unit_amount: null, livemode: false, lookup_key: null, metadata: {}, nickname: null, product: plan.product,
    recurring: { interval: 'month', interval_count: 1, meter: null, trial_period_days: null, usage_type: 'licensed' },
    tax_behavior: 'unspecified', tiers_mode: null, transform_quantity: null, type: 'recurring',
    unit_amount: plan.amount, unit_amount_decimal: String(plan.amount),
  };
}

function legacyPlan(plan) {
  return {
    id: plan.price, object: 'plan',
    active: true, amount: plan.amount, amount_decimal: String(plan.amount), billing_scheme: 'per_unit',
    created: plan.created, currency: plan.currency, interval: 'month', interval_count: 1, livemode: false,
    metadata: {}, meter: null, nickname: null, product: plan.product, tiers_mode: null, transform_usage: null,
    trial_period_days: null, usage_type: 'licensed',
  };
}

export function subscription(world, { plan, buyer, seller, start, end, metadata }) {
  const id = world.id('sub');
  const item = {
    id: world.id('si', 14), object: 'subscription_item', billing_thresholds: null, created: world.now,
    current_period_end: end, current_period_start: start, current_trial: null, discounts: [], metadata: {},
    plan: legacyPlan(plan), price: price(plan), quantity: 1, subscription: id, tax_rates: [],
  };
  return {
    id, object: 'subscription',
    application: null, application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: start, billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' }, billing_schedules: [],
    billing_thresholds: null, cancel_at: null, cancel_at_period_end: false, canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically', created: world.now, currency: plan.currency, customer: buyer.id,
    customer_account: null, days_until_due: null, default_payment_method: null, default_source: null,
    default_tax_rates: [], description: null, discounts: [], ended_at: null,
    invoice_settings: { account_tax_ids: null, custom_fields: null, description: null, footer: null, issuer: { type: 'self' } },
    items: list([item], `/v1/subscription_items?subscription=${id}`), latest_invoice: null, livemode: false,
    managed_payments: { enabled: false }, metadata, next_pending_invoice_item_invoice: null, on_behalf_of: null,
    pause_collection: null,
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'on_subscription' },
    pending_invoice_item_interval: null, pending_setup_intent: null, pending_update: null, schedule: null,
    start_date: start, status: 'incomplete', test_clock: null,
    transfer_data: { amount_percent: plan.sellerPercent, destination: seller.id },
    trial_end: null, trial_settings: { end_behavior: { missing_payment_method: 'create_invoice' } }, trial_start: null,
  };
}

export function invoice(world, { sub, plan, buyer, number, reason, start, end }) {
  const id = world.id('in');
  const item = sub.items.data[0];
  const line = {
    id: world.id('il'), object: 'line_item',
    amount: plan.amount, currency: plan.currency, description: `1 × ${plan.name} (per month)`, discount_amounts: [],
    discountable: true, discounts: [], invoice: id, livemode: false, metadata: sub.metadata,
    parent: {
      invoice_item_details: null,
      subscription_item_details: { invoice_item: null, proration: false, proration_details: { credited_items: null }, subscription: sub.id, subscription_item: item.id },
      type: 'subscription_item_details',
    },
    period: { end, start }, pretax_credit_amounts: [],
    pricing: { price_details: { price: plan.price, product: plan.product }, type: 'price_details', unit_amount_decimal: String(plan.amount) },
    quantity: 1, quantity_decimal: '1', subscription: sub.id, subtotal: plan.amount, taxes: [],
  };
  return {
    id, object: 'invoice',
    account_country: 'US', account_name: 'Tiny Market', account_tax_ids: null, amount_due: plan.amount,
    amount_overpaid: 0, amount_paid: 0, amount_remaining: plan.amount, amount_shipping: 0, application: null,
    attempt_count: 0, attempted: false, auto_advance: true,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null, billing_reason: reason, collection_method: 'charge_automatically',
    created: world.now, currency: plan.currency, custom_fields: null, customer: buyer.id, customer_account: null,
    customer_address: buyer.address, customer_email: buyer.email, customer_name: buyer.name, customer_phone: null,
    customer_shipping: null, customer_tax_exempt: 'none', customer_tax_ids: [], default_payment_method: null,
    default_source: null, default_tax_rates: [], description: null, discounts: [], due_date: null,
    effective_at: null, ending_balance: null, footer: null, from_invoice: null, hosted_invoice_url: null,
    invoice_pdf: null, issuer: { type: 'self' }, last_finalization_error: null, latest_revision: null,
    lines: list([line], `/v1/invoices/${id}/lines`), livemode: false, metadata: {}, next_payment_attempt: null,
    number, on_behalf_of: null,
    parent: { quote_details: null, subscription_details: { metadata: sub.metadata, subscription: sub.id }, type: 'subscription_details' },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: start, period_start: reason === 'subscription_create' ? start : sub.start_date,
    post_payment_credit_notes_amount: 0, pre_payment_credit_notes_amount: 0, receipt_number: null,
    rendering: null, shipping_cost: null, shipping_details: null, starting_balance: 0, statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: plan.amount, subtotal_excluding_tax: plan.amount, test_clock: null, total: plan.amount,
    total_discount_amounts: [], total_excluding_tax: plan.amount, total_pretax_credit_amounts: [], total_taxes: [],
    webhooks_delivered_at: null,
  };
}

export function invoicePayment(world, bill, intent) {
  return {
    id: world.id('inpay'), object: 'invoice_payment',
    amount_paid: bill.total, amount_requested: bill.total, created: world.now, currency: bill.currency,
    invoice: bill.id, is_default: true, livemode: false,
    payment: { payment_intent: intent.id, type: 'payment_intent' }, status: 'paid',
    status_transitions: { canceled_at: null, paid_at: world.now },
  };
}
