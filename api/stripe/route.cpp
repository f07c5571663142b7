// Routes as metrics show them. The words are those of the API's paths in Stripe's SDK 23.1.
#include <api/stripe/counters.hpp>

#include <algorithm>
#include <array>

namespace daybook::api::stripe {
namespace {

using namespace std::string_view_literals;

// clang-format off
constexpr std::array words = std::to_array<std::string_view>({
    "accept", "account", "account_links", "account_sessions", "account_tokens", "accounts",
    "acknowledge", "activate", "active_entitlements", "add_lines", "adjustments", "advance",
    "alerts", "amount_details_line_items", "apple_pay", "application_fees",
    "apply_customer_balance", "approve", "apps", "archive", "associations", "attach",
    "attach_payment", "authentications", "authorizations", "balance", "balance_settings",
    "balance_transactions", "beta_endpoint", "billing", "billing_portal", "calculations", "cancel",
    "cancel_action", "capabilities", "capture", "cardholders", "cards", "cash_balance",
    "cash_balance_transactions", "charges", "checkout", "climate", "close", "collect_inputs",
    "collect_payment_method", "commerce", "computed_upfront_line_items", "configurations",
    "confirm", "confirm_microdeposits", "confirm_payment_intent", "confirmation_tokens",
    "connection_tokens", "core", "country_specs", "coupons", "create_force_capture",
    "create_from_calculation", "create_preview", "create_reversal", "create_unlinked_refund",
    "credit", "credit_balance_summary", "credit_balance_transactions", "credit_grants",
    "credit_notes", "credit_reversals", "customer_sessions", "customers", "deactivate",
    "debit_reversals", "decline", "delete", "deliver", "detach", "disable", "disconnect",
    "discount", "disputes", "domains", "early_fraud_warnings", "enable", "entitlements",
    "ephemeral_keys", "event_destinations", "event_summaries", "events", "exchange_rates", "expire",
    "external_accounts", "fail", "features", "feedback_options", "file_links", "files", "finalize",
    "finalize_amount", "financial_accounts", "financial_addresses", "financial_connections", "find",
    "forwarding", "fraud_challenges", "fund_cash_balance", "funding_instructions",
    "gb_bank_accounts", "identity", "imports", "inbound_transfers", "increment",
    "increment_authorization", "installs", "invoice_payments", "invoice_rendering_templates",
    "invoiceitems", "invoices", "issuing", "line_items", "lines", "locations", "login_links",
    "mandates", "mark_uncollectible", "meter_event_adjustments", "meter_event_session",
    "meter_event_stream", "meter_events", "meters", "migrate", "money_management",
    "onboarding_links", "orders", "outbound_payments", "outbound_setup_intents",
    "outbound_transfers", "owners", "pause", "pay", "payment_attempt_records",
    "payment_evaluations", "payment_intents", "payment_links", "payment_method_configurations",
    "payment_method_domains", "payment_methods", "payment_records", "payout_intents",
    "payout_methods", "payout_methods_bank_account_spec", "payouts", "pdf", "person_tokens",
    "personalization_designs", "persons", "physical_bundles", "ping", "plans", "post",
    "present_payment_method", "preview", "prices", "process_payment_intent", "process_setup_intent",
    "product_catalog", "products", "promotion_codes", "quotes", "radar", "reactivate", "readers",
    "received_credits", "received_debits", "recipient_verifications", "redact", "refresh",
    "refresh_fx_quote", "refresh_recipient_verification", "refresh_regulatory_receipt", "refund",
    "refund_payment", "refunds", "registrations", "reject", "release", "remove_lines",
    "report_payment", "report_payment_attempt", "report_payment_attempt_canceled",
    "report_payment_attempt_failed", "report_payment_attempt_guaranteed",
    "report_payment_attempt_informational", "report_refund", "report_runs", "report_types",
    "reporting", "requests", "respond", "resume", "return", "reversals", "reverse", "reviews",
    "scheduled_query_runs", "search", "secrets", "send", "send_microdeposits", "sessions",
    "set_reader_display", "settings", "setup_attempts", "setup_intents", "ship", "shipping",
    "shipping_rates", "sigma", "source_transactions", "sources", "submit", "subscribe",
    "subscription_items", "subscription_schedules", "subscriptions", "succeed",
    "succeed_input_collection", "suppliers", "tax", "tax_codes", "tax_ids", "tax_rates", "terminal",
    "test_clocks", "test_helpers", "three_d_secure", "timeout_input_collection", "tokens", "topups",
    "transaction_entries", "transactions", "transfers", "treasury", "trial_offers", "unarchive",
    "uninstall", "unreject", "unsubscribe", "update_lines", "us_bank_accounts", "validate",
    "value_list_items", "value_lists", "vault", "verification_reports", "verification_sessions",
    "verify", "verify_microdeposits", "void", "webhook_endpoints",
});
// clang-format on
static_assert(std::ranges::is_sorted(words));

constexpr std::size_t segments_max = 8;

}  // namespace

std::string route_of(std::string_view method, std::string_view target) {
    const auto path = target.substr(0, target.find('?'));
    if (!path.starts_with("/v1/") && !path.starts_with("/v2/")) return "other";
    if (method != "GET" && method != "POST" && method != "DELETE") return "other";
    std::string route(method);
    route += ' ';
    route += path.substr(0, 3);
    auto rest = path.substr(3);
    for (std::size_t i = 0; i < segments_max && !rest.empty(); ++i) {
        rest.remove_prefix(1);
        const auto segment = rest.substr(0, rest.find('/'));
        rest.remove_prefix(segment.size());
        if (segment.empty()) continue;
        route += '/';
        route += std::ranges::binary_search(words, segment) ? segment : "{id}"sv;
    }
    return route;
}

}  // namespace daybook::api::stripe
