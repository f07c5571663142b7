// The order of the steps is the precedence of the refusals.
#include <tools/stripe_sim/api.hpp>

#include <ledger/logging.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/check.hpp>
#include <tools/stripe_sim/expand.hpp>
#include <tools/stripe_sim/form.hpp>
#include <tools/stripe_sim/keys.hpp>
#include <tools/stripe_sim/multipart.hpp>
#include <tools/stripe_sim/undo.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace daybook::sim {
namespace {

constexpr std::size_t idempotency_key_bytes_max = 255;

bool is_json(const ApiRequest& request) {
    return request.path.starts_with("/v2/") || request.content_type.starts_with("application/json");
}

/// The body's members over the query's.
json::object raw_params(const ApiRequest& request) {
    auto params = parse_form(request.query);
    if (request.body.empty()) return params;
    if (!is_json(request)) {
        const bool parts = request.content_type.starts_with("multipart/");
        for (auto& [name, value] :
             parts ? parse_multipart(request.body, request.content_type) : parse_form(request.body))
            params[name] = std::move(value);
        return params;
    }
    boost::system::error_code error;
    auto parsed = json::parse(request.body, error);
    if (error || !parsed.is_object())
        throw invalid("Invalid JSON in the request body.").code("invalid_json").unexecuted();
    for (auto& [name, value] : parsed.get_object())
        params[name] = std::move(value);
    return params;
}

/// Pages are called by hand, too: what looks like JSON is JSON. An array is left to the page.
json::object page_params(const ApiRequest& request) {
    auto params = parse_form(request.query);
    if (request.body.starts_with('[')) return params;
    if (!request.body.starts_with('{')) return raw_params(request);
    boost::system::error_code error;
    auto parsed = json::parse(request.body, error);
    if (error) throw invalid("Invalid JSON in the request body.");
    for (auto& [name, value] : parsed.as_object())
        params[name] = std::move(value);
    return params;
}

StripeError unrecognized(std::string_view method, std::string_view path) {
    return StripeError(404, "invalid_request_error",
                       fmt::format("Unrecognized request URL ({}: {}). Please see "
                                   "https://stripe.com/docs or we can help at "
                                   "https://support.stripe.com/.",
                                   method, path))
        .unexecuted();
}

/// The account that the request is to act as, in either spelling. A context is a path that ends
/// with it.
std::string acting_account(const ApiRequest& request) {
    const auto& context = request.stripe_context;
    if (context.empty()) return request.stripe_account;
    if (!request.stripe_account.empty())
        throw invalid("You cannot pass both Stripe-Account and Stripe-Context.").unexecuted();
    return context.substr(context.rfind('/') + 1);
}

/// Refuses what is not YYYY-MM-DD; a name or the names of betas may follow.
void check_version(std::string_view version) {
    constexpr std::string_view pattern = "0000-00-00";
    const auto date = version.substr(0, pattern.size());
    const bool is_date = std::ranges::equal(date, pattern, [](char given, char wanted) {
        return wanted == '-' ? given == '-' : given >= '0' && given <= '9';
    });
    if (!is_date && !version.empty())
        throw invalid(fmt::format("Invalid Stripe API version: {}", version)).unexecuted();
}

/// Names the current request for the events that it causes.
class Causing {
public:
    Causing(World& world, const Cause& cause) : world_(world) { world.cause = &cause; }
    ~Causing() { world_.cause = nullptr; }
    Causing(const Causing&) = delete;
    Causing& operator=(const Causing&) = delete;

private:
    World& world_;
};

/// Lets the store rest when a request is over, however it ended.
class Resting {
public:
    explicit Resting(World& world) : world_(world) {}
    ~Resting() { world_.store.rest(); }
    Resting(const Resting&) = delete;
    Resting& operator=(const Resting&) = delete;

private:
    World& world_;
};

}  // namespace

