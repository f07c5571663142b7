// Links that send an account's owner somewhere: to onboarding once, or to the dashboard.
#include <tools/stripe_sim/resources/account_links.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr Seconds link_lasts = 5 * minute;

void check_url(const Call& call, std::string_view name) {
    const auto url = call.text(name);
    if (url.empty()) throw missing_param(name);
    const bool plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c != '\x7f'; });
    if (!plain || !(url.starts_with("http://") || url.starts_with("https://")))
        throw invalid("Not a valid URL").code("url_invalid").param(name);
}

std::string_view collect_of(const Call& call) {
    const auto fields = call.text("collection_options.fields");
    return fields.empty() ? call.text("collect") : fields;
}

json::object create(Call& call) {
    const auto& account = call.on("").get("account", call.text("account"), "account");
    check_url(call, "refresh_url");
    check_url(call, "return_url");
    const bool by_stripe = text(account, "controller.requirement_collection") == "stripe";
    if (call.text("type") == "account_update" && by_stripe)
        throw invalid(
            "You cannot create `account_update` type Account Links for this account. Please use "
            "`account_onboarding` instead.")
            .param("type");
    const auto token = call.world.ids.letters(12);
    auto link = call.begin("account_link", "");
    link["expires_at"] = call.now() + link_lasts;
    link["url"] = fmt::format("{}/_sim/onboarding/{}", call.world.base_url, token);
    call.on("").put({{"id", token},
                     {"object", std::string(onboarding_link)},
                     {"account", account.at("id")},
                     {"collect", collect_of(call)},
                     {"expires_at", link.at("expires_at")},
                     {"refresh_url", call.text("refresh_url")},
                     {"return_url", call.text("return_url")},
                     {"used", false}});
    return link;
}

json::object login(Call& call) {
    const auto& account = call.on("").get("account", call.id("account"), "account");
    if (text(account, "controller.stripe_dashboard.type") != "express")
        throw invalid(
            fmt::format("Cannot create a login link for an account that is not an Express "
                        "account ({}).",
                        text(account, "id")));
    if (!flag(account, "details_submitted"))
        throw invalid(
            "Cannot create a login link for an account that has not completed onboarding.");
    auto link = call.begin("login_link", "");
    link["url"] = fmt::format("{}/_sim/express/{}", call.world.base_url, text(account, "id"));
    return link;
}

}  // namespace

void add_account_links(Routes& on) {
    on("POST", "/v1/account_links", create);
    on("POST", "/v1/accounts/{account}/login_links", login);
}

}  // namespace daybook::sim
