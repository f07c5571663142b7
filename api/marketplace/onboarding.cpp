// Links for sellers: onboarding, its renewal, the Express dashboard, and embedded components.
#include <api/actions/record.hpp>
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <api/problem.hpp>
#include <api/time.hpp>
#include <ledger/invariant.hpp>
#include <ledger/sha256.hpp>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace daybook::api {
namespace {

constexpr std::string_view scope = "sellers:write";
constexpr std::int64_t token_seconds = 30 * 86'400;
constexpr std::string_view refresh_path = "/connect/refresh";
constexpr std::string_view secret_mark = "_secret_";  // what stands behind it is shown to nobody
constexpr std::string_view collections[] = {"currently_due", "eventually_due"};
constexpr std::string_view components[] = {
    "account_management",  "account_onboarding", "balances", "disputes_list", "documents",
    "notification_banner", "payment_details",    "payments", "payouts",       "payouts_list"};

std::string random_text() {
    std::array<unsigned char, 16> random{};
    invariant(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
    return hex({reinterpret_cast<const char*>(random.data()), random.size()});
}

/// The address of a link's renewal. One that leads to Daybook itself gets a token: the id of the
/// action that made the link, by which it is found again, and a secret, since ids of actions can be
/// guessed from keys. Any other address is the marketplace's own page, and stays as it is.
struct Refresh {
    std::string url;     ///< may name {action}
    std::string secret;  ///< empty when there is no token
};

Refresh refresh_of(std::string url) {
    while (url.ends_with('/'))
        url.pop_back();
    if (!url.ends_with(refresh_path)) return {std::move(url), {}};
    auto secret = random_text();
    return {std::move(url), std::move(secret)};
}

Form link_form(std::string_view account, const Refresh& refresh, std::string_view return_url,
               std::string_view collect) {
    Form form;
    form.text("account", account).text("type", "account_onboarding");
    if (refresh.secret.empty())
        form.text("refresh_url", refresh.url);
    else
        form.refer("refresh_url", fmt::format("{}%2F{{action}}{}{}", percent_encoded(refresh.url),
                                              secret_mark, refresh.secret));
    form.text("return_url", return_url).text("collection_options[fields]", collect);
    return form;
}

JsonObject link_decisions(std::string_view account, const Refresh& refresh,
                          std::string_view return_url, std::string_view collect) {
    JsonObject decisions;
    decisions.text("account", account).text("refresh_url", refresh.url);
    decisions.text_or_null("refresh_secret", refresh.secret).text("return_url", return_url);
    return decisions.text_or_null("collect", collect);
}

Plan link_plan(std::string_view kind, const Context& context, std::string_view account,
               const Refresh& refresh, std::string_view return_url, std::string_view collect) {
    return PlanOf(kind, context)
        .post("/v1/account_links", link_form(account, refresh, return_url, collect))
        .decide(link_decisions(account, refresh, return_url, collect))
        .plan();
}

/// What the link that a token belongs to was made for; null for a token that is not ours or old.
std::optional<JsonReader> decisions_of_token(std::string_view token, Context& context) {
    const auto mark = token.find(secret_mark);
    if (mark == std::string_view::npos) return std::nullopt;
    const auto found = find_action(context.db, context.node.log_id, token.substr(0, mark));
    const auto now = unix_seconds(now_microseconds());
    if (!found || found->plan.requested_at + token_seconds < now) return std::nullopt;
    JsonReader decided(found->plan.decisions);
    const auto secret = decided.text("/refresh_secret");
    const auto given = token.substr(mark + secret_mark.size());
    const bool same = !secret.empty() && secret.size() == given.size() &&
                      CRYPTO_memcmp(secret.data(), given.data(), secret.size()) == 0;
    return same ? std::optional(std::move(decided)) : std::nullopt;
}

}  // namespace

Prepared post_onboarding_link(const Request& request, Context& context) {
    Input in(request);
    auto refresh_url = in.url("refresh_url");
    auto return_url = in.url("return_url");
    const auto collect = in.word("collect", collections);
    const auto& settings = context.node.stripe;
    if (refresh_url.empty()) refresh_url = settings.connect_refresh_url;
    if (return_url.empty()) return_url = settings.connect_return_url;
    if (refresh_url.empty() && !in.has("refresh_url"))
        in.refuse("refresh_url", "is required, since none is configured");
    if (return_url.empty() && !in.has("return_url"))
        in.refuse("return_url", "is required, since none is configured");
    in.done();
    require_reach(context, scope, request.id);
    return link_plan("account.onboarding_link", context, request.id,
                     refresh_of(std::move(refresh_url)), return_url, collect);
}

Prepared get_onboarding_refresh(const Request& request, Context& context) {
    const auto decided = decisions_of_token(request.id, context);
    if (!decided) throw Refused(Problem::not_found);
    return link_plan("account.onboarding_refresh", context, decided->text("/account"),
                     refresh_of(decided->text("/refresh_url")), decided->text("/return_url"),
                     decided->text("/collect"));
}

Prepared post_login_link(const Request& request, Context& context) {
    Input(request).done();
    require_reach(context, scope, request.id);
    return PlanOf("account.login_link", context)
        .post(stripe_path("accounts", request.id, "login_links"), {})
        .plan();
}

Prepared post_account_session(const Request& request, Context& context) {
    Input in(request);
    const auto wanted = in.words("components", components);
    in.require("components");
    in.done();
    require_reach(context, scope, request.id);
    Form form;
    form.text("account", request.id);
    for (const auto& name : wanted)
        form.boolean(fmt::format("components[{}][enabled]", name), true);
    JsonObject decisions;
    decisions.text("account", request.id);
    decisions.text_or_null("publishable_key", context.node.stripe.publishable_key);
    return PlanOf("account.session", context)
        .post("/v1/account_sessions", form)
        .decide(decisions)
        .plan();
}

Response compose_onboarding_link(const Plan& plan, Answers answers) {
    const JsonReader decided(plan.decisions);
    JsonObject body;
    body.text("account_id", decided.text("/account"));
    return answer_with(pick(body, JsonReader(answers.back().body),
                            {{"url", "/url"}, {"expires_at", "/expires_at"}}));
}

Response compose_onboarding_refresh(const Plan& plan, Answers answers) {
    const auto url = JsonReader(answers.back().body).text("/url");
    // It becomes a header: nothing but a URL may pass.
    const bool plain = url.starts_with("http") &&
                       std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~'; });
    if (!plain) return problem_response(Problem::stripe_failed, plan.requester.request_id);
    Response response;
    response.status = 303;
    response.content_type = "text/plain";
    response.headers = "Location: " + url + "\r\nCache-Control: no-store\r\n";
    return response;
}

Response compose_login_link(const Plan&, Answers answers) {
    JsonObject body;
    return answer_with(pick(body, JsonReader(answers.back().body), {{"url", "/url"}}));
}

Response compose_account_session(const Plan& plan, Answers answers) {
    JsonObject body;
    pick(body, JsonReader(answers.back().body),
         {{"account_id", "/account"},
          {"client_secret", "/client_secret"},
          {"expires_at", "/expires_at"}});
    return answer_with(pick_same(body, JsonReader(plan.decisions), {"publishable_key"}));
}

}  // namespace daybook::api
