// Stripe's events of one destination charge, as texts whose marked places the event factory fills.
#pragma once

#include <array>
#include <string_view>

namespace daybook::bench {

/// Places have the width of what goes there, so that filling never moves a byte:
/// @×12 the order's code, #×10 Unix seconds, !×5 the amount, ^×4 the fee, =×5 the seller's part,
/// %×6 the buyer, &×4 the product, ~×6 the seller, +×4 a card's last digits. <pad> grows the text
/// to the size asked for.
struct Template {
    std::string_view type;
    std::string_view object_id;
    std::string_view text;
};

inline constexpr std::string_view payment_intent_created = R"({
  "id": "evt_3DbkEvt@@@@@@@@@@@@0",
  "object": "event",
  "api_version": "2026-10-28.endive",
  "created": ##########,
  "data": {
    "object": {
      "id": "pi_3DbkPay@@@@@@@@@@@@",
      "object": "payment_intent",
      "amount": !!!!!,
      "amount_capturable": 0,
      "amount_details": {"tip": {}},
      "amount_received": 0,
      "application": null,
      "application_fee_amount": ^^^^,
      "automatic_payment_methods": {"allow_redirects": "always", "enabled": true},
      "canceled_at": null,
      "cancellation_reason": null,
      "capture_method": "automatic_async",
      "confirmation_method": "automatic",
      "created": ##########,
      "currency": "usd",
      "customer": "cus_DbkBuyer%%%%%%",
      "description": "Order ord_@@@@@@@@@@@@",
      "last_payment_error": null,
      "latest_charge": null,
      "livemode": false,
      "metadata": {
        "order_id": "ord_@@@@@@@@@@@@",
        "user_id": "user_%%%%%%",
        "product_id": "product_&&&&"<pad>
      },
      "next_action": null,
      "on_behalf_of": null,
      "payment_method": null,
      "payment_method_configuration_details": {"id": "pmc_1DbkConfig", "parent": null},
      "payment_method_options": {
        "card": {"installments": null, "mandate_options": null, "network": null,
          "request_three_d_secure": "automatic"},
        "link": {"persistent_token": null}
      },
      "payment_method_types": ["card", "link"],
      "processing": null,
      "receipt_email": "buyer%%%%%%@example.com",
      "review": null,
      "setup_future_usage": null,
      "shipping": null,
      "source": null,
      "statement_descriptor": null,
      "statement_descriptor_suffix": null,
      "status": "requires_payment_method",
      "transfer_data": {"destination": "acct_1DbkSeller~~~~~~"},
      "transfer_group": null
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {"id": "req_Dbk@@@@@@@@@@@@0", "idempotency_key": "order-@@@@@@@@@@@@"},
  "type": "payment_intent.created"
})";

inline constexpr std::string_view charge_succeeded = R"({
  "id": "evt_3DbkEvt@@@@@@@@@@@@1",
  "object": "event",
  "api_version": "2026-10-28.endive",
  "created": ##########,
  "data": {
    "object": {
      "id": "ch_3DbkPay@@@@@@@@@@@@",
      "object": "charge",
      "amount": !!!!!,
      "amount_captured": !!!!!,
      "amount_refunded": 0,
      "application": null,
      "application_fee": null,
      "application_fee_amount": ^^^^,
      "balance_transaction": null,
      "billing_details": {"address": {"city": null, "country": "US", "line1": null, "line2": null,
          "postal_code": "42424", "state": null},
        "email": "buyer%%%%%%@example.com", "name": "Buyer %%%%%%", "phone": null, "tax_id": null},
      "calculated_statement_descriptor": "DAYBOOK MARKET",
      "captured": true,
      "created": ##########,
      "currency": "usd",
      "customer": "cus_DbkBuyer%%%%%%",
      "description": "Order ord_@@@@@@@@@@@@",
      "disputed": false,
      "failure_balance_transaction": null,
      "failure_code": null,
      "failure_message": null,
      "fraud_details": {},
      "livemode": false,
      "metadata": {
        "order_id": "ord_@@@@@@@@@@@@",
        "user_id": "user_%%%%%%",
        "product_id": "product_&&&&"<pad>
      },
      "on_behalf_of": null,
      "outcome": {"advice_code": null, "network_advice_code": null, "network_decline_code": null,
        "network_status": "approved_by_network", "reason": null, "risk_level": "normal",
        "risk_score": 21, "seller_message": "Payment complete.", "type": "authorized"},
      "paid": true,
      "payment_intent": "pi_3DbkPay@@@@@@@@@@@@",
      "payment_method": "pm_1DbkPay@@@@@@@@@@@@",
      "payment_method_details": {
        "card": {"amount_authorized": !!!!!, "brand": "visa",
          "checks": {"address_line1_check": null, "address_postal_code_check": "pass",
            "cvc_check": "pass"},
          "country": "US", "exp_month": 12, "exp_year": 2030, "fingerprint": "Dbk@@@@@@@@@@@@",
          "funding": "credit", "installments": null, "last4": "++++", "network": "visa",
          "network_transaction_id": "5810@@@@@@@@@@@@", "overcapture": {"status": "unavailable"},
          "three_d_secure": null, "wallet": null},
        "type": "card"},
      "receipt_email": "buyer%%%%%%@example.com",
      "receipt_number": null,
      "receipt_url": "https://pay.stripe.com/receipts/payment/Dbk@@@@@@@@@@@@",
      "refunded": false,
      "review": null,
      "shipping": null,
      "source_transfer": null,
      "status": "succeeded",
      "transfer_data": {"amount": null, "destination": "acct_1DbkSeller~~~~~~"},
      "transfer_group": "group_pi_3DbkPay@@@@@@@@@@@@"
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {"id": "req_Dbk@@@@@@@@@@@@1", "idempotency_key": null},
  "type": "charge.succeeded"
})";

inline constexpr std::string_view payment_intent_succeeded = R"({
  "id": "evt_3DbkEvt@@@@@@@@@@@@2",
  "object": "event",
  "api_version": "2026-10-28.endive",
  "created": ##########,
  "data": {
    "object": {
      "id": "pi_3DbkPay@@@@@@@@@@@@",
      "object": "payment_intent",
      "amount": !!!!!,
      "amount_capturable": 0,
      "amount_details": {"tip": {}},
      "amount_received": !!!!!,
      "application": null,
      "application_fee_amount": ^^^^,
      "automatic_payment_methods": {"allow_redirects": "always", "enabled": true},
      "canceled_at": null,
      "cancellation_reason": null,
      "capture_method": "automatic_async",
      "confirmation_method": "automatic",
      "created": ##########,
      "currency": "usd",
      "customer": "cus_DbkBuyer%%%%%%",
      "description": "Order ord_@@@@@@@@@@@@",
      "last_payment_error": null,
      "latest_charge": "ch_3DbkPay@@@@@@@@@@@@",
      "livemode": false,
      "metadata": {
        "order_id": "ord_@@@@@@@@@@@@",
        "user_id": "user_%%%%%%",
        "product_id": "product_&&&&"<pad>
      },
      "next_action": null,
      "on_behalf_of": null,
      "payment_method": "pm_1DbkPay@@@@@@@@@@@@",
      "payment_method_configuration_details": {"id": "pmc_1DbkConfig", "parent": null},
      "payment_method_options": {
        "card": {"installments": null, "mandate_options": null, "network": null,
          "request_three_d_secure": "automatic"},
        "link": {"persistent_token": null}
      },
      "payment_method_types": ["card", "link"],
      "processing": null,
      "receipt_email": "buyer%%%%%%@example.com",
      "review": null,
      "setup_future_usage": null,
      "shipping": null,
      "source": null,
      "statement_descriptor": null,
      "statement_descriptor_suffix": null,
      "status": "succeeded",
      "transfer_data": {"destination": "acct_1DbkSeller~~~~~~"},
      "transfer_group": "group_pi_3DbkPay@@@@@@@@@@@@"
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {"id": "req_Dbk@@@@@@@@@@@@1", "idempotency_key": null},
  "type": "payment_intent.succeeded"
})";

inline constexpr std::string_view charge_updated = R"({
  "id": "evt_3DbkEvt@@@@@@@@@@@@3",
  "object": "event",
  "api_version": "2026-10-28.endive",
  "created": ##########,
  "data": {
    "object": {
      "id": "ch_3DbkPay@@@@@@@@@@@@",
      "object": "charge",
      "amount": !!!!!,
      "amount_captured": !!!!!,
      "amount_refunded": 0,
      "application": null,
      "application_fee": "fee_1DbkFee@@@@@@@@@@@@",
      "application_fee_amount": ^^^^,
      "balance_transaction": "txn_3DbkPay@@@@@@@@@@@@",
      "billing_details": {"address": {"city": null, "country": "US", "line1": null, "line2": null,
          "postal_code": "42424", "state": null},
        "email": "buyer%%%%%%@example.com", "name": "Buyer %%%%%%", "phone": null, "tax_id": null},
      "calculated_statement_descriptor": "DAYBOOK MARKET",
      "captured": true,
      "created": ##########,
      "currency": "usd",
      "customer": "cus_DbkBuyer%%%%%%",
      "description": "Order ord_@@@@@@@@@@@@",
      "disputed": false,
      "failure_balance_transaction": null,
      "failure_code": null,
      "failure_message": null,
      "fraud_details": {},
      "livemode": false,
      "metadata": {
        "order_id": "ord_@@@@@@@@@@@@",
        "user_id": "user_%%%%%%",
        "product_id": "product_&&&&"<pad>
      },
      "on_behalf_of": null,
      "outcome": {"network_status": "approved_by_network", "reason": null, "risk_level": "normal",
        "risk_score": 21, "seller_message": "Payment complete.", "type": "authorized"},
      "paid": true,
      "payment_intent": "pi_3DbkPay@@@@@@@@@@@@",
      "payment_method": "pm_1DbkPay@@@@@@@@@@@@",
      "payment_method_details": {
        "card": {"amount_authorized": !!!!!, "brand": "visa",
          "checks": {"address_line1_check": null, "address_postal_code_check": "pass",
            "cvc_check": "pass"},
          "country": "US", "exp_month": 12, "exp_year": 2030, "fingerprint": "Dbk@@@@@@@@@@@@",
          "funding": "credit", "installments": null, "last4": "++++", "network": "visa",
          "three_d_secure": null, "wallet": null},
        "type": "card"},
      "receipt_email": "buyer%%%%%%@example.com",
      "receipt_number": null,
      "receipt_url": "https://pay.stripe.com/receipts/payment/Dbk@@@@@@@@@@@@",
      "refunded": false,
      "review": null,
      "shipping": null,
      "source_transfer": null,
      "status": "succeeded",
      "transfer": "tr_3DbkPay@@@@@@@@@@@@",
      "transfer_data": {"amount": null, "destination": "acct_1DbkSeller~~~~~~"},
      "transfer_group": "group_pi_3DbkPay@@@@@@@@@@@@"
    },
    "previous_attributes": {"application_fee": null, "balance_transaction": null, "transfer": null}
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {"id": null, "idempotency_key": null},
  "type": "charge.updated"
})";

