// Accounts stand on the platform; what belongs to one is in its own scope.
#include <tools/stripe_sim/resources/accounts.hpp>

#include <tools/stripe_sim/account_state.hpp>
#include <tools/stripe_sim/account_types.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/merge.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/onboarding.hpp>
#include <tools/stripe_sim/payout_schedule.hpp>
#include <tools/stripe_sim/requirements.hpp>
#include <tools/stripe_sim/resources/external_accounts.hpp>
#include <tools/stripe_sim/resources/persons.hpp>
#include <tools/stripe_sim/settlement.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <array>

namespace daybook::sim {
namespace {

void render(const Scope& scope, json::object& account) {
    const auto id = text(account, "id");
    const auto owner = owner_of(scope, id);
    account["external_accounts"] = list_external_accounts(owner, id);
    const auto* person =
        text(account, "business_type") == "individual" ? representative_of(owner) : nullptr;
    if (person) account["individual"] = *person;
}

json::object shown(const Scope& scope, const json::object& account) {
    json::object copy(account);
    render(scope, copy);
    return copy;
}

json::object begin_account(const Scope& platform, const json::object& params) {
    const auto country = has(params, "country") ? text(params, "country") : "US";
    const auto currency = currency_of_country(country);
    if (currency.empty())
        throw invalid(fmt::format("Country '{}' is unknown. Try using a 2-character alphanumeric "
                                  "country code instead, such as 'US', 'EG', or 'GB'.",
                                  country))
            .code("country_code_invalid")
            .param("country");
    auto type = account_type_of(params);
    auto account = platform.begin("account", "acct_");
    platform.fill(account, "business_profile", json::object());
    account["business_type"] = nullptr;
    account["capabilities"] = json::object();
    platform.fill(account, "controller", std::move(type.controller));
    account["country"] = json::string(country);
    account["created"] = platform.now();
    account["default_currency"] = json::string(currency);
    platform.fill(account, "future_requirements", json::object());
    account["metadata"] = json::object();
    platform.fill(account, "requirements", json::object());
    platform.fill(account, "settings", json::object());
    account["tos_acceptance"] = {{"date", nullptr}, {"ip", nullptr}, {"user_agent", nullptr}};
    account["type"] = type.type;
    return account;
}

void show_payout_settings(const Scope& owner, json::object& account) {
    set(account, "settings.payouts") = account_payout_settings(balance_settings(owner));
}

void apply_payout_settings(const Scope& owner, const json::object& payouts) {
    if (payouts.empty()) return;
    auto& settings = edit_balance_settings(owner);
    change_schedule(settings, object(payouts, "schedule"));
    if (const auto* debit = at(payouts, "debit_negative_balances"))
        set(settings, "payments.debit_negative_balances") = *debit;
    if (const auto* descriptor = at(payouts, "statement_descriptor"))
        set(settings, "payments.payouts.statement_descriptor") = *descriptor;
    owner.emit("balance_settings.updated", shown_balance_settings(settings));
}

/// The parameters that are members of the same shape.
json::object members_of(const json::object& params) {
    json::object members;
    for (const auto* name : {"business_profile", "business_type", "company", "default_currency",
                             "email", "groups", "settings", "tos_acceptance"})
        if (const auto* given = params.if_contains(name)) members[name] = *given;
    if (auto* settings = members.contains("settings") ? members["settings"].if_object() : nullptr)
        settings->erase("payouts");
    return members;
}

void apply(const Scope& owner, json::object& account, const json::object& params) {
    auto& world = owner.world;
    if (has(params, "default_currency")) checked_currency(text(params, "default_currency"));
    merge(world.spec, *world.spec.object("account"), account, members_of(params));
    Call::merge_metadata(account, params);
    for (const auto& [name, wish] : object(params, "capabilities"))
        if (const auto* members = wish.if_object(); members && has(*members, "requested"))
            request_capability(owner, text(account, "id"), name, flag(*members, "requested"));
    if (has(params, "individual"))
        change_representative(owner, account, object(params, "individual"));
    if (const auto* external = at(params, "external_account"))
        add_external_account(owner, account, *external, true);
    apply_payout_settings(owner, object(params, "settings.payouts"));
    show_payout_settings(owner, account);
}

void check_terms(const json::object& account, const json::object& params) {
    if (text(account, "controller.requirement_collection") != "stripe") return;
    if (has(params, "tos_acceptance.date") || has(params, "tos_acceptance.ip"))
        throw invalid(
            "You cannot accept the Terms of Service on behalf of Standard and Express connected "
            "accounts.")
            .param("tos_acceptance");
}

json::object create(Call& call) {
    if (call.has("tos_acceptance"))
        check_terms({{"controller", account_type_of(call.params).controller}}, call.params);
    return shown(call, make_account(call, call.params));
}

json::object update(Call& call) {
    const auto id = call.id("account");
    if (id == call.world.platform_id) static_cast<void>(platform_account(call));
    check_terms(call.on("").get("account", id, "account"), call.params);
    return shown(call, tell_account(call, id, call.params));
}

json::object own(Call& call) {
    static_cast<void>(platform_account(call));
    return shown(call, call.on("").get("account", call.account_id()));
}

json::object retrieve(Call& call) {
    if (call.id("account") == call.world.platform_id) return own(call);
    return shown(call, call.on("").get("account", call.id("account"), "account"));
}

json::object list(Call& call) {
    ListQuery query;
    query.match = [&](const json::object& account) {
        return text(account, "id") != call.world.platform_id;
    };
    return list_page(call, "account", std::move(query));
}

json::object remove(Call& call) {
    const std::string id(call.id("account"));
    static_cast<void>(call.on("").get("account", id, "account"));
    if (id == call.world.platform_id)
        throw invalid("You cannot delete your own account.").param("account");
    auto application = call.begin("application", "");
    application["id"] = call.world.application_id;
    application["name"] = "Daybook simulator";
    call.on(id).emit("account.application.deauthorized", application);
    call.on("").erase("account", id);
    return deleted("account", id);
}

json::object reject(Call& call) {
    const auto reason = call.text("reason");
    reject_account(call, call.id("account"),
                   reason.starts_with("fraud")    ? "rejected.fraud"
                   : reason == "terms_of_service" ? "rejected.terms_of_service"
                                                  : "rejected.other");
    return retrieve(call);
}

json::object unreject(Call& call) {
    reject_account(call, call.id("account"), "");
    return retrieve(call);
}

/// What an account that nobody asks anything about looks like: the platform's.
void make_platform(const Scope& platform) {
    auto account = begin_account(platform, {});
    account["id"] = platform.world.platform_id;
    account.erase("controller");
    account["business_type"] = "company";
    account["capabilities"] = {{"card_payments", "active"}, {"transfers", "active"}};
    account["email"] = "platform@example.com";
    for (const auto* flag : {"charges_enabled", "details_submitted", "payouts_enabled"})
        account[flag] = true;
    show_payout_settings(platform, account);
    const auto& stored = platform.put(std::move(account));
    put_external_account(platform, stored, "btok_us_verified");
}

Reply complete(PageCall& call) {
    const Scope platform(call.world, "");
    const auto& account = platform.get("account", call.id("account"));
    complete_onboarding(platform, text(account, "id"));
    return json_reply(shown(platform, account));
}

Reply require(PageCall& call) {
    const Scope platform(call.world, "");
    static_cast<void>(platform.get("account", call.id("account")));
    std::vector<std::string> fields;
    for (const auto& field : list_in(call.params, "fields"))
        fields.push_back(field);
    if (fields.empty()) throw missing_param("fields");
    const auto deadline = time_in(call.params, "deadline", platform.now());
    ask_account(platform, call.id("account"), fields, deadline);
    return json_reply(shown(platform, platform.get("account", call.id("account"))));
}

}  // namespace

const json::object& platform_account(const Scope& scope) {
    const auto platform = scope.on("");
    const auto& id = scope.world.platform_id;
    if (!platform.find("account", id)) make_platform(platform);
    return platform.get("account", id);
}

json::object& make_account(const Scope& scope, const json::object& params) {
    const auto platform = scope.on("");
    auto& account = platform.put(begin_account(platform, params));
    const auto owner = platform.on(text(account, "id"));
    if (text(account, "type") == "standard")
        for (const auto* name : {"card_payments", "transfers"})
            request_capability(owner, text(account, "id"), name, true);
    apply(owner, account, params);
    const json::object before(account);
    review_account(platform, account);
    owner.emit_changed("account.updated", before, account);
    return account;
}

json::object& tell_account(const Scope& scope, std::string_view account_id,
                           const json::object& params) {
    account_told(scope, account_id, paths_of(params));
    return change_account(scope, account_id, [&](json::object& account) {
        apply(owner_of(scope, account_id), account, params);
    });
}

json::object& make_active_account(const Scope& scope, const json::object& params) {
    json::object express(params);
    if (!express.contains("controller")) express["type"] = "express";
    if (!express.contains("capabilities"))
        express["capabilities"] = {{"card_payments", {{"requested", true}}},
                                   {"transfers", {{"requested", true}}}};
    const std::string id(text(make_account(scope, express), "id"));
    complete_onboarding(scope, id);
    return scope.on("").edit("account", id);
}

void add_accounts(Routes& on) {
    on.render("account", render);
    on.task("account.deadline", [](Scope& scope, std::string_view id) {
        if (scope.find("account", id)) change_account(scope, id);
    });
    on("GET", "/v1/account", own);
    on("POST", "/v1/accounts", create);
    on("GET", "/v1/accounts", list);
    on("GET", "/v1/accounts/{account}", retrieve);
    on("POST", "/v1/accounts/{account}", update);
    on("DELETE", "/v1/accounts/{account}", remove);
    on("POST", "/v1/accounts/{account}/reject", reject);
    on("POST", "/v1/accounts/{account}/unreject", unreject);
    on.page("POST", "/_sim/accounts/{account}/complete", complete);
    on.page("POST", "/_sim/accounts/{account}/require", require);
}

}  // namespace daybook::sim
