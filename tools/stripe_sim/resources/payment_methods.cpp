// Payment methods: made, given to customers, changed, and taken away again.
#include <tools/stripe_sim/resources/payment_methods.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

/// A copy of the platform's payment method on the connected account that asks for it.
json::object clone(Call& call) {
    json::object copy(payment_method(call.on(""), call.text("payment_method")));
    copy["id"] = call.world.ids.make("pm_");
    copy["created"] = call.now();
    copy["customer"] = nullptr;
    return call.put(std::move(copy));
}

json::object create(Call& call) {
    if (call.has("payment_method")) return clone(call);
    return make_payment_method(call, call.params);
}

json::object retrieve(Call& call) {
    return payment_method(call, call.id("payment_method"));
}

/// Merges what is mentioned into a member that is an object.
void merge(json::object& method, std::string_view name, const json::object& given) {
    auto& place = method[name];
    if (!place.is_object()) place = json::object();
    for (const auto& [member, value] : given)
        place.get_object()[member] = value;
}

json::object update(Call& call) {
    auto& method = call.edit("payment_method", call.id("payment_method"), "payment_method");
    if (!has(method, "customer"))
        throw invalid("You must save this PaymentMethod to a customer before you can update it.");
    const json::object before(method);
    if (call.has("billing_details")) {
        merge(method, "billing_details", call.object("billing_details"));
        call.fill(method, "billing_details", json::value(method.at("billing_details")));
    }
    for (const auto* type : {"card", "us_bank_account"}) {
        if (!call.has(type)) continue;
        if (text(method, "type") != type)
            throw invalid(
                fmt::format("You may only update `{}` of a PaymentMethod of this type.", type))
                .param(type);
        merge(method, type, call.object(type));
    }
    call.copy(method, {"allow_redisplay"});
    call.copy_metadata(method);
    call.emit_changed("payment_method.updated", before, method);
    return method;
}

json::object attach(Call& call) {
    if (!call.has("customer")) throw missing_param("customer");
    const auto id = text(payment_method(call, call.id("payment_method")), "id");
    auto& method = call.edit("payment_method", id);
    attach_method(call, method, call.text("customer"));
    return method;
}

json::object detach(Call& call) {
    auto& method = call.edit("payment_method", call.id("payment_method"), "payment_method");
    if (!has(method, "customer"))
        throw invalid(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.");
    detach_method(call, method);
    return method;
}

json::object list_of_customer(Call& call) {
    const std::string customer(call.id("customer"));
    static_cast<void>(call.get("customer", customer, "customer"));
    ListQuery query{.equal = {{"customer", customer}}};
    for (const auto* filter : {"type", "allow_redisplay"})
        if (call.has(filter)) query.equal.emplace_back(filter, call.text(filter));
    return list_page(call, "payment_method", std::move(query));
}

json::object retrieve_of_customer(Call& call) {
    const auto id = call.id("payment_method");
    const auto& method = call.get("payment_method", id, "payment_method");
    if (text(method, "customer") != call.id("customer"))
        throw no_such("PaymentMethod", id, "payment_method");
    return method;
}

}  // namespace

void attach_method(const Scope& scope, json::object& method, std::string_view customer) {
    static_cast<void>(scope.get("customer", customer, "customer"));
    const auto owner = text(method, "customer");
    if (owner == customer) return;
    if (!owner.empty())
        throw invalid("The payment method you provided has already been attached to a customer.");
    if (const auto& card = card_of(method); text(method, "type") == "card" && !card.attaches)
        throw StripeError(decline(card));
    method["customer"] = json::string(customer);
    scope.emit("payment_method.attached", method);
}

void check_attached(const Scope& scope, std::string_view method, std::string_view customer,
                    std::string_view param) {
    if (text(scope.get("payment_method", method, param), "customer") == customer) return;
    throw invalid(fmt::format("The customer does not have a payment method with the ID {}. The "
                              "payment method must be attached to the customer.",
                              method))
        .code("resource_missing")
        .param(param);
}

void detach_method(const Scope& scope, json::object& method) {
    const json::object before(method);
    auto* customer = scope.world.store.edit(scope.account, "customer", text(method, "customer"));
    if (customer &&
        text(*customer, "invoice_settings.default_payment_method") == text(method, "id"))
        set(*customer, "invoice_settings.default_payment_method") = nullptr;
    method["customer"] = nullptr;
    scope.emit_changed("payment_method.detached", before, method);
}

void add_payment_methods(Routes& on) {
    on.index("payment_method", "customer");
    on("POST", "/v1/payment_methods", create);
    on("GET", "/v1/payment_methods/{payment_method}", retrieve);
    on.list("/v1/payment_methods", {"customer", "type", "allow_redisplay"});
    on("POST", "/v1/payment_methods/{payment_method}", update);
    on("POST", "/v1/payment_methods/{payment_method}/attach", attach);
    on("POST", "/v1/payment_methods/{payment_method}/detach", detach);
    on("GET", "/v1/customers/{customer}/payment_methods", list_of_customer);
    on("GET", "/v1/customers/{customer}/payment_methods/{payment_method}", retrieve_of_customer);
    on.browser("POST", "/v1/payment_methods");
}

}  // namespace daybook::sim
