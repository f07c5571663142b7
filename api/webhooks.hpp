// Stripe's webhooks: who signed, what it is, and what we answer. Knows no sockets.
#pragma once

#include <api/http.hpp>
#include <api/metrics.hpp>
#include <api/problem.hpp>
#include <ledger/appender.hpp>

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

/// One path with its own secrets. Used by the I/O thread only.
class WebhookEndpoint {
public:
    /// Throws std::invalid_argument when there is no secret, or a blank one: an endpoint that
    /// nobody can sign for would only refuse, one with an empty key would trust everybody.
    WebhookEndpoint(std::string path, std::vector<std::string> secrets);

    /// Verifies the signature over the raw body and reads the envelope: an event for the log, or
    /// why not. Takes the body over.
    std::expected<NewEvent, Problem> accept(std::string_view signature, std::string body);

    /// The answer once the log has settled the event. 200 only for a commit.
    Response answer(const AppendOutcome& outcome, std::string_view event_id,
                    std::string_view request_id);

    /// The answer when the log has not settled it in time.
    Response unsettled(std::string_view request_id);

    /// The answer to a webhook that was not accepted.
    Response refuse(Problem problem, std::string_view request_id);

    [[nodiscard]] const EndpointCounts& counts() const { return counts_; }

private:
    std::vector<std::string> secrets_;
    EndpointCounts counts_;
    std::chrono::steady_clock::time_point last_logged_;
    std::uint64_t unlogged_ = 0;
};

}  // namespace daybook::api
