// Bank accounts and cards that payouts go to; what Stripe's test numbers do is told by their ends.
#include <tools/stripe_sim/resources/external_accounts.hpp>

#include <tools/stripe_sim/account_state.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/settlement.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

constexpr std::array<std::string_view, 2> types = {"bank_account", "card"};
constexpr std::string_view good_number = "000123456789";
constexpr std::string_view no_instant_number = "000888888883";

struct Failing {
    std::string_view number;
    std::string_view code;
};
constexpr std::array failing = {
    Failing{"000111111116", "no_account"},         Failing{"000111111113", "account_closed"},
    Failing{"000222222227", "insufficient_funds"}, Failing{"000333333335", "debit_not_authorized"},
    Failing{"000444444440", "invalid_currency"},   Failing{"4000056655665572", "could_not_process"},
};

std::string_view last4(std::string_view number) {
    return number.substr(number.size() - std::min<std::size_t>(4, number.size()));
}

std::string digits_of(std::string_view text) {
    std::string digits;
    for (const char c : text)
        if (c != ' ' && c != '-') digits += c;
    return digits;
}

json::object* edit_external(const Scope& owner, std::string_view id) {
    for (const auto type : types)
        if (auto* found = owner.world.store.edit(owner.account, type, id)) return found;
    return nullptr;
}

json::object& external(const Scope& owner, std::string_view id) {
    auto* found = edit_external(owner, id);
    if (!found)
        throw StripeError(404, "invalid_request_error",
                          fmt::format("No such external account: '{}'", id))
            .code("resource_missing")
            .param("id");
    return *found;
}

/// The details of a token that was made by POST /v1/tokens; a bank account's fingerprint tells its
/// number.
json::object details_of(const json::object& token) {
    const bool is_bank = has(token, "bank_account");
    json::object details(object(token, is_bank ? "bank_account" : "card"));
    if (details.empty())
        throw invalid("The token is for neither a bank account nor a card.")
            .param("external_account");
    const auto number = text(details, "fingerprint");
    details["account_number"] =
        json::string(number.substr(std::min<std::size_t>(2, number.size())));
    details["number"] = json::value(details.at("last4"));
    return details;
}

/// What a token stands for, as the parameters that would make the same.
json::object behind_token(const Scope& owner, std::string_view token, const json::object& account) {
    for (const auto& scope : {owner, owner.on("")})
        if (const auto* made = scope.find("token", token)) return details_of(*made);
    if (token.starts_with("tok_") || token.starts_with("card_"))
        return {{"object", "card"},
                {"number", "4000056655665556"},
                {"exp_month", 12},
                {"exp_year", 2034}};
    if (!token.starts_with("btok_")) throw no_such("token", token, "external_account");
    const auto number = token.ends_with("noAccount")       ? failing[0].number
                        : token.ends_with("accountClosed") ? failing[1].number
                                                           : good_number;
    return {{"object", "bank_account"},
            {"country", text(account, "country")},
            {"currency", text(account, "default_currency")},
            {"routing_number", "110000000"},
            {"account_number", json::string(number)}};
}

json::object bank_account(const Scope& owner, const json::object& details) {
    const auto number = digits_of(text(details, "account_number"));
    if (number.size() < 4)
        throw invalid("You must provide a valid account number.")
            .code("account_number_invalid")
            .param("external_account[account_number]");
    const auto country = text(details, "country");
    if (country == "US" && digits_of(text(details, "routing_number")).size() != 9)
        throw invalid("Routing number must have 9 digits")
            .code("routing_number_invalid")
            .param("external_account[routing_number]");
    auto made = owner.begin("bank_account", "ba_");
    for (const auto* same : {"account_holder_name", "account_holder_type", "routing_number"})
        made[same] = text_or_null(text(details, same));
    made["bank_name"] = country == "US" ? "STRIPE TEST BANK" : "TEST BANK";
    made["country"] = json::string(country);
    made["currency"] = checked_currency(text(details, "currency"));
    made["last4"] = json::string(last4(number));
    made["status"] = "new";
    made["available_payout_methods"] = json::array{"standard"};
    if (number != no_instant_number)
        made["available_payout_methods"].as_array().emplace_back("instant");
    owner.fill(made, "requirements", json::object());
    owner.fill(made, "future_requirements", json::object());
    return made;
}

