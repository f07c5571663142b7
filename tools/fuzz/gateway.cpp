// Fuzzes what the gateway takes from outside: a request goes on to Stripe as it came, its record
// reads back as it was written, and no secret gets into that record.
// The code itself and not its library, so that the fuzzer sees its branches.
#include <api/actions/collections.cpp>
#include <api/actions/gateway.cpp>
#include <api/actions/record.cpp>
#include <api/actions/sensitive.cpp>
#include <api/routes.hpp>
#include <api/target.cpp>
#include <ledger/invariant.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace daybook;
using namespace daybook::api;

constexpr std::string_view secret = "4000056655665556";

std::string_view take_line(std::string_view& input) {
    const auto end = std::min(input.find('\n'), input.size());
    const auto line = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    return line;
}

/// What is let through to the gateway: a target of one line of plain ASCII.
bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

void route(std::string_view method, std::string_view text) {
    const auto target = split_target(text);
    if (!target) return;
    invariant(text.starts_with(target->path));
    invariant(target->query.empty() || text.ends_with(target->query));
    const auto found = find_route(method, target->path);
    if (found.route) {
        invariant(found.route->method == (method == "HEAD" ? "GET" : method));
        std::string_view id;
        invariant(path_matches(found.route->path, target->path, id) && id == found.id);
        invariant(id.find('/') == std::string_view::npos);
        invariant(!is_gateway_path(target->path));
    }
    if (const auto parameters = parse_query(target->query))
        for (const auto& [name, value] : *parameters)
            invariant(name.find('\0') == std::string::npos &&
                      value.find('\0') == std::string::npos);
}

void name_objects(std::string_view target, std::string_view body) {
    const auto apart = taken_apart(target);
    invariant(target.starts_with(apart.collection_path));
    for (const auto& object : objects_of(target, body))
        invariant(object.find('_') != std::string::npos);
}

/// Nothing is left to be left out, and what is not sensitive stays.
void leave_out(std::string_view body, std::string_view content_type) {
    const auto once = without_sensitive(body, content_type);
    invariant(without_sensitive(once, content_type) == once);
    const auto planted = [&](std::string form) {
        const auto out = without_sensitive(form, content_type);
        invariant(out.find(secret) == std::string::npos);
    };
    const std::string before(body);
    const std::string number(secret);
    if (before.find(secret) != std::string::npos) return;
    planted(before + "&card[number]=" + number);
    planted("payment_method_data%5Bsepa_debit%5D%5Biban%5D=" + number + "&" + before);
    planted("{\"x\":" + before + ",\"bank_account\":{\"account_number\":\"" + number + "\"}}");
    planted("{\"id_numbers\":[{\"type\":\"us_ssn\",\"value\":\"" + number + "\"}],\"x\":" + before +
            "}");
}

void record(const Request& request) {
    auto order = gateway_order(request);
    if (const auto* call = std::get_if<stripe::Call>(&order)) {
        invariant(request.method == "GET" && call->target == request.target);
        return;
    }
    auto& plan = std::get<Plan>(order);
    invariant(plan.steps.size() == 1);
    auto& step = plan.steps.front();
    invariant(step.path == request.target && step.body == request.body);
    plan.id = action_id("key", false, {});
    plan.requested_at = 1'790'000'000;
    const auto event = requested_event(plan);
    const auto again = plan_of(event.payload);
    invariant(again.steps.size() == 1);
    const auto& kept = again.steps.front();
    invariant(kept.method == step.method && kept.content_type == step.content_type);
    invariant(again.path == plan.path);
    if (!is_repeatable(event.payload)) return;
    invariant(kept.body == step.body && kept.path == step.path);
}

void check(Request request) {
    route(request.method, request.target);
    name_objects(request.target, request.body);
    leave_out(request.body, request.content_type);
    if (!is_plain(request.target) || !is_plain(request.content_type)) return;
    if (request.method != "GET" && request.method != "DELETE") request.method = "POST";
    const auto target = split_target(request.target);
    if (!target) return;
    request.path = target->path;
    record(request);
}

}  // namespace

/// Method, target and content type are the first lines, the body is the rest; then all of it is a
/// body, so that the fuzzer need not find out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);
    std::string_view rest = input;
    Request request;
    request.method = take_line(rest);
    request.target = take_line(rest);
    request.content_type = take_line(rest);
    request.body = rest;
    check(std::move(request));
    for (const char* type : {"application/json", "application/x-www-form-urlencoded"}) {
        Request whole;
        whole.method = "POST";
        whole.target = "/v1/tokens?" + input;
        whole.content_type = type;
        whole.body = input;
        check(std::move(whole));
    }
    return 0;
}