Reply Api::refusal(const StripeError& error, const std::string& request_id) {
    Reply reply;
    reply.status = error.status();
    reply.body = pretty(error.body(request_id));
    reply.body += '\n';
    if (!error.should_retry().empty())
        reply.headers = fmt::format("Stripe-Should-Retry: {}\r\n", error.should_retry());
    return reply;
}

Reply Api::page(const ApiRequest& request, Match match) {
    PageCall call{world_, request, std::move(match.ids), {}};
    try {
        call.params = page_params(request);
        return world_.routes.entry(*match.route)->page(call);
    } catch (const StripeError& error) {
        return refusal(error, "");
    }
}

void Api::identify(Admitted& admitted, bool browser) const {
    const auto key = key_of(admitted.request.authorization, browser);
    admitted.publishable = key.publishable;
    check_version(admitted.request.stripe_version);
    const auto account = acting_account(admitted.request);
    if (account.empty() || account == world_.platform_id) return;
    if (!world_.store.find("", "account", account))
        throw StripeError(403, "invalid_request_error",
                          fmt::format("The provided key does not have access to account '{}' (or "
                                      "that account does not exist). Application access may have "
                                      "been revoked.",
                                      account))
            .code("account_invalid")
            .unexecuted();
    admitted.account = account;
}

/// True when the request may go on; otherwise `answer` is its answer.
bool Api::claim_key(Admitted& admitted, Reply& answer) {
    const auto& request = admitted.request;
    const auto& key = request.idempotency_key;
    if (key.empty() || request.method != "POST" || !request.path.starts_with("/v1/")) return true;
    if (key.size() > idempotency_key_bytes_max)
        throw StripeError(400, "idempotency_error",
                          "Idempotency keys cannot be longer than 255 characters.")
            .unexecuted();
    const auto print =
        fmt::format("{} {}?{}\n{}", request.method, request.path, request.query, request.body);
    switch (world_.idempotency.begin(admitted.account, key, print, admitted.request_id,
                                     world_.clock.now())) {
        case Idempotency::Found::fresh: admitted.holds_key = true; return true;
        case Idempotency::Found::replay:
            answer = world_.idempotency.answer(admitted.account, key);
            return false;
        case Idempotency::Found::in_use:
            throw StripeError(409, "idempotency_error",
                              fmt::format("There is currently another in-progress request using "
                                          "this Idempotent Key (that probably means you submitted "
                                          "twice, and the other request is still going through): "
                                          "{}. Please try again later.",
                                          key))
                .code("idempotency_key_in_use")
                .unexecuted();
        case Idempotency::Found::different: break;
    }
    throw StripeError(400, "idempotency_error",
                      fmt::format("Keys for idempotent requests can only be used with the same "
                                  "parameters they were first used with. Try using a key other "
                                  "than '{}' if you meant to execute a different request.",
                                  key))
        .unexecuted();
}

std::variant<Reply, Admitted> Api::admit(ApiRequest request) {
    world_.keep_up();
    auto match = world_.spec.match(request.method, request.path);
    const auto* entry = match.route ? world_.routes.entry(*match.route) : nullptr;
    if (entry && entry->page) return page(request, std::move(match));

    Admitted admitted;
    admitted.request = std::move(request);
    admitted.match = std::move(match);
    admitted.request_id = world_.ids.make("req_");
    Reply answer;
    try {
        identify(admitted, entry && entry->browser);
        if (!entry) throw unrecognized(admitted.request.method, admitted.request.path);
        admitted.fault =
            world_.faults.judge(admitted.request, admitted.request_id, admitted.account,
                                world_.idempotency, world_.clock.now());
        if (claim_key(admitted, answer)) return admitted;
    } catch (const StripeError& error) {
        answer = refusal(error, admitted.request_id);
    }
    add_headers(admitted, answer);
    return answer;
}

json::object Api::answer(Call& call, const json::object& raw) {
    call.params = checked(call.route, raw, call.version.empty() ? Age::any : Age::current);
    check_expansions(call);
    auto answer = world_.routes.entry(call.route)->handler(call);
    expand(call, answer);
    return answer;
}

