// Sources of customers: cards from tokens.
#include <tools/stripe_sim/resources/customer_sources.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/resources/tokens.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <charconv>

namespace daybook::sim {
namespace {

/// The card, if it is this customer's.
json::object& source_of(Call& call) {
    const auto id = call.id("source");
    auto* card = call.world.store.edit(call.account, "card", id);
    if (!card || text(*card, "customer") != call.id("customer")) throw no_such("source", id, "id");
    return *card;
}

json::object create(Call& call) {
    auto& customer = call.edit("customer", call.id("customer"), "customer");
    auto& card = add_source(call, customer, call.text("source"));
    call.copy_metadata(card);
    return card;
}

/// Expiry comes as text here.
void copy_expiry(Call& call, json::object& card, const char* name) {
    if (!call.has(name)) return;
    const auto given = call.text(name);
    std::int64_t number = 0;
    const auto end = std::from_chars(given.data(), given.data() + given.size(), number);
    if (end.ptr != given.data() + given.size())
        throw invalid(fmt::format("Invalid integer: {}", given))
            .code("parameter_invalid_integer")
            .param(name);
    card[name] = number;
}

json::object update(Call& call) {
    auto& card = source_of(call);
    const json::object before(card);
    call.copy(card, {"address_city", "address_country", "address_line1", "address_line2",
                     "address_state", "address_zip", "name"});
    copy_expiry(call, card, "exp_month");
    copy_expiry(call, card, "exp_year");
    call.copy_metadata(card);
    call.emit_changed("customer.source.updated", before, card);
    return card;
}

json::object remove(Call& call) {
    const json::object last(source_of(call));
    const std::string id(text(last, "id"));
    auto& customer = call.edit("customer", call.id("customer"), "customer");
    if (text(customer, "default_source") == id) customer["default_source"] = nullptr;
    call.erase("card", id);
    if (call.find("payment_method", id)) call.erase("payment_method", id);
    call.emit("customer.source.deleted", last);
    return deleted("card", id);
}

json::object list(Call& call) {
    const std::string customer(call.id("customer"));
    static_cast<void>(call.get("customer", customer, "customer"));
    return list_page(call, "card", {.equal = {{"customer", customer}}});
}

}  // namespace

json::object& add_source(const Scope& scope, json::object& customer, std::string_view token) {
    auto card = card_object(scope, {{"token", json::string(token)}});
    if (const auto& kind = card_of({{"card", card}}); !kind.attaches)
        throw StripeError(decline(kind));
    card["customer"] = customer.at("id");
    auto& stored = scope.put(std::move(card));
    if (!has(customer, "default_source")) customer["default_source"] = stored.at("id");
    scope.emit("customer.source.created", stored);
    return stored;
}

void add_customer_sources(Routes& on) {
    on.index("card", "customer");
    on("POST", "/v1/customers/{customer}/sources", create);
    on("GET", "/v1/customers/{customer}/sources", list);
    on("GET", "/v1/customers/{customer}/sources/{source}",
       [](Call& call) { return source_of(call); });
    on("POST", "/v1/customers/{customer}/sources/{source}", update);
    on("DELETE", "/v1/customers/{customer}/sources/{source}", remove);
}

}  // namespace daybook::sim
