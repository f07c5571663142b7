#include <api/actions/gateway.hpp>

#include <api/actions/answers.hpp>
#include <api/problem.hpp>

#include <fmt/format.h>
#include <simdjson.h>

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <array>

namespace daybook::api {
namespace {

/// What has a place of its own in a step, or is ours to say.
constexpr std::array<std::string_view, 2> own_place = {"Stripe-Account", "Stripe-Version"};

bool goes_on(std::string_view name) {
    const auto same = [name](std::string_view other) {
        return boost::algorithm::iequals(name, other);
    };
    if (std::ranges::any_of(own_place, same)) return false;
    return boost::algorithm::istarts_with(name, "Stripe-") ||
           boost::algorithm::istarts_with(name, "X-Stripe-");
}

constexpr std::size_t account_bytes_max = 255;  // as much as the log takes of any name

std::string header_of(const Request& request, std::string_view name) {
    for (const auto& [key, value] : request.headers)
        if (boost::algorithm::iequals(key, name)) return value;
    return {};
}

Step step_of(const Request& request) {
    Step step;
    step.method = request.method;
    step.path = request.target;
    step.body = request.body;
    step.content_type = request.content_type;
    step.account = header_of(request, "Stripe-Account");
    step.version = header_of(request, "Stripe-Version");
    for (const auto& header : request.headers)
        if (goes_on(header.first)) step.headers.push_back(header);
    return step;
}

}  // namespace

std::string account_of(const Request& request) {
    // Of two that say different things, one would be judged and perhaps the other one obeyed.
    const auto times = std::ranges::count_if(request.headers, [](const auto& header) {
        return boost::algorithm::iequals(header.first, "Stripe-Account") ||
               boost::algorithm::iequals(header.first, "Stripe-Context");
    });
    if (times > 1)
        throw Refused(Problem::malformed_request,
                      "Stripe-Account and Stripe-Context name an account: send one of them, once");
    auto account = header_of(request, "Stripe-Account");
    auto context = header_of(request, "Stripe-Context");
    if (account.empty()) account = std::move(context);
    if (account.size() > account_bytes_max)
        throw Refused(Problem::malformed_request, "the account has more than 255 characters");
    return account;
}

GatewayOrder gateway_order(const Request& request) {
    auto step = step_of(request);
    if (request.method == "GET") {
        stripe::Call call;
        call.method = "GET";
        call.target = std::move(step.path);
        call.account = std::move(step.account);
        call.version = std::move(step.version);
        call.headers = std::move(step.headers);
        return call;
    }
    Plan plan;
    plan.kind = gateway_kind;
    plan.account = account_of(request);
    plan.steps.push_back(std::move(step));
    return plan;
}

Response in_stripes_shape(const Response& problem) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    std::string_view title = "The request failed";
    std::string_view detail;
    std::string_view help;
    if (parser.parse(problem.body).get(root) == simdjson::SUCCESS) {
        // Each of them may be absent; then the text before it does.
        (void)root["title"].get(title);
        (void)root["detail"].get(detail);
        (void)root["help"].get(help);
    }
    auto message = fmt::format("{}: {}", title, detail.empty() ? help : detail);
    auto response = stripe_error(
        problem.status, problem.status >= 500 ? "api_error" : "invalid_request_error", "", message);
    response.headers = problem.headers;
    return response;
}

}  // namespace daybook::api
