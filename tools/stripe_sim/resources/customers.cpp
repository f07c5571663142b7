// Customers: whom payments and subscriptions belong to.
#include <tools/stripe_sim/resources/customers.hpp>

#include <tools/stripe_sim/billing/cancelling.hpp>
#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/resources/customer_sources.hpp>
#include <tools/stripe_sim/resources/payment_methods.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

/// The parameters that are members of the same name.
constexpr Names plain = {"address",
                         "balance",
                         "business_name",
                         "description",
                         "email",
                         "name",
                         "individual_name",
                         "phone",
                         "invoice_prefix",
                         "shipping",
                         "preferred_locales",
                         "tax_exempt",
                         "next_invoice_sequence"};

void apply(Call& call, json::object& customer) {
    call.copy(customer, plain);
    call.copy_metadata(customer);
    const auto& settings = call.object("invoice_settings");
    for (const auto& [name, value] : settings)
        if (name != "default_payment_method")
            customer["invoice_settings"].as_object()[name] = value;
}

/// A payment method of this id or test id, attached to the stored customer.
const json::object& attached(Call& call, std::string_view id, const json::object& customer) {
    const auto method = text(payment_method(call, id), "id");
    auto& document = call.edit("payment_method", method);
    attach_method(call, document, text(customer, "id"));
    return document;
}

/// A payment method that is the customer's already, or becomes so as it is made of a test id.
const json::object& own_method(Call& call, std::string_view id, const json::object& customer) {
    if (call.find("payment_method", id))
        check_attached(call, id, text(customer, "id"), "invoice_settings[default_payment_method]");
    return attached(call, id, customer);
}

/// The payment methods that the parameters name: to be attached, and to be the default.
void apply_methods(Call& call, json::object& customer) {
    auto& fallback = customer["invoice_settings"].as_object()["default_payment_method"];
    std::string_view given;
    for (const auto* name : {"payment_method", "source"}) {
        if (!call.has(name)) continue;
        given = call.text(name);
        const bool token = std::string_view(name) == "source" && given.starts_with("tok_");
        const auto& method =
            token ? add_source(call, customer, given) : attached(call, given, customer);
        if (std::string_view(name) == "source") customer["default_source"] = method.at("id");
        if (call.text("invoice_settings.default_payment_method") == given)
            fallback = method.at("id");
    }
    const auto& settings = call.object("invoice_settings");
    if (!settings.contains("default_payment_method")) return;
    const auto wanted = text(settings, "default_payment_method");
    if (wanted.empty())
        fallback = nullptr;
    else if (wanted != given)
        fallback = own_method(call, wanted, customer).at("id");
}

/// Older versions, and the CLI, give a customer a coupon; '' takes it away.
void apply_discount(Call& call, json::object& customer) {
    for (const auto* name : {"coupon", "promotion_code"}) {
        if (!call.mentions(name)) continue;
        json::object given;
        if (!call.text(name).empty()) given[name] = call.text(name);
        discount_customer(call, customer, given);
    }
}

json::object create(Call& call) {
    if (call.has("test_clock"))
        static_cast<void>(
            call.get("test_helpers.test_clock", call.text("test_clock"), "test_clock"));
    auto customer = begin_at(call, "customer", "cus_", call.text("test_clock"));
    customer["currency"] = nullptr;
    customer["delinquent"] = false;
    customer["discount"] = nullptr;
    customer["invoice_prefix"] = call.world.ids.letters(8);
    customer["next_invoice_sequence"] = 1;
    customer["tax_exempt"] = "none";
    customer["test_clock"] = text_or_null(call.text("test_clock"));
    apply(call, customer);
    auto& stored = call.put(std::move(customer));
    apply_methods(call, stored);
    call.emit("customer.created", stored);
    apply_discount(call, stored);
    return stored;
}

json::object update(Call& call) {
    auto& customer = call.edit("customer", call.id("customer"), "customer");
    const json::object before(customer);
    apply(call, customer);
    apply_methods(call, customer);
    apply_discount(call, customer);
    call.emit_changed("customer.updated", before, customer);
    return customer;
}

json::object remove(Call& call) {
    const auto id = call.id("customer");
    static_cast<void>(call.get("customer", id, "customer"));
    remove_customer(call, id);
    return deleted("customer", id);
}

/// Stripe remembers whom it forgot.
json::object retrieve(Call& call) {
    const auto id = call.id("customer");
    if (const auto* stub = call.find("deleted_customer", id)) return *stub;
    return call.get("customer", id, "customer");
}

json::object remove_discount(Call& call) {
    auto& customer = call.edit("customer", call.id("customer"), "customer");
    if (!has(customer, "discount.id"))
        throw invalid("No active discount for customer").code("resource_missing");
    auto last = deleted_discount(object(customer, "discount"));
    discount_customer(call, customer, {});
    return last;
}

}  // namespace

void remove_customer(const Scope& scope, std::string_view id) {
    cancel_subscriptions_of(scope, id);
    const json::object last(scope.get("customer", id));
    scope.erase("customer", id);
    scope.world.store.put(scope.account, "deleted_customer", deleted("customer", text(last, "id")));
    scope.emit("customer.deleted", last);
}

void add_customers(Routes& on) {
    on.index("customer", "email");
    on.index("customer", "test_clock");
    on("POST", "/v1/customers", create);
    on("GET", "/v1/customers/{customer}", retrieve);
    on.list("/v1/customers", {"email", "test_clock"});
    on.search("/v1/customers/search");
    on("POST", "/v1/customers/{customer}", update);
    on("DELETE", "/v1/customers/{customer}", remove);
    on("DELETE", "/v1/customers/{customer}/discount", remove_discount);
}

}  // namespace daybook::sim
