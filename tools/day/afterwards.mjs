// What can happen to a charge afterwards: refunds, reversals and disputes, as complete objects.

export function refund(world, paid, amount, { reason = 'requested_by_customer', metadata = {} } = {}) {
  return {
    id: world.id('re'), object: 'refund',
    amount, balance_transaction: world.id('txn'), charge: paid.id, created: world.now,
    currency: paid.currency, customer: paid.customer, customer_account: null,
    destination_details: { card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' }, type: 'card' },
    metadata, payment_intent: paid.payment_intent, payment_method: paid.payment_method, reason,
    receipt_number: null, source_transfer_reversal: null, status: 'succeeded', transfer_reversal: null,
  };
}

export function transferReversal(world, moved, amount, sourceRefund) {
  return {
    id: world.id('trr'), object: 'transfer_reversal',
    amount, balance_transaction: world.id('txn'), created: world.now, currency: moved.currency,
    destination_payment_refund: world.id('pyr'), metadata: {}, source_refund: sourceRefund, transfer: moved.id,
  };
}

export function feeRefund(world, fee, amount) {
  return {
    id: world.id('fr'), object: 'fee_refund',
    amount, balance_transaction: world.id('txn'), created: world.now, currency: fee.currency, fee: fee.id, metadata: {},
  };
}

export function dispute(world, paid, { reason, status, caseType = 'chargeback', metadata = {} }) {
  return {
    id: world.id('du'), object: 'dispute',
    amount: paid.amount, balance_transactions: [], charge: paid.id, created: world.now, currency: paid.currency,
    enhanced_eligibility_types: [],
    evidence: {
      access_activity_log: null, billing_address: null, cancellation_policy: null, cancellation_policy_disclosure: null,
      cancellation_rebuttal: null, customer_communication: null, customer_email_address: paid.billing_details.email,
      customer_name: paid.billing_details.name, customer_purchase_ip: null, customer_signature: null,
      duplicate_charge_documentation: null, duplicate_charge_explanation: null, duplicate_charge_id: null,
      enhanced_evidence: {}, product_description: null, receipt: null, refund_policy: null,
      refund_policy_disclosure: null, refund_refusal_explanation: null, service_date: null,
      service_documentation: null, shipping_address: null, shipping_carrier: null, shipping_date: null,
      shipping_documentation: null, shipping_tracking_number: null, uncategorized_file: null, uncategorized_text: null,
    },
    evidence_details: {
      due_by: world.now + 9 * 86400, enhanced_eligibility: {}, has_evidence: false, past_due: false,
      submission_count: 0, submission_method: 'not_submitted',
    },
    intended_submission_method: 'manual', is_charge_refundable: caseType === 'inquiry', livemode: false, metadata,
    network_reason_code: '10.4', payment_intent: paid.payment_intent,
    payment_method_details: { card: { brand: 'visa', case_type: caseType, network: 'visa', network_reason_code: '10.4' }, type: 'card' },
    reason, status,
  };
}

export function fraudWarning(world, paid) {
  return {
    id: world.id('issfr'), object: 'radar.early_fraud_warning',
    actionable: true, charge: paid.id, created: world.now, fraud_type: 'unauthorized_use_of_card',
    livemode: false, payment_intent: paid.payment_intent,
  };
}

export function payout(world, account, bank, amount, arrival) {
  return {
    id: world.id('po'), object: 'payout',
    amount, application_fee: null, application_fee_amount: null, arrival_date: arrival, automatic: true,
    balance_transaction: world.id('txn'), created: world.now, currency: account.default_currency,
    description: 'STRIPE PAYOUT', destination: bank.id, failure_balance_transaction: null, failure_code: null,
    failure_message: null, livemode: false, metadata: {}, method: 'standard', original_payout: null,
    payout_method: null, reconciliation_status: 'in_progress', reversed_by: null, source_type: 'card',
    statement_descriptor: null, status: 'pending', trace_id: { status: 'pending', value: null }, type: 'bank_account',
  };
}
