// Products: what is sold.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/resources/prices.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr Names plain = {"active",
                         "default_price",
                         "description",
                         "images",
                         "marketing_features",
                         "name",
                         "package_dimensions",
                         "shippable",
                         "statement_descriptor",
                         "tax_code",
                         "tax_details",
                         "unit_label",
                         "url"};

void apply(const Scope& scope, json::object& product, const json::object& params) {
    for (const auto name : plain)
        if (const auto* given = params.if_contains(name)) scope.fill(product, name, *given);
    for (const auto* name : {"images", "marketing_features"})
        if (product.at(name).is_null()) product[name] = json::array();
    Call::merge_metadata(product, params);
}

json::object create(Call& call) {
    auto& product = make_product(call, call.params);
    if (!call.has("default_price_data")) return product;
    json::object params(call.object("default_price_data"));
    params["product"] = product.at("id");
    const auto& price = make_price(call, params);
    const json::object before(product);
    product["default_price"] = price.at("id");
    call.emit_changed("product.updated", before, product);
    return product;
}

json::object update(Call& call) {
    auto& product = call.edit("product", call.id("product"), "product");
    if (call.has("default_price"))
        static_cast<void>(call.get("price", call.text("default_price"), "default_price"));
    const json::object before(product);
    apply(call, product, call.params);
    product["updated"] = call.now();
    call.emit_changed("product.updated", before, product);
    return product;
}

json::object remove(Call& call) {
    const auto id = call.id("product");
    const json::object last(call.get("product", id, "product"));
    const auto prices = call.world.store.page(
        call.account, "price", {.limit = 1, .equal = {{"product", std::string(id)}}});
    if (!prices.items.empty())
        throw invalid(
            "This product cannot be deleted because it has one or more user-created prices.");
    call.erase("product", id);
    call.emit("product.deleted", last);
    return deleted("product", id);
}

json::object list(Call& call) {
    ListQuery query;
    for (const auto* name : {"type", "url"})
        if (call.has(name)) query.equal.emplace_back(name, std::string(call.text(name)));
    const json::array ids(call.array("ids"));
    json::object wanted;
    for (const auto* name : {"active", "shippable"})
        if (call.has(name)) wanted[name] = call.params.at(name);
    query.match = [ids, wanted](const json::object& product) {
        if (!ids.empty() && std::ranges::find(ids, product.at("id")) == ids.end()) return false;
        return std::ranges::all_of(wanted, [&product](const auto& flag) {
            return product.at(flag.key()) == flag.value();
        });
    };
    return list_page(call, "product", std::move(query));
}

}  // namespace

json::object& make_product(const Scope& scope, const json::object& params) {
    const auto id = text(params, "id");
    if (!id.empty() && scope.find("product", id))
        throw invalid(fmt::format("Product already exists: {}", id))
            .code("resource_already_exists")
            .param("id");
    auto product = scope.begin("product", id.empty() ? "prod_" : "");
    if (!id.empty()) product["id"] = id;
    product["active"] = true;
    for (const auto* name : {"default_price", "tax_code"})
        product[name] = nullptr;
    product["type"] = has(params, "type") ? params.at("type") : "service";
    product["updated"] = scope.now();
    apply(scope, product, params);
    auto& stored = scope.put(std::move(product));
    scope.emit("product.created", stored);
    return stored;
}

void add_products(Routes& on) {
    on("POST", "/v1/products", create);
    on("GET", "/v1/products", list);
    on.search("/v1/products/search");
    on.retrieve("/v1/products/{product}");
    on("POST", "/v1/products/{product}", update);
    on("DELETE", "/v1/products/{product}", remove);
}

}  // namespace daybook::sim
