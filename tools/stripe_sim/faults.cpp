// The kinds of faults, and when a rule strikes.
#include <tools/stripe_sim/faults.hpp>

#include <tools/stripe_sim/api.hpp>
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/events.hpp>
#include <tools/stripe_sim/idempotency.hpp>
#include <tools/stripe_sim/old_versions.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace daybook::sim {
namespace {

constexpr std::array<std::string_view, 8> request_kinds = {
    "rate_limit", "lock_timeout", "error_before", "error_after",
    "cut_before", "cut_after",    "slow",         "forget_key"};
constexpr std::array<std::string_view, 7> delivery_kinds = {"duplicate",
                                                            "reorder",
                                                            "delay",
                                                            "lose",
                                                            "wrong_signature",
                                                            "old_version",
                                                            "null_balance_transaction"};
constexpr std::array<std::string_view, 18> known_members = {
    "kind",  "route",  "event", "endpoint", "rate",   "count",  "skip",  "seed",   "delay_ms",
    "delay", "window", "for",   "version",  "status", "reason", "store", "object", "id"};

bool is_request_kind(std::string_view kind) {
    return std::ranges::find(request_kinds, kind) != request_kinds.end();
}

bool is_delivery_kind(std::string_view kind) {
    return std::ranges::find(delivery_kinds, kind) != delivery_kinds.end();
}

/// SplitMix64: the same on every machine.
std::uint64_t mixed(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

/// Whether `pattern`, in which * stands for any text, is all of `text`.
bool fits(std::string_view pattern, std::string_view text) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    for (auto from = star; from <= text.size(); ++from)
        if (fits(pattern.substr(star + 1), text.substr(from))) return true;
    return false;
}

std::int64_t count_of(const json::object& given, std::string_view name, std::int64_t other) {
    const auto* value = given.if_contains(name);
    if (!value || value->is_null()) return other;
    if (!value->is_int64() || value->get_int64() < 0)
        throw invalid(fmt::format("{} must be a whole number, not negative.", name)).param(name);
    return value->get_int64();
}

std::int64_t parts_per_million(const json::object& given) {
    const auto* rate = given.if_contains("rate");
    if (!rate) return 1'000'000;
    const double value = rate->is_number() ? rate->to_number<double>() : -1;
    if (!(value >= 0 && value <= 1)) throw invalid("rate must be from 0 to 1.").param("rate");
    return std::llround(value * 1e6);
}

Reply error_reply(int status, std::string_view code, std::string_view message,
                  std::string_view should_retry, const std::string& request_id) {
    StripeError error(status, status >= 500 ? "api_error" : "invalid_request_error", message);
    if (!code.empty()) error.code(code);
    if (!should_retry.empty()) error.retry(should_retry == "true");
    return Api::refusal(error, request_id);
}

}  // namespace

std::uint64_t FaultRules::Rule::chance() const {
    return mixed(mixed(seed) + static_cast<std::uint64_t>(seen));
}

bool FaultRules::Rule::strikes(Seconds now) {
    if (until && now >= *until) return false;
    ++seen;
    if (seen <= skip || left == 0) return false;
    if (chance() % 1'000'000 >= static_cast<std::uint64_t>(parts_per_million)) return false;
    if (left) --*left;
    ++struck;
    return true;
}

FaultRules::Rule FaultRules::read(const json::object& given) {
    for (const auto& [name, value] : given)
        if (std::ranges::find(known_members, std::string_view(name)) == known_members.end())
            throw invalid(fmt::format("A fault has no {}.", std::string_view(name)))
                .param(std::string_view(name));
    Rule rule;
    rule.kind = text(given, "kind");
    if (!is_request_kind(rule.kind) && !is_delivery_kind(rule.kind))
        throw invalid(fmt::format("kind must be one of {}, {}.", fmt::join(request_kinds, ", "),
                                  fmt::join(delivery_kinds, ", ")))
            .param("kind");
    const auto route = text(given, "route");
    const auto space = route.find(' ');
    if (space != std::string_view::npos) rule.method = route.substr(0, space);
    rule.path = space == std::string_view::npos ? route : route.substr(space + 1);
    rule.event = text(given, "event");
    rule.target = text(given, "endpoint");
    if (is_request_kind(rule.kind) ? !rule.event.empty() : !rule.path.empty())
        throw invalid(fmt::format("{} is about {}.", rule.kind,
                                  is_request_kind(rule.kind) ? "a route" : "an event"))
            .param(is_request_kind(rule.kind) ? "event" : "route");
    rule.reason = has(given, "reason") ? text(given, "reason") : "endpoint-rate";
    rule.version = text(given, "version");
    if (rule.kind == "old_version" && known_version(rule.version) == 0)
        throw invalid(fmt::format("version must be one of{}.", fmt::join(known_versions(), " ")))
            .param("version");
    rule.parts_per_million = sim::parts_per_million(given);
    if (has(given, "count")) rule.left = count_of(given, "count", 0);
    rule.skip = count_of(given, "skip", 0);
    rule.seed = static_cast<std::uint64_t>(count_of(given, "seed", 1));
    rule.delay_ms = count_of(given, "delay_ms", 1000);
    rule.delay = count_of(given, "delay", minute);
    rule.window = std::max<std::int64_t>(count_of(given, "window", 10), 1);
    rule.status = count_of(given, "status", rule.kind == "lock_timeout" ? 409 : 500);
    if (has(given, "store")) rule.keep = flag(given, "store");
    return rule;
}

