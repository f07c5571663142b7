// Who takes part: the marketplace's sellers and its buyers.

const ADDRESSES = {
  US: { city: 'Portland', country: 'US', line1: '214 NW Couch Street', line2: null, postal_code: '97209', state: 'OR' },
  JP: { city: 'Kyoto', country: 'JP', line1: '21-4 Nakagyo', line2: null, postal_code: '604-8005', state: 'Kyoto' },
  DE: { city: 'Leipzig', country: 'DE', line1: 'Kochstraße 12', line2: null, postal_code: '04275', state: null },
};

export const PLATFORM = 'ca_Q7hLm2WtYc0sDkR4vXnB8eJfU1oZgPaS';

/** A buyer: `user` is the marketplace's own name for the person. */
export function buyer(world, user, name, country = 'US') {
  const email = `${name.toLowerCase().replace(/[^a-z]+/g, '.')}@example.com`;
  return {
    user, name, email, country,
    id: world.id('cus', 14),
    address: ADDRESSES[country],
    card: {
      id: world.id('pm'),
      brand: ['visa', 'mastercard', 'amex'][world.below(3)],
      fingerprint: world.id('fp', 16).slice(3),
      last4: String(1000 + world.below(9000)),
      exp_month: 1 + world.below(12),
      exp_year: 2027 + world.below(4),
    },
  };
}

export function customer(world, person) {
  return {
    id: person.id, object: 'customer',
    address: person.address, balance: 0, created: world.now, currency: null, customer_account: null,
    default_source: null, delinquent: false, description: null, discount: null, email: person.email,
    invoice_prefix: person.id.slice(4, 12).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false, metadata: { user_id: person.user }, name: person.name, next_invoice_sequence: 1,
    phone: null, preferred_locales: ['en'], shipping: null, tax_exempt: 'none', test_clock: null,
  };
}

/** A seller's account as it is right after the platform created it for Express onboarding. */
export function expressAccount(world, { name, email, country, currency, business, mcc }) {
  const id = world.id('acct', 16);
  const due = [
    'business_profile.url', 'external_account', 'individual.dob.day', 'individual.email',
    'individual.first_name', 'individual.last_name', 'tos_acceptance.date', 'tos_acceptance.ip',
  ];
  return {
    id, object: 'account',
    business_profile: {
      annual_revenue: null, estimated_worker_count: null, mcc,
      minority_owned_business_designation: null, name, product_description: null,
      specified_commercial_transactions_act_url: null, support_address: null, support_email: null,
      support_phone: null, support_url: null, url: null,
    },
    business_type: business,
    capabilities: { card_payments: 'inactive', transfers: 'inactive' },
    charges_enabled: false,
    controller: {
      fees: { payer: 'application_express' }, is_controller: true,
      losses: { payments: 'application' }, requirement_collection: 'stripe',
      stripe_dashboard: { type: 'express' }, type: 'application',
    },
    country, created: world.now, default_currency: currency, details_submitted: false, email,
    external_accounts: { object: 'list', data: [], has_more: false, total_count: 0, url: `/v1/accounts/${id}/external_accounts` },
    future_requirements: requirements(),
    groups: { payments_pricing: null },
    metadata: { seller_name: name },
    payouts_enabled: false,
    requirements: requirements({ currently_due: due, past_due: due, eventually_due: due, disabled_reason: 'requirements.past_due' }),
    settings: {
      bacs_debit_payments: { display_name: null, service_user_number: null },
      branding: { icon: null, logo: null, primary_color: null, secondary_color: null },
      card_issuing: { tos_acceptance: { date: null, ip: null } },
      card_payments: {
        decline_on: { avs_failure: false, cvc_failure: false },
        statement_descriptor_prefix: null, statement_descriptor_prefix_kana: null, statement_descriptor_prefix_kanji: null,
      },
      dashboard: { display_name: name, timezone: 'Etc/UTC' },
      invoices: { default_account_tax_ids: null, hosted_payment_method_save: 'never' },
      payments: { statement_descriptor: null, statement_descriptor_kana: null, statement_descriptor_kanji: null },
      payouts: { debit_negative_balances: true, schedule: { delay_days: 2, interval: 'daily' }, statement_descriptor: null },
      sepa_debit_payments: {},
    },
    tos_acceptance: { date: null, ip: null, user_agent: null },
    type: 'express',
  };
}

export function requirements(some = {}) {
  return {
    alternatives: [], current_deadline: null, currently_due: [], disabled_reason: null, errors: [],
    eventually_due: [], past_due: [], pending_verification: [], ...some,
  };
}

export function capability(account, name, requestedAt, status, some = {}) {
  return {
    id: name, object: 'capability', account: account.id,
    future_requirements: requirements(), requested: true, requested_at: requestedAt,
    requirements: requirements(some), status,
  };
}

export function bankAccount(world, account, bank, last4) {
  return {
    id: world.id('ba'), object: 'bank_account',
    account: account.id, account_holder_name: account.business_profile.name,
    account_holder_type: account.business_type, account_type: null,
    available_payout_methods: ['standard'], bank_name: bank, country: account.country,
    currency: account.default_currency, default_for_currency: true,
    fingerprint: world.id('fp', 16).slice(3), future_requirements: requirements(), last4,
    metadata: {}, requirements: requirements(), routing_number: account.country === 'US' ? '110000000' : '1100000',
    status: 'new',
  };
}