json::object debit_card(const Scope& owner, const json::object& account,
                        const json::object& details) {
    const auto number = digits_of(text(details, "number"));
    const auto* known = card_by_number(number);
    const auto funding = has(details, "funding") ? text(details, "funding")
                         : known                 ? known->funding
                                                 : "debit";
    if (funding != "debit")
        throw invalid("Only debit cards can be added as external accounts.")
            .code("external_account_unsupported")
            .param("external_account");
    auto made = owner.begin("card", "card_");
    made["brand"] = "Visa";
    made["country"] = account.at("country");
    made["currency"] = has(details, "currency") ? json::value(text(details, "currency"))
                                                : account.at("default_currency");
    made["exp_month"] = integer(details, "exp_month");
    made["exp_year"] = integer(details, "exp_year");
    made["funding"] = "debit";
    made["last4"] = json::string(last4(number));
    made["name"] = text_or_null(text(details, "name"));
    made["cvc_check"] = has(details, "cvc") ? json::value("pass") : json::value(nullptr);
    made["available_payout_methods"] = json::array{"standard", "instant"};
    return made;
}

void for_currency(const Scope& owner, std::string_view currency,
                  const std::function<void(const json::object&)>& visit) {
    for (const auto type : types) {
        const ListQuery query{.limit = 100, .equal = {{"currency", std::string(currency)}}};
        for (const auto* one : owner.world.store.page(owner.account, type, query).items)
            visit(*one);
    }
}

void make_default(const Scope& owner, json::object& chosen) {
    for_currency(owner, text(chosen, "currency"), [&](const json::object& one) {
        const bool is_chosen = text(one, "id") == text(chosen, "id");
        edit_external(owner, text(one, "id"))->at("default_for_currency") = is_chosen;
    });
}

void remove_external(const Scope& owner, const json::object& doomed) {
    const json::object last(doomed);
    owner.erase(text(last, "object"), text(last, "id"));
    owner.emit("account.external_account.deleted", last);
}

json::object create(Call& call) {
    const auto& account = call.on("").get("account", call.id("account"), "account");
    const auto owner = owner_of(call, call.id("account"));
    auto& made = add_external_account(owner, account, call.params.at("external_account"), false);
    call.copy_metadata(made);
    if (call.flag("default_for_currency")) make_default(owner, made);
    account_told(call, call.id("account"), {"external_account"});
    change_account(call, call.id("account"));
    return made;
}

json::object update(Call& call) {
    const auto owner = owner_of(call, call.id("account"));
    auto& changed = external(owner, call.id("external_account"));
    const json::object before(changed);
    for (const auto& [name, value] : call.params)
        if (changed.contains(name) && name != "metadata" && name != "default_for_currency")
            changed[name] = value;
    call.copy_metadata(changed);
    if (call.flag("default_for_currency")) make_default(owner, changed);
    owner.emit_changed("account.external_account.updated", before, changed);
    return changed;
}

json::object remove(Call& call) {
    const auto owner = owner_of(call, call.id("account"));
    const auto& doomed = external(owner, call.id("external_account"));
    const auto& account = call.on("").get("account", call.id("account"), "account");
    const bool default_one = flag(doomed, "default_for_currency") &&
                             text(doomed, "currency") == text(account, "default_currency");
    if (default_one)
        throw invalid(
            "You cannot delete the default external account for your default currency. Please make "
            "another external account the default using the `default_for_currency` param, and then "
            "delete this one.");
    const std::string type(text(doomed, "object"));
    const std::string currency(text(doomed, "currency"));
    remove_external(owner, doomed);
    change_account(call, call.id("account"));
    auto stub = deleted(type, call.id("external_account"));
    stub["currency"] = currency;
    return stub;
}

