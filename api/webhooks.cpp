// Each webhook ends in one of three ways: in the log, refused for a named reason, or unsettled.
#include <api/webhooks.hpp>

#include <api/envelope.hpp>
#include <api/signature.hpp>
#include <api/time.hpp>
#include <ledger/json_text.hpp>
#include <ledger/logging.hpp>

#include <stdexcept>

namespace daybook::api {
namespace {

Problem problem_of(SignatureFailure failure) {
    switch (failure) {
        case SignatureFailure::missing: return Problem::signature_missing;
        case SignatureFailure::malformed: return Problem::signature_malformed;
        case SignatureFailure::no_v1: return Problem::signature_without_v1;
        case SignatureFailure::mismatch: return Problem::signature_mismatch;
        case SignatureFailure::stale: return Problem::signature_stale;
    }
    return Problem::internal;
}

Problem problem_of(EnvelopeFailure failure) {
    switch (failure) {
        case EnvelopeFailure::not_json: return Problem::body_not_json;
        case EnvelopeFailure::not_an_object: return Problem::body_not_an_object;
        case EnvelopeFailure::no_id: return Problem::event_without_id;
        case EnvelopeFailure::no_type: return Problem::event_without_type;
    }
    return Problem::internal;
}

Problem problem_of(AppendFailure failure) {
    switch (failure) {
        case AppendFailure::queue_full: return Problem::queue_full;
        case AppendFailure::unavailable: return Problem::database_unavailable;
        case AppendFailure::stopping: return Problem::stopping;
    }
    return Problem::internal;
}

}  // namespace

WebhookEndpoint::WebhookEndpoint(std::string path, std::vector<std::string> secrets)
    : secrets_(std::move(secrets)) {
    if (secrets_.empty()) throw std::invalid_argument("no signing secret for " + path);
    for (const auto& secret : secrets_) {
        if (secret.empty())
            throw std::invalid_argument("a signing secret of " + path + " is blank");
        counts_.secret_fingerprints.push_back(secret_fingerprint(secret));
    }
    counts_.secret_matches.resize(secrets_.size());
    counts_.endpoint = std::move(path);
}

std::expected<NewEvent, Problem> WebhookEndpoint::accept(std::string_view signature,
                                                         std::string body) {
    const Microseconds now = now_microseconds();
    const auto secret = verify_signature(signature, body, secrets_, unix_seconds(now));
    if (!secret) return std::unexpected(problem_of(secret.error()));
    ++counts_.secret_matches[*secret];
    auto event = parse_envelope(std::move(body), now);
    if (!event) return std::unexpected(problem_of(event.error()));
    return std::move(*event);
}

Response WebhookEndpoint::answer(const AppendOutcome& outcome, std::string_view event_id,
                                 std::string_view request_id) {
    if (!outcome) return refuse(problem_of(outcome.error()), request_id);
    ++(outcome->duplicate ? counts_.duplicates : counts_.accepted);
    Response response;
    response.body.reserve(80 + event_id.size());
    response.body = "{\"position\":";
    response.body += std::to_string(outcome->position);
    response.body += outcome->duplicate ? ",\"duplicate\":true,\"event_id\":"
                                        : ",\"duplicate\":false,\"event_id\":";
    append_json_string(response.body, event_id);
    response.body += '}';
    return response;
}

Response WebhookEndpoint::unsettled(std::string_view request_id) {
    return refuse(Problem::append_unsettled, request_id);
}

Response WebhookEndpoint::refuse(Problem problem, std::string_view request_id) {
    const ProblemKind& kind = kind_of(problem);
    ++counts_.refused[kind.slug];
    // Anybody can cause refusals, so they may not fill the log: one line a second has to do.
    const auto now = std::chrono::steady_clock::now();
    if (now - last_logged_ >= std::chrono::seconds(1)) {
        logging::warn("webhook refused", {{"endpoint", counts_.endpoint},
                                          {"problem", kind.slug},
                                          {"status", kind.status},
                                          {"request_id", request_id},
                                          {"not_logged", static_cast<std::int64_t>(unlogged_)}});
        last_logged_ = now;
        unlogged_ = 0;
    } else {
        ++unlogged_;
    }
    return problem_response(problem, request_id);
}

}  // namespace daybook::api
