// Prices: what one unit of a product costs, once or per period.
#include <tools/stripe_sim/resources/prices.hpp>

#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

/// unit_amount and unit_amount_decimal, each from the other.
void tell_amount(json::object& document, const json::object& params, std::string_view name) {
    const auto precise = fmt::format("{}_decimal", name);
    document[name] = nullptr;
    document[precise] = nullptr;
    auto& whole = document.at(name);  // a reference lasts until something is inserted
    auto& decimal = document.at(precise);
    if (has(params, name)) {
        whole = integer(params, name);
        decimal = std::to_string(integer(params, name));
    } else if (const auto* given = at(params, precise)) {
        decimal = *given;
        const auto exact = decimal_of(*given);
        if (exact.digits % exact.scale == 0) whole = exact.digits / exact.scale;
    }
}

json::array tiers_of(const json::array& given) {
    json::array tiers;
    for (const auto& each : given) {
        const auto& params = each.as_object();
        json::object tier;
        tell_amount(tier, params, "flat_amount");
        tell_amount(tier, params, "unit_amount");
        const auto& bound = params.at("up_to");
        tier["up_to"] = bound.is_int64() ? bound : json::value(nullptr);
        tiers.push_back(std::move(tier));
    }
    return tiers;
}

json::object options_of(const json::object& given) {
    json::object options;
    for (const auto& [currency, each] : given) {
        const auto& params = each.as_object();
        json::object option{{"custom_unit_amount", nullptr},
                            {"tax_behavior", "unspecified"},
                            {"unit_amount", nullptr},
                            {"unit_amount_decimal", nullptr}};
        if (has(params, "tax_behavior")) option["tax_behavior"] = params.at("tax_behavior");
        tell_amount(option, params, "unit_amount");
        if (has(params, "tiers")) option["tiers"] = tiers_of(array(params, "tiers"));
        options[currency] = std::move(option);
    }
    return options;
}

void check_lookup_key(const Scope& scope, std::string_view key, bool transfer) {
    const auto same = scope.world.store.page(
        scope.account, "price", {.limit = 1, .equal = {{"lookup_key", std::string(key)}}});
    if (same.items.empty()) return;
    const auto other = text(*same.items.front(), "id");
    if (!transfer)
        throw invalid(fmt::format("A price (`{}`) already uses that lookup key.", other))
            .code("resource_already_exists")
            .param("lookup_key");
    auto& holder = scope.edit("price", other);
    const json::object before(holder);
    holder["lookup_key"] = nullptr;
    scope.emit_changed("price.updated", before, holder);
}

void check_amounts(const json::object& params) {
    check_amount(integer(params, "unit_amount"), "unit_amount");
    if (has(params, "recurring")) check_interval(object(params, "recurring"), "recurring");
    if (has(params, "unit_amount") || has(params, "unit_amount_decimal") ||
        has(params, "custom_unit_amount") || has(params, "tiers"))
        return;
    throw missing_param("unit_amount");
}

/// The plan is the recurring price in older words.
void put_plan(const Scope& scope, const json::object& price) {
    auto plan = scope.begin("plan", "");
    plan["id"] = price.at("id");
    for (const auto* same : {"active", "billing_scheme", "created", "currency", "metadata",
                             "nickname", "product", "tiers_mode"})
        plan[same] = price.at(same);
    for (const auto* same :
         {"interval", "interval_count", "meter", "trial_period_days", "usage_type"})
        plan[same] = object(price, "recurring").at(same);
    plan["amount"] = price.at("unit_amount");
    plan["amount_decimal"] = price.at("unit_amount_decimal");
    plan["transform_usage"] = price.at("transform_quantity");
    scope.emit("plan.created", scope.put(std::move(plan)));
}

std::string product_for(const Scope& scope, const json::object& params) {
    if (has(params, "product_data"))
        return std::string(text(make_product(scope, object(params, "product_data")), "id"));
    if (!has(params, "product")) throw missing_param("product");
    return std::string(text(scope.get("product", text(params, "product"), "product"), "id"));
}

json::object create(Call& call) {
    if (!call.text("lookup_key").empty())
        check_lookup_key(call, call.text("lookup_key"), call.flag("transfer_lookup_key"));
    return make_price(call, call.params);
}

json::object update(Call& call) {
    auto& price = call.edit("price", call.id("price"), "price");
    if (!call.text("lookup_key").empty() && call.text("lookup_key") != text(price, "lookup_key"))
        check_lookup_key(call, call.text("lookup_key"), call.flag("transfer_lookup_key"));
    const json::object before(price);
    call.copy(price, {"active", "lookup_key", "nickname", "tax_behavior"});
    call.copy_metadata(price);
    if (call.has("currency_options")) {
        auto& options = hidden(call, price)["currency_options"];
        options = options_of(call.object("currency_options"));
    }
    call.emit_changed("price.updated", before, price);
    if (!call.find("plan", text(price, "id"))) return price;
    auto& plan = call.edit("plan", text(price, "id"));
    for (const auto* same : {"active", "metadata", "nickname"})
        plan[same] = price.at(same);
    return price;
}

