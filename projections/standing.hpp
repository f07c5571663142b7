// Where a purchase stands: its status and its money, as pure functions of its facts.
#pragma once

#include <projections/purchase.hpp>

#include <optional>
#include <string_view>

namespace daybook::projections {

/// Text lives in the purchase.
struct Standing {
    std::string_view status;  ///< see status_of in the source for the precedence
    bool ever_paid = false;
    std::int64_t amount = 0;  ///< what was captured, or what is asked while nothing was
    std::int64_t refunded = 0;
    std::optional<std::int64_t> application_fee;
    std::string_view currency;
    std::string_view payment_intent;
    std::string_view charge;
    std::string_view failure_code;
    std::int64_t refunded_at = 0;
    std::int64_t disputed_at = 0;
    std::int64_t charged_back_at = 0;
};

/// The whole purchase.
Standing standing(const Purchase& purchase);

/// One invoice of it with the payments, refunds and disputes that belong to that invoice.
Standing standing(const Purchase& purchase, std::string_view invoice);

/// The payment intent, or the charge of a payment that has none. Old refunds and disputes name the
/// charge alone even when there is an intent.
std::string_view payment_of(const Purchase& purchase, const std::string& intent,
                            const std::string& charge);

/// What came back of a charge, refunds that bounced not counted.
std::int64_t refunded_of(const Purchase& purchase, const std::string& charge);
std::int64_t refunded_of(const std::string& charge, const ChargeFacts& facts,
                         const std::map<std::string, RefundFacts>& refunds);

}  // namespace daybook::projections