json::object list(Call& call) {
    const auto owner = owner_of(call, call.id("account"));
    const auto all = list_external_accounts(owner, call.id("account"));
    const auto wanted = call.text("object");
    json::array data;
    for (const auto& one : all.at("data").as_array())
        if (wanted.empty() || text(one.as_object(), "object") == wanted) data.push_back(one);
    return list_page(call, data);
}

}  // namespace

json::object& put_external_account(const Scope& owner, const json::object& account,
                                   const json::value& given) {
    const auto details =
        given.is_string() ? behind_token(owner, given.get_string(), account) : given.as_object();
    const bool is_bank = text(details, "object") == "bank_account";
    auto made = is_bank ? bank_account(owner, details) : debit_card(owner, account, details);
    bool first = true;
    for_currency(owner, text(made, "currency"), [&](const json::object&) { first = false; });
    made["account"] = account.at("id");
    made["default_for_currency"] = first;
    made["fingerprint"] = owner.world.ids.letters(16);
    made["metadata"] = json::object();
    return owner.put(std::move(made));
}

json::object& add_external_account(const Scope& owner, const json::object& account,
                                   const json::value& given, bool replace) {
    auto& made = put_external_account(owner, account, given);
    if (replace) make_default(owner, made);
    owner.emit("account.external_account.created", made);
    if (!replace) return made;
    std::vector<std::string> predecessors;
    for_currency(owner, text(made, "currency"), [&](const json::object& one) {
        if (text(one, "id") != text(made, "id")) predecessors.emplace_back(text(one, "id"));
    });
    for (const auto& id : predecessors)
        remove_external(owner, *edit_external(owner, id));
    return made;
}

const json::object* payout_destination(const Scope& owner, std::string_view id,
                                       std::string_view currency) {
    const json::object* found = nullptr;
    for_currency(owner, currency, [&](const json::object& one) {
        if (id.empty() ? flag(one, "default_for_currency") : text(one, "id") == id) found = &one;
    });
    return found;
}

std::string_view payout_failure_of(const json::object& external_account) {
    const auto end = text(external_account, "last4");
    const auto* found =
        std::ranges::find_if(failing, [&](const Failing& one) { return last4(one.number) == end; });
    return found == failing.end() ? std::string_view() : found->code;
}

bool takes_instant(const json::object& external_account) {
    return std::ranges::any_of(array(external_account, "available_payout_methods"),
                               [](const json::value& one) { return one == "instant"; });
}

void disable_external_account(const Scope& owner, std::string_view id) {
    auto* doomed = edit_external(owner, id);
    if (!doomed) return;
    const json::object before(*doomed);
    doomed->at("status") = "errored";
    owner.emit_changed("account.external_account.updated", before, *doomed);
}

json::object list_external_accounts(const Scope& owner, std::string_view account_id) {
    std::vector<const json::object*> all;
    for (const auto type : types)
        for (const auto* one : owner.world.store.page(owner.account, type, {.limit = 100}).items)
            all.push_back(one);
    return list_of(owner, fmt::format("/v1/accounts/{}/external_accounts", account_id), all);
}

void add_external_accounts(Routes& on) {
    on("POST", "/v1/accounts/{account}/external_accounts", create);
    on("GET", "/v1/accounts/{account}/external_accounts", list);
    on("GET", "/v1/accounts/{account}/external_accounts/{external_account}", [](Call& call) {
        return external(owner_of(call, call.id("account")), call.id("external_account"));
    });
    on("POST", "/v1/accounts/{account}/external_accounts/{external_account}", update);
    on("DELETE", "/v1/accounts/{account}/external_accounts/{external_account}", remove);
}

}  // namespace daybook::sim
