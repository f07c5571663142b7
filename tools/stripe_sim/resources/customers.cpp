// Customers: whom payments and subscriptions belong to.
#include <tools/stripe_sim/call.hpp>
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
    for (const auto& [name, value] : call.object("invoice_settings"))
        customer["invoice_settings"].as_object()[name] = value;
}

json::object create(Call& call) {
    auto customer = call.begin("customer", "cus_");
    customer["invoice_prefix"] = call.world.ids.letters(8);
    customer["next_invoice_sequence"] = 1;
    customer["tax_exempt"] = "none";
    apply(call, customer);
    const auto& stored = call.put(std::move(customer));
    call.emit("customer.created", stored);
    return stored;
}

json::object update(Call& call) {
    auto& customer = call.edit("customer", call.id("customer"), "customer");
    const json::object before(customer);
    apply(call, customer);
    call.emit_changed("customer.updated", before, customer);
    return customer;
}

json::object remove(Call& call) {
    const auto id = call.id("customer");
    const json::object last(call.get("customer", id, "customer"));
    call.erase("customer", id);
    call.world.store.put(call.account, "deleted_customer", deleted("customer", id));
    call.emit("customer.deleted", last);
    return deleted("customer", id);
}

/// Stripe remembers whom it forgot.
json::object retrieve(Call& call) {
    const auto id = call.id("customer");
    if (const auto* stub = call.find("deleted_customer", id)) return *stub;
    return call.get("customer", id, "customer");
}

}  // namespace

void add_customers(Routes& on) {
    on.index("customer", "email");
    on("POST", "/v1/customers", create);
    on("GET", "/v1/customers/{customer}", retrieve);
    on.list("/v1/customers", {"email"});
    on.search("/v1/customers/search");
    on("POST", "/v1/customers/{customer}", update);
    on("DELETE", "/v1/customers/{customer}", remove);
}

}  // namespace daybook::sim
