#include <api/actions/conversation.hpp>

#include <api/actions/answers.hpp>
#include <api/actions/collections.hpp>
#include <api/actions/crash_point.hpp>
#include <api/time.hpp>
#include <ledger/logging.hpp>

#include <simdjson.h>

#include <boost/algorithm/string/replace.hpp>

#include <algorithm>
#include <ctime>

namespace daybook::api {
namespace {

using Json = simdjson::dom::element;
constexpr Microseconds per_second = 1'000'000;

bool unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (unreserved(c))
            out += c;
        else
            out.append({'%', digits[byte >> 4U], digits[byte & 15U]});
    }
    return out;
}

/// The text or integer at `path` (a.b.c) of a JSON document.
std::optional<std::string> field_at(const std::string& document, std::string_view path) {
    simdjson::dom::parser parser;
    Json value;
    const auto pointer = "/" + boost::replace_all_copy(std::string(path), ".", "/");
    if (parser.parse(document).at_pointer(pointer).get(value) != simdjson::SUCCESS)
        return std::nullopt;
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) return std::string(text);
    std::int64_t number = 0;
    if (value.get(number) == simdjson::SUCCESS) return std::to_string(number);
    return std::nullopt;
}

/// Puts what earlier steps answered where `text` says {0.id}.
std::optional<std::string> filled_in(std::string_view text,
                                     const std::vector<StripeAnswer>& answers) {
    std::string out;
    for (;;) {
        const auto open = text.find('{');
        out += text.substr(0, open);
        if (open == std::string_view::npos) return out;
        const auto close = text.find('}', open);
        const auto dot = text.find('.', open);
        if (close == std::string_view::npos || dot == std::string_view::npos || dot > close)
            return std::nullopt;
        const auto number = text.substr(open + 1, dot - open - 1);
        if (number.empty() ||
            !std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; }))
            return std::nullopt;
        const auto index = std::stoul(std::string(number));
        if (index >= answers.size()) return std::nullopt;
        const auto value = field_at(answers[index].body, text.substr(dot + 1, close - dot - 1));
        if (!value) return std::nullopt;
        out += percent_encoded(*value);
        text = text.substr(close + 1);
    }
}

/// Whether an answer decides what became of the call.
ActionState state_after(const stripe::Answer& answer) {
    const int status = answer.status;
    if (status >= 200 && status < 300) return ActionState::succeeded;
    // With these Stripe did nothing, or does not say what it did: the same key may be sent again.
    if (status == 401 || status == 409 || status == 424 || status == 429 || status >= 500)
        return ActionState::indeterminate;
    // A refusal is final; but a doubtful one may be about the object that we just made ourselves.
    if (answer.doubtful && status == 403) return ActionState::indeterminate;
    return ActionState::failed;
}

std::optional<Microseconds> http_date(std::string_view text) {
    std::tm utc{};
    if (strptime(std::string(text).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &utc) == nullptr)
        return std::nullopt;
    return std::int64_t{timegm(&utc)} * per_second;
}

}  // namespace

std::optional<stripe::Call> call_of(const Plan& plan, std::size_t index,
                                    const std::vector<StripeAnswer>& answers) {
    const auto& step = plan.steps[index];
    stripe::Call call;
    call.method = step.method;
    call.target = step.path;
    call.body = step.body;
    if (!step.body.empty() || step.method == "POST") call.content_type = step.content_type;
    call.idempotency_key = step.method == "GET" ? std::string() : step_key(plan.id, index);
    call.account = step.account;
    call.version = step.version;
    call.headers = step.headers;
    if (plan.kind == gateway_kind) return call;
    const auto target = filled_in(step.path, answers);
    const auto body = filled_in(step.body, answers);
    if (!target || !body) return std::nullopt;
    call.target = *target;
    call.body = *body;
    return call;
}

Microseconds snapshot_time(const Step& step, const stripe::Answer& answer, Microseconds now) {
    const auto target = taken_apart(step.path);
    if (step.method == "POST" && target.id.empty())
        if (const auto created = field_at(answer.body, "created"))
            if (const auto time = parse_time(*created)) return *time;
    const auto took = static_cast<Microseconds>(answer.took.count());
    return snapshot_end(answer, now) - took;
}

Microseconds snapshot_end(const stripe::Answer& answer, Microseconds now) {
    return std::min(http_date(answer.header("Date")).value_or(now), now);
}

Task<void> converse(Desk& desk, const Plan& plan, Said& said) {
    auto& outcome = said.outcome;
    outcome.state = ActionState::succeeded;
    for (auto index = outcome.answers.size(); index < plan.steps.size(); ++index) {
        auto call = call_of(plan, index, outcome.answers);
        if (!call) {
            logging::error("a step of an action refers to what no answer has",
                           {{"action", plan.id}});
            outcome.state = ActionState::failed;
            break;
        }
        said.repeats_itself = false;
        crash_point("before_call");
        auto answer = co_await desk.stripe().perform(std::move(*call));
        crash_point("after_call");
        if (!answer) {
            outcome.state = ActionState::indeterminate;
            said.failure = answer.error();
            break;
        }
        outcome.attempts = std::max(outcome.attempts, answer->attempts);
        outcome.state = state_after(*answer);
        outcome.snapshot_at = snapshot_time(plan.steps[index], *answer, now_microseconds());
        outcome.snapshot_until = snapshot_end(*answer, now_microseconds());
        said.repeats_itself = answer->header("Idempotent-Replayed") == "true";
        said.gone = plan.steps[index].method == "DELETE" && answer->status == 404 &&
                    (answer->doubtful || said.resumed);
        if (said.gone) outcome.state = ActionState::indeterminate;
        outcome.answers.push_back(
            {answer->status, std::move(answer->headers), std::move(answer->body)});
        if (outcome.state != ActionState::succeeded) break;
    }
    outcome.answered_at = now_microseconds();
}

}  // namespace daybook::api