inline constexpr std::string_view transfer_created = R"({
  "id": "evt_3DbkEvt@@@@@@@@@@@@4",
  "object": "event",
  "api_version": "2026-10-28.endive",
  "created": ##########,
  "data": {
    "object": {
      "id": "tr_3DbkPay@@@@@@@@@@@@",
      "object": "transfer",
      "amount": !!!!!,
      "amount_reversed": 0,
      "balance_transaction": "txn_3DbkTra@@@@@@@@@@@@",
      "created": ##########,
      "currency": "usd",
      "description": null,
      "destination": "acct_1DbkSeller~~~~~~",
      "destination_payment": "py_1DbkPay@@@@@@@@@@@@",
      "livemode": false,
      "metadata": {
        "seller_part": "====="<pad>
      },
      "reversals": {"object": "list", "data": [], "has_more": false, "total_count": 0,
        "url": "/v1/transfers/tr_3DbkPay@@@@@@@@@@@@/reversals"},
      "reversed": false,
      "source_transaction": "ch_3DbkPay@@@@@@@@@@@@",
      "source_type": "card",
      "transfer_group": "group_pi_3DbkPay@@@@@@@@@@@@"
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {"id": null, "idempotency_key": null},
  "type": "transfer.created"
})";

inline constexpr std::string_view application_fee_created = R"({
  "id": "evt_3DbkEvt@@@@@@@@@@@@5",
  "object": "event",
  "api_version": "2026-10-28.endive",
  "created": ##########,
  "data": {
    "object": {
      "id": "fee_1DbkFee@@@@@@@@@@@@",
      "object": "application_fee",
      "account": "acct_1DbkSeller~~~~~~",
      "amount": ^^^^,
      "amount_refunded": 0,
      "application": "ca_DbkPlatform",
      "balance_transaction": "txn_1DbkFee@@@@@@@@@@@@",
      "charge": "py_1DbkPay@@@@@@@@@@@@",
      "created": ##########,
      "currency": "usd",
      "fee_source": {"charge": "py_1DbkPay@@@@@@@@@@@@", "type": "charge"},
      "livemode": false,
      "metadata": {
        "plan": "standard"<pad>
      },
      "originating_transaction": "ch_3DbkPay@@@@@@@@@@@@",
      "refunded": false,
      "refunds": {"object": "list", "data": [], "has_more": false, "total_count": 0,
        "url": "/v1/application_fees/fee_1DbkFee@@@@@@@@@@@@/refunds"}
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {"id": null, "idempotency_key": null},
  "type": "application_fee.created"
})";

/// In the order in which they come about.
inline constexpr std::array<Template, 6> templates = {{
    {"payment_intent.created", "pi_3DbkPay@@@@@@@@@@@@", payment_intent_created},
    {"charge.succeeded", "ch_3DbkPay@@@@@@@@@@@@", charge_succeeded},
    {"payment_intent.succeeded", "pi_3DbkPay@@@@@@@@@@@@", payment_intent_succeeded},
    {"charge.updated", "ch_3DbkPay@@@@@@@@@@@@", charge_updated},
    {"transfer.created", "tr_3DbkPay@@@@@@@@@@@@", transfer_created},
    {"application_fee.created", "fee_1DbkFee@@@@@@@@@@@@", application_fee_created},
}};

}  // namespace daybook::bench
