// Payment links: whoever follows one gets a checkout session of his own.
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/checkout/basket.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace daybook::sim {
namespace {

constexpr Names plain = {"active",
                         "after_completion",
                         "allow_promotion_codes",
                         "application_fee_amount",
                         "application_fee_percent",
                         "automatic_tax",
                         "billing_address_collection",
                         "custom_text",
                         "customer_creation",
                         "inactive_message",
                         "on_behalf_of",
                         "payment_intent_data",
                         "payment_method_collection",
                         "payment_method_types",
                         "phone_number_collection",
                         "shipping_address_collection",
                         "submit_type",
                         "subscription_data",
                         "tax_id_collection",
                         "transfer_data"};

std::string_view mode_of(const Call& call, const json::array& items) {
    const bool recurs = std::ranges::any_of(items, [&call](const json::value& item) {
        const auto* price = call.find("price", text(item.as_object(), "price"));
        return price && has(*price, "recurring");
    });
    return recurs ? "subscription" : "payment";
}

/// The line_items with a price each: price_data makes one now, for all who follow the link.
json::array priced_items(const Call& call) {
    json::array items(call.array("line_items"));
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto& item = items[i].as_object();
        const auto& price = price_for(call, item, fmt::format("line_items[{}]", i));
        if (const auto found = item.find("price_data"); found != item.end())
            item.stable_erase(found);
        item["price"] = price.at("id");
        item["ordered"] = true;
    }
    return items;
}

json::object create(Call& call) {
    const auto items = priced_items(call);
    const auto mode = mode_of(call, items);
    auto basket = make_basket(call, items, mode);
    auto link = call.begin("payment_link", "plink_");
    link["active"] = true;
    link["after_completion"] = {{"hosted_confirmation", {{"custom_message", nullptr}}},
                                {"type", "hosted_confirmation"}};
    link["customer_creation"] = mode == "subscription" ? "always" : "if_required";
    link["currency"] = call.get("price", text(items.front().as_object(), "price")).at("currency");
    link["url"] = fmt::format("{}/_sim/link/{}", call.world.base_url, text(link, "id"));
    call.copy(link, plain);
    call.copy_metadata(link);
    auto session = call.begin("checkout.session", "");
    session["currency"] = link.at("currency");
    session["mode"] = mode;
    price_basket(call, session, basket, false);
    auto& stored = call.put(std::move(link));
    auto& notes = hidden(call, stored);
    notes["asked"] = items;
    notes["items"] = basket.items;
    notes["mode"] = mode;
    call.emit("payment_link.created", stored);
    return stored;
}

json::object update(Call& call) {
    auto& link = call.edit("payment_link", call.id("payment_link"), "payment_link");
    const json::object before(link);
    call.copy(link, plain);
    call.copy_metadata(link);
    call.emit_changed("payment_link.updated", before, link);
    return link;
}

json::object items_shown(const Scope& scope, const json::object& link) {
    return {{"object", "list"},
            {"data", array(noted(scope, link), "items")},
            {"has_more", false},
            {"url", fmt::format("/v1/payment_links/{}/line_items", text(link, "id"))}};
}

json::object list_items(Call& call) {
    return items_shown(call, call.get("payment_link", call.id("payment_link"), "payment_link"));
}

// --- following one ----------------------------------------------------------------------------

/// The parameters of the session that the link stands for.
json::object session_params(const Scope& scope, const json::object& link) {
    const auto& notes = noted(scope, link);
    json::object params{{"line_items", array(notes, "asked")},
                        {"mode", text(notes, "mode")},
                        {"metadata", link.at("metadata")},
                        {"success_url", scope.world.base_url + "/"}};
    if (has(link, "after_completion.redirect.url"))
        params["success_url"] = text(link, "after_completion.redirect.url");
    if (flag(link, "allow_promotion_codes")) params["allow_promotion_codes"] = true;
    const bool recurs = text(notes, "mode") == "subscription";
    json::object data;
    for (const auto& [name, value] :
         object(link, recurs ? "subscription_data" : "payment_intent_data"))
        if (!value.is_null()) data[name] = value;
    for (const auto* name :
         {"application_fee_amount", "application_fee_percent", "on_behalf_of", "transfer_data"})
        if (has(link, name)) data[name] = link.at(name);
    if (!data.empty()) params[recurs ? "subscription_data" : "payment_intent_data"] = data;
    return params;
}

/// The link with this id, and whose it is.
std::pair<std::string, const json::object*> link_anywhere(World& world, std::string_view id) {
    for (const auto& [account, type] : world.store.shelves())
        if (type == "payment_link")
            if (const auto* link = world.store.find(account, type, id)) return {account, link};
    throw no_such("payment_link", id, "payment_link");
}

Reply follow(PageCall& page) {
    const auto [account, link] = link_anywhere(page.world, page.id("payment_link"));
    if (!flag(*link, "active"))
        throw invalid("This payment link is not active any more.").param("payment_link");
    const auto* route = page.world.spec.route("POST", "/v1/checkout/sessions");
    Call call(page.world, account, *route);
    call.params = session_params(call, *link);
    const auto made = page.world.routes.entry(*route)->handler(call);
    call.edit("checkout.session", text(made, "id"))["payment_link"] = link->at("id");
    Reply reply;
    reply.status = 303;
    reply.headers = fmt::format("Location: {}\r\n", text(made, "url"));
    return reply;
}

}  // namespace

void add_payment_links(Routes& on) {
    on("POST", "/v1/payment_links", create);
    on.list("/v1/payment_links", {"active"});
    on.retrieve("/v1/payment_links/{payment_link}");
    on("POST", "/v1/payment_links/{payment_link}", update);
    on("GET", "/v1/payment_links/{payment_link}/line_items", list_items);
    on.include("payment_link", "line_items", items_shown);
    on.page("GET", "/_sim/link/{payment_link}", follow);
}

}  // namespace daybook::sim
