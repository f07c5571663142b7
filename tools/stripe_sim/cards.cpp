// The table of test cards, and looking them up.
#include <tools/stripe_sim/cards.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

using enum Aftermath;

Card plain(std::string_view number, std::string_view pm, std::string_view brand = "visa",
           std::string_view funding = "credit", std::string_view country = "US") {
    return {.number = number, .pm = pm, .brand = brand, .funding = funding, .country = country};
}

Card declining(std::string_view number, std::string_view pm, std::string_view code,
               std::string_view decline_code) {
    return {.number = number, .pm = pm, .code = code, .decline_code = decline_code};
}

Card challenged(std::string_view number, std::string_view pm, Authentication authentication) {
    return {.number = number, .pm = pm, .authentication = authentication};
}

Card followed(std::string_view number, std::string_view pm, Aftermath aftermath) {
    return {.number = number, .pm = pm, .aftermath = aftermath};
}

const std::array cards = {
    plain("4242424242424242", "pm_card_visa"),
    plain("4242424242424242", "pm_card_us"),
    plain("4000056655665556", "pm_card_visa_debit", "visa", "debit"),
    plain("5555555555554444", "pm_card_mastercard", "mastercard"),
    plain("2223003122003222", "", "mastercard"),
    plain("5200828282828210", "pm_card_mastercard_debit", "mastercard", "debit"),
    plain("5105105105105100", "pm_card_mastercard_prepaid", "mastercard", "prepaid"),
    plain("378282246310005", "pm_card_amex", "amex"),
    plain("371449635398431", "", "amex"),
    plain("6011111111111117", "pm_card_discover", "discover"),
    plain("3056930009020004", "pm_card_diners", "diners"),
    plain("3566002020360505", "pm_card_jcb", "jcb", "credit", "JP"),
    plain("6200000000000005", "pm_card_unionpay", "unionpay", "credit", "CN"),
    plain("4000008260000000", "pm_card_gb", "visa", "credit", "GB"),
    plain("4000002760000016", "pm_card_de", "visa", "credit", "DE"),
    plain("4000001240000000", "pm_card_ca", "visa", "credit", "CA"),
    plain("4000002500000003", "pm_card_fr", "visa", "credit", "FR"),
    plain("4000000760000002", "pm_card_br", "visa", "credit", "BR"),
    plain("4000004840008001", "pm_card_mx", "visa", "credit", "MX"),
    plain("4000000360000006", "pm_card_au", "visa", "credit", "AU"),
    plain("4000003920000003", "pm_card_jp", "visa", "credit", "JP"),
    declining("4000000000000002", "pm_card_visa_chargeDeclined", "card_declined",
              "generic_decline"),
    declining("4000000000000002", "pm_card_chargeDeclined", "card_declined", "generic_decline"),
    declining("4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined",
              "insufficient_funds"),
    declining("4000000000009995", "pm_card_chargeDeclinedInsufficientFunds", "card_declined",
              "insufficient_funds"),
    declining("4000000000009987", "pm_card_visa_chargeDeclinedLostCard", "card_declined",
              "lost_card"),
    declining("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", "card_declined",
              "stolen_card"),
    declining("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "expired_card",
              "expired_card"),
    declining("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc",
              "incorrect_cvc"),
    declining("4000000000000119", "pm_card_chargeDeclinedProcessingError", "processing_error",
              "processing_error"),
    declining("4000000000006975", "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
              "card_declined", "card_velocity_exceeded"),
    declining("4000000000000341", "pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
    Card{.number = "4000000000000101", .pm = "pm_card_cvcCheckFail", .cvc_check = "fail"},
    Card{.number = "4000000000000036", .pm = "pm_card_avsZipFail", .postal_check = "fail"},
    Card{.number = "4000000000000010",
         .pm = "pm_card_avsFail",
         .line1_check = "fail",
         .postal_check = "fail"},
    Card{.number = "4000000000000028", .pm = "pm_card_avsLine1Fail", .line1_check = "fail"},
    Card{.number = "4100000000000019",
         .pm = "pm_card_radarBlock",
         .code = "card_declined",
         .decline_code = "fraudulent",
         .risk_level = "highest",
         .blocked = true},
    Card{.number = "4000000000004954",
         .pm = "pm_card_riskLevelHighest",
         .code = "card_declined",
         .decline_code = "fraudulent",
         .risk_level = "highest",
         .blocked = true},
    Card{.number = "4000000000009235", .pm = "pm_card_riskLevelElevated", .risk_level = "elevated"},
    followed("4000000000000259", "pm_card_createDispute", fraudulent_dispute),
    followed("4000000000002685", "pm_card_createDisputeProductNotReceived", not_received_dispute),
    followed("4000000000001976", "pm_card_createDisputeInquiry", inquiry),
    followed("4000000000005423", "pm_card_createIssuerFraudRecord", early_fraud_warning),
    followed("4000000404000079", "pm_card_createMultipleDisputes", several_disputes),
    followed("4000000000007726", "pm_card_pendingRefund", refund_pending),
    followed("4000000000005126", "pm_card_refundFail", refund_fails),
    Card{.number = "4000000000000077", .pm = "pm_card_bypassPending", .bypass_pending = true},
    Card{.number = "4000003720000278",
         .pm = "pm_card_bypassPendingInternational",
         .country = "IE",
         .bypass_pending = true},
    challenged("4000000000003220", "pm_card_threeDSecure2Required", Authentication::required),
    challenged("4000000000003063", "pm_card_threeDSecureRequired", Authentication::required),
    challenged("4000002500003155", "pm_card_authenticationRequiredOnSetup",
               Authentication::unless_set_up),
    challenged("4000002760003184", "pm_card_authenticationRequired", Authentication::required),
    challenged("4000003800000446", "pm_card_authenticationRequiredSetupForOffSession",
               Authentication::set_up_already),
    Card{.number = "4000008260003178",
         .pm = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
         .code = "card_declined",
         .decline_code = "insufficient_funds",
         .authentication = Authentication::required},
    Card{.number = "4000008400001629",
         .code = "card_declined",
         .decline_code = "generic_decline",
         .authentication = Authentication::required_then_declined},
    Card{.number = "4000008400001280",
         .code = "card_declined",
         .decline_code = "generic_decline",
         .authentication = Authentication::lookup_fails},
    plain("4000000000003055", "pm_card_threeDSecureOptional"),
};

/// Refuses no card: the plain Visa's stand-in for numbers outside of the table.
const Card& usual() {
    return cards.front();
}

const Card* find(auto member, std::string_view value) {
    if (value.empty()) return nullptr;
    const auto* found = std::ranges::find(cards, value, member);
    return found == cards.end() ? nullptr : found;
}

}  // namespace

