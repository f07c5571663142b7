#include <api/actions/planning.hpp>

#include <api/actions/answers.hpp>
#include <api/actions/record.hpp>
#include <api/actions/sensitive.hpp>
#include <api/auth.hpp>
#include <api/catching_up.hpp>
#include <api/problem.hpp>
#include <api/redact.hpp>
#include <api/target.hpp>
#include <api/time.hpp>
#include <ledger/sha256.hpp>

#include <fmt/format.h>

#include <boost/algorithm/string/replace.hpp>

#include <algorithm>
#include <functional>

namespace daybook::api {
namespace {

constexpr std::size_t key_bytes_max = 255;  // Stripe's own limit
constexpr std::size_t user_agent_bytes_max = 255;
/// A larger body is looked through for secrets on a query thread, where nobody else waits for it.
constexpr std::size_t body_at_once_max = std::size_t{64} << 10;

void check_key(std::string_view key) {
    const auto printable = [](char c) { return c > ' ' && c <= '~'; };
    if (key.size() > key_bytes_max || !std::ranges::all_of(key, printable))
        throw Refused(Problem::idempotency_key_invalid,
                      "Idempotency-Key must be 1 to 255 printable ASCII characters without blanks");
}

/// A plain hash of a card number would give the number away. Where something is left out, the whole
/// is hashed with the caller's key, which is kept nowhere.
std::string fingerprint_of(const Request& request, std::string_view account) {
    const auto target = target_without_sensitive(request.target);
    const auto body = without_sensitive(request.body, request.content_type);
    auto fingerprint =
        hex(sha256(fmt::format("{} {}\n{}\n{}", request.method, target, account, body)));
    if (target != request.target || body != request.body)
        fingerprint += hex(hmac_sha256(key_of(request), {request.target, "\n", request.body}));
    return fingerprint;
}

bool printable(char c) {
    return c >= ' ' && c <= '~';
}

/// A header may have bytes of any encoding, and the record is JSON.
std::string plain(std::string_view text) {
    std::string out(text.substr(0, user_agent_bytes_max));
    std::ranges::replace_if(out, std::not_fn(printable), '?');
    return out;
}

/// What every plan has, whoever made it.
void complete(Plan& plan, const Request& request, const Caller& caller, const Node& node) {
    plan.id = action_id(request.idempotency_key, node.livemode, plan.account);
    plan.method = request.method;
    plan.path = without_secrets(request.path);
    plan.idempotency_key = request.idempotency_key;
    plan.fingerprint = fingerprint_of(request, plan.account);
    plan.livemode = node.livemode;
    plan.requested_at = unix_seconds(now_microseconds());
    plan.requester = {caller.key_id, request.remote, plain(request.user_agent), request.request_id};
}

/// What goes into the log must be text, and what goes on to Stripe must fit into a request line.
void check_text(const Request& request) {
    const auto blank = [](char c) { return c == ' '; };
    if (!std::ranges::all_of(request.target, printable) ||
        std::ranges::any_of(request.target, blank))
        throw Refused(Problem::malformed_request, "the path or the query is not plain ASCII");
    for (const auto& [name, value] : request.headers)
        if (!std::ranges::all_of(value, printable))
            throw Refused(Problem::malformed_request, "the header " + name + " is not plain ASCII");
}

/// Our own API writes {action} where the id belongs; it is not known before.
void name_action(Plan& plan) {
    for (auto& step : plan.steps) {
        boost::algorithm::replace_all(step.path, "{action}", plan.id);
        boost::algorithm::replace_all(step.body, "{action}", plan.id);
    }
    boost::algorithm::replace_all(plan.decisions, "{action}", plan.id);
}

/// Whether a key that is kept to accounts may be told what another key was answered, which nobody
/// judges for a recorded answer: if that one reached no further.
bool reaches_as_far(const Caller& caller, const std::string& key_id, Context& context) {
    const auto accounts = accounts_of(caller.scopes);
    if (accounts.empty() || key_id == caller.key_id) return true;
    const auto row =
        context.db.run("SELECT array_to_string(scopes, ' ') FROM ledger.api_keys WHERE key_id = $1",
                       pg::Params().text(key_id));
    if (row.rows() == 0) return false;
    const auto scopes = scopes_in(row.text(0, 0));
    const auto others = accounts_of(scopes);
    return !others.empty() && std::ranges::all_of(others, [&accounts](const auto account) {
        return std::ranges::find(accounts, account) != accounts.end();
    });
}

/// What the log says of this key, if it was used before.
std::optional<Order> asked_before(const Plan& plan, Context& context) {
    auto recorded = find_action(context.db, context.node.log_id, plan.id);
    if (!recorded) return std::nullopt;
    if (recorded->plan.fingerprint != plan.fingerprint)
        throw Refused(Problem::idempotency_key_reused);
    if (!reaches_as_far(context.caller, recorded->plan.requester.key_id, context))
        throw Refused(Problem::scope_missing,
                      "a key with more accounts asked for this than this one is kept to");
    if (recorded->outcome)
        return completed(recorded->plan, std::move(recorded->outcome->response),
                         recorded->outcome->position, true);
    return std::move(recorded->plan);
}

/// What the handler makes of the request. It refuses nothing for tables that are behind the log:
/// what was written a moment ago, by this caller perhaps, must count.
Prepared judge(const Route& route, const Request& request, Context& context) {
    for (std::size_t caught_up = 0;; caught_up = context.read.size()) {
        try {
            return route.plan(request, context);
        } catch (const Refused&) {
            if (context.read.size() == caught_up) throw;
        }
        catch_up(context, context.read);
    }
}

/// The same, or what is known of it already. While the handler looked around, a twin of the request
/// may have done what now speaks against it: then the twin's answer is the answer.
std::variant<Prepared, Order> prepare(const Route& route, const Request& request, const Plan& asked,
                                      Context& context) {
    try {
        return judge(route, request, context);
    } catch (const Refused&) {
        if (request.idempotency_key.empty()) throw;
        if (auto before = asked_before(asked, context)) return std::move(*before);
        throw;
    }
}

Order order_of_route(const Route& route, const Request& request, Context& context) {
    if (!context.node.actions) throw Refused(Problem::stripe_not_configured);
    check_key(request.idempotency_key);
    if (!route.scope.empty()) {
        context.caller = context.node.keys.require(request, route.scope, context.db);
        if (request.idempotency_key.empty()) throw Refused(Problem::idempotency_key_missing);
    } else if (!request.idempotency_key.empty()) {
        // Who bears no key of ours uses up none of the idempotency keys of those who do.
        auto anonymous = request;
        anonymous.idempotency_key.clear();
        return order_of_route(route, anonymous, context);
    }
    Plan asked;
    complete(asked, request, context.caller, context.node);
    if (!request.idempotency_key.empty())
        if (auto before = asked_before(asked, context)) return std::move(*before);
    auto found = prepare(route, request, asked, context);
    if (auto* before = std::get_if<Order>(&found)) return std::move(*before);
    auto& prepared = std::get<Prepared>(found);
    if (auto* response = std::get_if<Response>(&prepared)) return std::move(*response);
    auto& plan = std::get<Plan>(prepared);
    asked.kind = std::move(plan.kind);
    asked.account = std::move(plan.account);
    asked.steps = std::move(plan.steps);
    asked.decisions = std::move(plan.decisions);
    name_action(asked);
    return asked;
}

/// Whether the call may write metadata, in whatever spelling.
bool may_name_metadata(const Request& request) {
    for (const std::string_view text :
         {std::string_view(request.target), std::string_view(request.body)}) {
        const auto decoded = percent_decoded(text, true);
        if (!decoded || decoded->find("metadata") != std::string::npos ||
            decoded->find("\\u") != std::string::npos)
            return true;
    }
    return false;
}

Order order_of_gateway(const Request& request, const Caller& caller, const Node& node) {
    if (!node.actions) throw Refused(Problem::stripe_not_configured);
    if (request.method != "GET" && request.method != "POST" && request.method != "DELETE")
        throw Refused(Problem::method_not_allowed, "Stripe's API knows GET, POST and DELETE");
    check_key(request.idempotency_key);
    check_text(request);
    auto order = gateway_order(request);
    auto* plan = std::get_if<Plan>(&order);
    const auto account = plan ? plan->account : account_of(request);
    if (const auto why = why_not_call(caller.scopes, request.method, request.path,
                                      {.account = account, .livemode = node.livemode}))
        throw Refused(Problem::scope_missing, *why);
    // The account that a path names is an object of the platform's own; its metadata say its fee.
    if (plan && account.empty() && !accounts_of(caller.scopes).empty() &&
        may_name_metadata(request))
        throw Refused(Problem::scope_missing,
                      "the key is kept to some connected accounts, and their metadata are the "
                      "platform's to write");
    if (!plan) return std::get<stripe::Call>(std::move(order));
    complete(*plan, request, caller, node);
    return std::move(*plan);
}

}  // namespace

Order order_of(const Route* route, const Request& request, Context context) {
    try {
        if (route) return order_of_route(*route, request, context);
        context.caller = context.node.keys.identify(request, context.db);
        return order_of_gateway(request, context.caller, context.node);
    } catch (...) {
        auto problem = failure_response(request);
        return route ? problem : in_stripes_shape(problem);
    }
}

std::optional<Order> order_at_once(const Request& request, Node& node) {
    if (request.body.size() > body_at_once_max) return std::nullopt;
    try {
        const auto caller = node.keys.remembered(request);
        if (!caller) return std::nullopt;
        return order_of_gateway(request, *caller, node);
    } catch (...) {
        return in_stripes_shape(failure_response(request));
    }
}

}  // namespace daybook::api