json::object Api::answer_or_nothing(Call& call, const json::object& raw) {
    Undo undo(world_);
    try {
        auto answered = answer(call, raw);
        undo.keep();
        return answered;
    } catch (const StripeError& error) {
        if (error.lasts()) undo.keep();
        throw;
    }
}

json::object Api::perform(std::string_view method, std::string path, const json::object& params,
                          std::string account) {
    world_.keep_up();
    auto match = world_.spec.match(method, path);
    const auto* entry = match.route ? world_.routes.entry(*match.route) : nullptr;
    if (!entry || !entry->handler) throw unrecognized(method, path);
    Call call(world_, std::move(account), *match.route);
    call.ids = std::move(match.ids);
    call.url = std::move(path);
    call.version = world_.spec.version();
    call.request_id = world_.ids.make("req_");
    const Cause cause{call.request_id, ""};
    const Causing causing(world_, cause);
    const Resting resting(world_);
    return answer(call, params);
}

Reply Api::run(const Admitted& admitted, bool& executed) {
    const auto& request = admitted.request;
    Call call(world_, admitted.account, *admitted.match.route);
    call.ids = admitted.match.ids;
    call.url = request.path;
    call.version = request.stripe_version;
    call.request_id = admitted.request_id;
    call.idempotency_key = request.idempotency_key;
    call.publishable = admitted.publishable;
    const Cause cause{call.request_id, call.idempotency_key};
    const Causing causing(world_, cause);
    try {
        auto raw = raw_params(request);
        // Stripe.js sends its key in the form, and the secret whatever the route declares.
        if (call.publishable) {
            call.client_secret = text(raw, "client_secret");
            raw.erase("client_secret");
            raw.erase("key");
        }
        Reply reply;
        append_pretty(reply.body, answer_or_nothing(call, raw));
        reply.body += '\n';
        return reply;
    } catch (const StripeError& error) {
        executed = error.executed();
        return refusal(error, call.request_id);
    } catch (const std::exception& error) {
        logging::error("simulator: a handler failed",
                       {{"path", request.path}, {"error", error.what()}});
        return refusal(StripeError(500, "api_error", "The simulator failed on this request."),
                       call.request_id);
    }
}

Reply Api::execute(Admitted& admitted) {
    world_.keep_up();
    bool executed = true;
    auto reply = run(admitted, executed);
    world_.store.rest();
    if (admitted.fault.replaced && executed) reply = *admitted.fault.replaced;
    return conclude(admitted, std::move(reply), executed);
}

Reply Api::conclude(Admitted& admitted, Reply reply, bool keep) {
    const auto& key = admitted.request.idempotency_key;
    if (admitted.holds_key && keep)
        world_.idempotency.finish(admitted.account, key, reply);
    else if (admitted.holds_key)
        world_.idempotency.release(admitted.account, key);
    admitted.holds_key = false;
    add_headers(admitted, reply);
    return reply;
}

Reply Api::handle(ApiRequest request) {
    auto step = admit(std::move(request));
    if (auto* reply = std::get_if<Reply>(&step)) return finished(std::move(*reply));
    auto& admitted = std::get<Admitted>(step);
    if (admitted.fault.instead)
        return conclude(admitted, *admitted.fault.instead, admitted.fault.keep);
    return execute(admitted);
}

void Api::add_headers(const Admitted& admitted, Reply& reply) const {
    const auto& request = admitted.request;
    fmt::format_to(std::back_inserter(reply.headers),
                   "Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\nRequest-Id: {}\r\nStripe-Version: {}\r\n",
                   fmt::gmtime(world_.clock.now()), admitted.request_id,
                   request.stripe_version.empty() ? world_.spec.version() : request.stripe_version);
    if (!request.idempotency_key.empty())
        fmt::format_to(std::back_inserter(reply.headers), "Idempotency-Key: {}\r\n",
                       request.idempotency_key);
    if (!request.stripe_account.empty())
        fmt::format_to(std::back_inserter(reply.headers), "Stripe-Account: {}\r\n",
                       request.stripe_account);
}

}  // namespace daybook::sim
