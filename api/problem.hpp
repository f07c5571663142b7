// RFC 9457 problem details: the only shape in which this service reports failure.
#pragma once

#include <api/http.hpp>
#include <ledger/json_text.hpp>

#include <exception>
#include <span>
#include <string>
#include <string_view>

namespace daybook::api {

/// What can go wrong, in the order of the table in problem.cpp.
enum class Problem {
    signature_missing,
    signature_malformed,
    signature_without_v1,
    signature_mismatch,
    signature_stale,
    body_not_json,
    body_not_an_object,
    event_without_id,
    event_without_type,
    body_too_large,
    malformed_request,
    headers_too_large,
    not_found,
    no_such_record,
    no_such_replay,
    method_not_allowed,
    unknown_parameter,
    invalid_parameter,
    invalid_cursor,
    key_missing,
    key_refused,
    scope_missing,
    content_type_not_json,
    invalid_body,
    seller_not_ready,
    likely_duplicate,
    refund_too_large,
    wrong_state,
    payment_declined,
    stripe_refused,
    stripe_not_found,
    stripe_conflict,
    stripe_busy,
    stripe_failed,
    queue_full,
    database_unavailable,
    append_unsettled,
    query_too_slow,
    projection_not_ready,
    projection_behind,
    not_ready,
    idempotency_key_missing,
    idempotency_key_invalid,
    idempotency_key_reused,
    idempotency_key_in_use,
    stripe_not_configured,
    stripe_unreachable,
    stripe_too_slow,
    never_carried_out,
    action_under_way,
    stopping,
    internal
};

/// One kind of problem as people meet it. docs/problems.md documents each slug.
struct ProblemKind {
    Problem problem;
    std::string_view slug;  ///< its type is /problems/<slug>
    int status;
    std::string_view title;
    std::string_view help;  ///< what to do about it
};

std::span<const ProblemKind> problem_kinds();
const ProblemKind& kind_of(Problem problem);

/// The answer that reports `problem`. `detail` is about this occurrence and is shown to the client,
/// so it never holds internals; `request_id` becomes the instance; `members` are added to those
/// that every problem has. Thread-safe.
Response problem_response(Problem problem, std::string_view request_id,
                          std::string_view detail = {}, const JsonObject& members = {});

/// Thrown by a handler to refuse a request; caught where handlers are called.
class Refused : public std::exception {
public:
    explicit Refused(Problem problem, std::string detail = {}, JsonObject members = {})
        : problem_(problem), detail_(std::move(detail)), members_(std::move(members)) {}

    [[nodiscard]] Problem problem() const { return problem_; }
    [[nodiscard]] const std::string& detail() const { return detail_; }
    /// What the problem has beside the members of every problem.
    [[nodiscard]] const JsonObject& members() const { return members_; }
    [[nodiscard]] const char* what() const noexcept override { return detail_.c_str(); }

private:
    Problem problem_;
    std::string detail_;
    JsonObject members_;
};

}  // namespace daybook::api
