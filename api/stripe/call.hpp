// What is said to Stripe, and what comes back.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::api::stripe {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One request. The client adds Host, Authorization, User-Agent, Content-Length and what belongs to
/// the connection; such names in `headers` are left out.
struct Call {
    std::string method;           ///< GET, POST or DELETE
    std::string target;           ///< path with query, as it goes on the wire
    std::string body;             ///< sent as it is
    std::string content_type;     ///< empty: none
    std::string idempotency_key;  ///< empty: none
    std::string account;          ///< Stripe-Account; empty: the platform
    std::string version;          ///< Stripe-Version; empty: the client's
    Headers headers;              ///< further ones, passed through
};

/// Whether the same call may be sent twice: Stripe then executes it once.
[[nodiscard]] inline bool repeatable(const Call& call) {
    return call.method != "POST" || !call.idempotency_key.empty();
}

/// A whole answer, of any status.
struct Answer {
    int status = 0;
    Headers headers;  ///< as received, in their order
    std::string body;
    /// From before the first byte of the request to the last of the answer, of the last attempt.
    std::chrono::microseconds took{0};
    int attempts = 1;  ///< that were made, this one included
    /// An earlier attempt of this perform() may have been executed: its answer was lost or too
    /// late, or was a 5xx or a 409. A status by which Stripe did nothing this time (401, 403, 409,
    /// 429, 5xx) then does not say what became of the call.
    bool doubtful = false;

    /// The first header of that name, in any case; empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Why there is no answer.
enum class Failure {
    busy,         ///< too many calls are waiting, or this one waited too long; nothing was sent
    unreachable,  ///< no connection, or no trustworthy one; nothing was sent
    cut,          ///< sent, and the answer was lost or is not HTTP; Stripe may have executed it
    timed_out,    ///< sent, and no answer came in time; Stripe may have executed it
    stopping,     ///< the client was stopped; nothing was sent
};

/// For logs and metrics: "timed_out".
std::string_view name_of(Failure failure);

/// Whether Stripe may have executed the call.
[[nodiscard]] inline bool was_sent(Failure failure) {
    return failure == Failure::cut || failure == Failure::timed_out;
}

using Result = std::expected<Answer, Failure>;

}  // namespace daybook::api::stripe