json::object list(Call& call) {
    ListQuery query;
    for (const auto* name : {"currency", "product", "type"})
        if (call.has(name)) query.equal.emplace_back(name, std::string(call.text(name)));
    const json::array keys(call.array("lookup_keys"));
    const json::object recurring(call.object("recurring"));
    const auto* active = at(call.params, "active");
    query.match = [keys, recurring,
                   only_active = active ? *active : json::value()](const json::object& price) {
        if (!only_active.is_null() && price.at("active") != only_active) return false;
        if (!keys.empty() && std::ranges::find(keys, price.at("lookup_key")) == keys.end())
            return false;
        return std::ranges::all_of(recurring, [&price](const auto& wanted) {
            const auto* own = at(price, fmt::format("recurring.{}", std::string(wanted.key())));
            return own && *own == wanted.value();
        });
    };
    return list_page(call, "price", std::move(query));
}

json::value tiers_included(const Scope& scope, const json::object& price) {
    return array(noted(scope, price), "tiers");
}

json::value all_currencies(const Scope& scope, const json::object& price) {
    json::object options(object(noted(scope, price), "currency_options"));
    auto& own = options[text(price, "currency")];
    own = json::object();
    for (const auto* same :
         {"custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal"})
        own.as_object()[same] = price.at(same);
    return options;
}

}  // namespace

json::object& make_price(const Scope& scope, const json::object& params, std::string_view id) {
    check_amounts(params);
    const auto currency = checked_currency(text(params, "currency"));
    auto price = scope.begin("price", id.empty() ? "price_" : "");
    if (!id.empty()) price["id"] = id;
    price["active"] = flag(params, "active", true);
    price["currency"] = currency;
    price["billing_scheme"] = has(params, "tiers") ? "tiered" : "per_unit";
    price["tax_behavior"] = "unspecified";
    for (const auto* name : {"custom_unit_amount", "lookup_key", "nickname", "tax_behavior",
                             "tiers_mode", "transform_quantity"})
        if (has(params, name)) scope.fill(price, name, params.at(name));
    tell_amount(price, params, "unit_amount");
    Call::merge_metadata(price, params);
    price["type"] = has(params, "recurring") ? "recurring" : "one_time";
    if (has(params, "recurring")) {
        json::object recurring(object(params, "recurring"));
        recurring.emplace("interval_count", 1);
        recurring.emplace("usage_type", "licensed");
        scope.fill(price, "recurring", std::move(recurring));
    }
    price["product"] = product_for(scope, params);
    auto& stored = scope.put(std::move(price));
    if (has(params, "tiers")) hidden(scope, stored)["tiers"] = tiers_of(array(params, "tiers"));
    if (has(params, "currency_options"))
        hidden(scope, stored)["currency_options"] = options_of(object(params, "currency_options"));
    if (has(params, "recurring")) put_plan(scope, stored);
    scope.emit("price.created", stored);
    return stored;
}

const json::object& plan_of(const Scope& scope, const json::object& price) {
    return scope.get("plan", text(price, "id"));
}

const json::object& price_for(const Scope& scope, const json::object& item,
                              std::string_view param) {
    for (const auto* name : {"price", "plan"}) {
        if (!has(item, name)) continue;
        const auto& price =
            scope.get("price", text(item, name), fmt::format("{}[{}]", param, name));
        if (!flag(price, "active") && !flag(item, "ordered"))
            throw invalid(fmt::format("The price specified is inactive. This field only accepts "
                                      "active prices."))
                .param(fmt::format("{}[price]", param));
        return price;
    }
    if (!has(item, "price_data")) throw missing_param(fmt::format("{}[price]", param));
    // Made for this sale alone, so it is not to be found among the prices that are for sale.
    json::object params(object(item, "price_data"));
    params["active"] = false;
    return make_price(scope, params);
}

void add_prices(Routes& on) {
    on.index("price", "lookup_key");
    on.index("price", "product");
    on("POST", "/v1/prices", create);
    on("GET", "/v1/prices", list);
    on.search("/v1/prices/search");
    on.retrieve("/v1/prices/{price}");
    on("POST", "/v1/prices/{price}", update);
    on.include("price", "tiers", tiers_included);
    on.include("price", "currency_options", all_currencies);
}

}  // namespace daybook::sim
