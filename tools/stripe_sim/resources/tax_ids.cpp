// Tax ids of customers and of the account itself.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace daybook::sim {
namespace {

/// How long the authorities take to look.
constexpr Seconds verification_takes = 5;
/// Stripe's test value that no authority knows.
constexpr std::string_view unknown_value = "111111111";

std::string country_of(std::string_view type, std::string_view value) {
    std::string country(type.starts_with("eu_") ? value.substr(0, 2) : type.substr(0, 2));
    for (char& c : country)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return country;
}

bool is_verified_by_stripe(std::string_view type) {
    constexpr std::array verified = {"eu_vat", "gb_vat", "au_abn"};
    return std::ranges::find(verified, type) != verified.end();
}

json::object make(Call& call, std::string_view customer) {
    auto tax_id = call.begin("tax_id", "txi_");
    const auto type = call.text("type");
    tax_id["country"] = country_of(type, call.text("value"));
    tax_id["customer"] = text_or_null(customer);
    if (customer.empty())
        call.fill(tax_id, "owner", {{"type", "self"}});
    else
        call.fill(tax_id, "owner", {{"customer", json::string(customer)}, {"type", "customer"}});
    tax_id["type"] = json::string(type);
    tax_id["value"] = json::string(call.text("value"));
    const bool looks = !customer.empty() && is_verified_by_stripe(type);
    call.fill(tax_id, "verification", {{"status", looks ? "pending" : "unavailable"}});
    const auto& stored = call.put(std::move(tax_id));
    if (!customer.empty()) call.emit("customer.tax_id.created", stored);
    if (looks) call.later(verification_takes, "tax_id.verify", text(stored, "id"));
    return stored;
}

void verify(Scope& scope, std::string_view id) {
    auto* tax_id = scope.world.store.edit(scope.account, "tax_id", id);
    if (!tax_id) return;
    const json::object before(*tax_id);
    const bool known = !text(*tax_id, "value").contains(unknown_value);
    set(*tax_id, "verification.status") = known ? "verified" : "unverified";
    scope.emit_changed("customer.tax_id.updated", before, *tax_id);
}

json::object of_customer(Call& call) {
    const auto customer = call.id("customer");
    return make(call, text(call.get("customer", customer, "customer"), "id"));
}

json::object of_owner(Call& call) {
    if (!call.has("owner.customer")) return make(call, "");
    return make(call,
                text(call.get("customer", call.text("owner.customer"), "owner[customer]"), "id"));
}

json::object list_of_customer(Call& call) {
    const std::string customer(call.id("customer"));
    static_cast<void>(call.get("customer", customer, "customer"));
    return list_page(call, "tax_id", {.equal = {{"customer", customer}}});
}

json::object remove(Call& call) {
    const auto& [name, given] = call.ids.back();
    const std::string id(given);
    const json::object last(call.get("tax_id", id, name));
    call.erase("tax_id", id);
    if (has(last, "customer")) call.emit("customer.tax_id.deleted", last);
    return deleted("tax_id", id);
}

}  // namespace

void add_tax_ids(Routes& on) {
    on.index("tax_id", "customer");
    on.task("tax_id.verify", verify);
    on("POST", "/v1/customers/{customer}/tax_ids", of_customer);
    on("GET", "/v1/customers/{customer}/tax_ids", list_of_customer);
    on.retrieve("/v1/customers/{customer}/tax_ids/{tax_id}");
    on("DELETE", "/v1/customers/{customer}/tax_ids/{tax_id}", remove);
    on("POST", "/v1/tax_ids", of_owner);
    on.list("/v1/tax_ids", {"owner.customer"});
    on.retrieve("/v1/tax_ids/{tax_id}");
    on("DELETE", "/v1/tax_ids/{tax_id}", remove);
}

}  // namespace daybook::sim