json::object FaultRules::show(const Rule& rule) {
    json::object shown{{"id", rule.id}, {"object", "fault"}, {"kind", rule.kind}};
    if (!rule.path.empty())
        shown["route"] = rule.method.empty() ? rule.path : rule.method + " " + rule.path;
    if (!rule.event.empty()) shown["event"] = rule.event;
    if (!rule.target.empty()) shown["endpoint"] = rule.target;
    shown["rate"] = static_cast<double>(rule.parts_per_million) / 1e6;
    if (rule.left) shown["count"] = *rule.left;
    shown["skip"] = rule.skip;
    shown["seed"] = rule.seed;
    if (rule.kind == "slow") shown["delay_ms"] = rule.delay_ms;
    if (rule.kind == "delay") shown["delay"] = rule.delay;
    if (rule.kind == "reorder") shown["window"] = rule.window;
    if (rule.kind == "old_version") shown["version"] = rule.version;
    if (rule.kind == "rate_limit") shown["reason"] = rule.reason;
    if (rule.kind == "lock_timeout") shown["status"] = rule.status;
    if (rule.keep) shown["store"] = *rule.keep;
    if (rule.until) shown["until"] = *rule.until;
    shown["seen"] = rule.seen;
    shown["struck"] = rule.struck;
    return shown;
}

json::object FaultRules::add(const json::object& given, Seconds now) {
    auto rule = read(given);
    if (has(given, "for")) rule.until = now + count_of(given, "for", 0);
    rule.id = fmt::format("flt_{}", ++made_);
    rules_.push_back(std::move(rule));
    return show(rules_.back());
}

bool FaultRules::remove(std::string_view id) {
    return std::erase_if(rules_, [id](const Rule& rule) { return rule.id == id; }) > 0;
}

json::array FaultRules::shown() const {
    json::array all;
    for (const auto& rule : rules_)
        all.push_back(show(rule));
    return all;
}

void FaultRules::apply(const Rule& rule, const std::string& request_id, Fault& fault) {
    if (rule.kind == "rate_limit") {
        fault.instead = error_reply(429, "rate_limit",
                                    "Request rate limit exceeded. Learn more about rate limits "
                                    "here https://stripe.com/docs/rate-limits.",
                                    "", request_id);
        fault.instead->headers += fmt::format("Stripe-Rate-Limited-Reason: {}\r\n", rule.reason);
    } else if (rule.kind == "lock_timeout") {
        fault.instead = error_reply(static_cast<int>(rule.status), "lock_timeout",
                                    "This object cannot be accessed right now because another API "
                                    "request or Stripe process is currently accessing it.",
                                    "true", request_id);
    } else if (rule.kind == "error_before") {
        fault.keep = rule.keep.value_or(false);
        fault.instead = error_reply(500, "", "An unknown error occurred.",
                                    fault.keep ? "false" : "", request_id);
    } else if (rule.kind == "error_after") {
        fault.replaced = error_reply(500, "", "An unknown error occurred.", "false", request_id);
    } else if (rule.kind == "cut_before") {
        fault.cut_before = true;
    } else if (rule.kind == "cut_after") {
        fault.cut_after = true;
    } else if (rule.kind == "slow") {
        fault.delay = std::chrono::milliseconds(rule.delay_ms);
    }
}

Fault FaultRules::judge(const ApiRequest& request, const std::string& request_id,
                        std::string_view account, Idempotency& idempotency, Seconds now) {
    Fault fault;
    for (auto& rule : rules_) {
        if (!is_request_kind(rule.kind)) continue;
        if (!rule.method.empty() && rule.method != request.method) continue;
        if (!rule.path.empty() && !fits(rule.path, request.path)) continue;
        if (!rule.strikes(now)) continue;
        if (rule.kind == "forget_key")
            idempotency.forget(account, request.idempotency_key);
        else
            apply(rule, request_id, fault);
    }
    return fault;
}

DeliveryFault FaultRules::judge(std::string_view target, std::string_view event_type, Seconds now) {
    DeliveryFault fault;
    for (auto& rule : rules_) {
        if (!is_delivery_kind(rule.kind)) continue;
        if (!rule.event.empty() && !event_type_matches(rule.event, event_type)) continue;
        if (!rule.target.empty() && rule.target != target) continue;
        if (!rule.strikes(now)) continue;
        if (rule.kind == "duplicate") ++fault.copies;
        if (rule.kind == "reorder")
            fault.shift = mixed(rule.chance()) % (static_cast<std::uint64_t>(rule.window) + 1);
        if (rule.kind == "delay") fault.delay = rule.delay;
        if (rule.kind == "lose") fault.lose = true;
        if (rule.kind == "wrong_signature") fault.wrong_signature = true;
        if (rule.kind == "null_balance_transaction") fault.null_balance_transaction = true;
        if (rule.kind == "old_version")
            fault.version = static_cast<std::uint8_t>(known_version(rule.version));
    }
    return fault;
}

json::object FaultRules::saved() const {
    return {{"made", made_}, {"rules", shown()}};
}

void FaultRules::resume(const json::object& saved) {
    made_ = static_cast<std::uint64_t>(integer(saved, "made"));
    rules_.clear();
    for (const auto& value : array(saved, "rules")) {
        json::object given(value.as_object());
        const auto seen = integer(given, "seen");
        const auto struck = integer(given, "struck");
        const auto* until = at(given, "until");
        const std::optional<Seconds> end = until ? std::optional(until->as_int64()) : std::nullopt;
        for (const auto* name : {"seen", "struck", "until"})
            given.erase(name);
        auto rule = read(given);
        rule.id = text(given, "id");
        rule.seen = seen;
        rule.struck = struck;
        rule.until = end;
        rules_.push_back(std::move(rule));
    }
}

}  // namespace daybook::sim