std::string Card::fingerprint() const {
    return fmt::format("Fp{}", number.substr(number.size() - 14));
}

const Card* card_by_number(std::string_view number) {
    return find(&Card::number, number);
}

const Card* card_by_pm(std::string_view pm) {
    return find(&Card::pm, pm);
}

const Card& card_of(const json::object& document) {
    auto fingerprint = text(document, "card.fingerprint");
    if (fingerprint.empty())
        fingerprint = text(document, "payment_method_details.card.fingerprint");
    if (!fingerprint.starts_with("Fp")) return usual();
    fingerprint.remove_prefix(2);
    const auto* found = std::ranges::find_if(
        cards, [fingerprint](const Card& card) { return card.number.ends_with(fingerprint); });
    return found == cards.end() ? usual() : *found;
}

std::string_view decline_message(const Card& card) {
    if (card.code == "expired_card") return "Your card has expired.";
    if (card.code == "incorrect_cvc") return "Your card's security code is incorrect.";
    if (card.code == "processing_error")
        return "An error occurred while processing your card. Try again in a little bit.";
    if (card.decline_code == "insufficient_funds") return "Your card has insufficient funds.";
    if (card.decline_code == "card_velocity_exceeded")
        return "Your card was declined for making repeated attempts too frequently or exceeding "
               "its "
               "amount limit.";
    return "Your card was declined.";
}

Course course_of(std::string_view type) {
    constexpr std::array at_once = {"card", "link", "customer_balance", "card_present"};
    constexpr std::array delayed = {"sepa_debit",    "us_bank_account", "bacs_debit", "acss_debit",
                                    "au_becs_debit", "nz_bank_account", "boleto",     "oxxo",
                                    "konbini",       "multibanco",      "sofort"};
    const auto is = [type](std::string_view other) { return type == other; };
    if (std::ranges::any_of(at_once, is)) return Course::at_once;
    if (std::ranges::any_of(delayed, is)) return Course::delayed;
    return Course::redirect;
}

}  // namespace daybook::sim
