#include <api/actions/answers.hpp>

#include <api/actions/gateway.hpp>
#include <api/marketplace/stripe_problem.hpp>
#include <ledger/json_text.hpp>

#include <fmt/format.h>

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <array>

namespace daybook::api {
namespace {

/// Of one connection, or made by us, or about a key that the client does not know.
constexpr std::array<std::string_view, 13> not_passed_on = {"Connection",
                                                            "Keep-Alive",
                                                            "Transfer-Encoding",
                                                            "Content-Length",
                                                            "Date",
                                                            "Server",
                                                            "Strict-Transport-Security",
                                                            "Idempotency-Key",
                                                            "Idempotent-Replayed",
                                                            "Original-Request",
                                                            "X-Request-Id",
                                                            "Trailer",
                                                            "Upgrade"};

/// The rest of the header line that begins so; a copy, since the lines are about to change.
std::string line_value(std::string_view headers, std::string_view begin) {
    const auto at = headers.starts_with(begin) ? 0 : headers.find("\n" + std::string(begin));
    if (at == std::string_view::npos) return {};
    const auto from = headers.find(begin, at) + begin.size();
    return std::string(headers.substr(from, headers.find("\r\n", from) - from));
}

bool is_gateway(const Plan& plan) {
    return plan.kind == gateway_kind;
}

}  // namespace

Response passed_on(const StripeAnswer& answer) {
    Response response;
    response.status = answer.status;
    response.content_type = {};
    response.body = answer.body;
    for (const auto& [name, value] : answer.headers) {
        const auto same = [&name](std::string_view other) {
            return boost::algorithm::iequals(name, other);
        };
        if (std::ranges::any_of(not_passed_on, same)) continue;
        response.headers.append(name).append(": ").append(value).append("\r\n");
    }
    return response;
}

Response stripe_error(int status, std::string_view type, std::string_view code,
                      std::string_view message) {
    JsonObject error;
    error.text("type", type);
    if (!code.empty()) error.text("code", code);
    error.text("message", message);
    Response response;
    response.status = status;
    response.body = JsonObject().raw("error", error.str()).str();
    if (status == 503) response.headers = "Retry-After: 1\r\n";
    return response;
}

Response answer_of(const Plan& plan, const Outcome& outcome) {
    const auto& last = outcome.answers.back();
    if (is_gateway(plan)) return passed_on(last);
    if (outcome.state != ActionState::succeeded) return stripe_problem(plan, last);
    const auto* kind = find_action_kind(plan.kind);
    if (!kind) return problem_response(Problem::internal, plan.requester.request_id);
    return kind->compose(plan, outcome.answers);
}

Response undecided(const Plan& plan, const Outcome& outcome, stripe::Failure failure) {
    if (is_gateway(plan) && !outcome.answers.empty() && outcome.answers.back().status >= 500)
        return passed_on(outcome.answers.back());
    const bool late = failure == stripe::Failure::timed_out;
    const auto detail = fmt::format(
        "Stripe has not said what became of this. Repeat the request with the same "
        "Idempotency-Key, or ask GET /actions/{}: it is being settled and will not happen twice.",
        plan.id);
    if (!is_gateway(plan))
        return problem_response(late ? Problem::stripe_too_slow : Problem::stripe_unreachable,
                                plan.requester.request_id, detail);
    auto response = stripe_error(late ? 504 : 502, "api_error", "", detail);
    response.headers = "Stripe-Should-Retry: true\r\n";
    return response;
}

Response refused(const Plan& plan, Problem problem, std::string_view detail) {
    auto response = problem_response(problem, plan.requester.request_id, detail);
    if (!is_gateway(plan)) return response;
    response = in_stripes_shape(response);
    if (problem != Problem::idempotency_key_reused && problem != Problem::idempotency_key_in_use)
        return response;
    const bool in_use = problem == Problem::idempotency_key_in_use;
    return stripe_error(in_use ? 409 : 400, "idempotency_error",
                        in_use ? "idempotency_key_in_use" : "", kind_of(problem).help);
}

Response completed(const Plan& plan, Response response, std::int64_t position, bool replayed) {
    response.headers += fmt::format("Daybook-Action: {}\r\n", plan.id);
    if (position > 0) response.headers += fmt::format("Daybook-Position: {}\r\n", position);
    if (replayed) {
        response.headers += "Idempotent-Replayed: true\r\n";
        if (const auto first = line_value(response.headers, "Request-Id: "); !first.empty())
            response.headers.append("Original-Request: ").append(first).append("\r\n");
    }
    const bool has_body = response.body.size() > 2 && response.body.front() == '{';
    if (!is_gateway(plan) && response.status < 300 && has_body)
        response.body.insert(1, fmt::format("\"position\":{},", position));
    return response;
}

}  // namespace daybook::api
