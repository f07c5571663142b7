// The billing portal: configurations, and sessions whose page says what it stands for.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr std::string_view configuration_type = "billing_portal.configuration";

void apply(const Call& call, json::object& configuration) {
    for (const auto* name : {"business_profile", "features", "login_page"}) {
        if (!call.has(name)) continue;
        json::object merged(object(configuration, name));
        for (const auto& [member, value] : call.object(name))
            merged[member] = value;
        call.fill(configuration, name, std::move(merged));
    }
    call.copy(configuration, {"active", "default_return_url", "name"});
    call.copy_metadata(configuration);
    configuration["updated"] = call.now();
}

json::object& make_configuration(const Call& call, bool is_default) {
    auto configuration = call.begin(configuration_type, "bpc_");
    configuration["active"] = true;
    configuration["is_default"] = is_default;
    set(configuration, "features.subscription_cancel.mode") = "at_period_end";
    set(configuration, "features.subscription_cancel.proration_behavior") = "none";
    return call.put(std::move(configuration));
}

json::object create(Call& call) {
    auto& configuration = make_configuration(call, false);
    apply(call, configuration);
    call.emit("billing_portal.configuration.created", configuration);
    return configuration;
}

json::object update(Call& call) {
    auto& configuration = call.edit(configuration_type, call.id("configuration"), "configuration");
    const json::object before(configuration);
    apply(call, configuration);
    call.emit_changed("billing_portal.configuration.updated", before, configuration);
    return configuration;
}

/// The one that stands where none is named; made on first use.
const json::object& default_configuration(const Call& call) {
    const auto page = call.world.store.page(
        call.account, configuration_type,
        {.limit = 1, .match = [](const json::object& one) { return flag(one, "is_default"); }});
    return page.items.empty() ? make_configuration(call, true) : *page.items.front();
}

json::object open_session(Call& call) {
    if (!call.has("customer")) throw missing_param("customer");
    static_cast<void>(call.get("customer", call.text("customer"), "customer"));
    const auto& configuration =
        call.has("configuration")
            ? call.get(configuration_type, call.text("configuration"), "configuration")
            : default_configuration(call);
    auto session = call.begin("billing_portal.session", "bps_");
    session["configuration"] = configuration.at("id");
    if (has(configuration, "default_return_url"))
        session["return_url"] = configuration.at("default_return_url");
    call.copy(session, {"customer", "locale", "on_behalf_of", "return_url"});
    if (call.has("flow_data")) call.fill(session, "flow", call.params.at("flow_data"));
    session["url"] = fmt::format("{}/_sim/portal/{}", call.world.base_url, text(session, "id"));
    const auto& stored = call.put(std::move(session));
    call.emit("billing_portal.session.created", stored);
    return stored;
}

const json::object* session_anywhere(World& world, std::string_view id) {
    for (const auto& [account, type] : world.store.shelves())
        if (type == "billing_portal.session")
            if (const auto* session = world.store.find(account, type, id)) return session;
    return nullptr;
}

Reply portal_page(PageCall& call) {
    const auto* session = session_anywhere(call.world, call.id("session"));
    if (!session) throw no_such("billing_portal.session", call.id("session"), "session");
    return html_reply(fmt::format(
        "<!doctype html><title>Billing portal (simulator)</title>"
        "<link rel=stylesheet href=/_sim/assets/page.css>"
        "<main><h1>Billing portal</h1><p>This is Daybook's Stripe simulator, not Stripe. Customer "
        "<code>{}</code> would manage subscriptions, invoices and payment methods here.</p>"
        "</main>",
        text(*session, "customer")));
}

}  // namespace

void add_billing_portal(Routes& on) {
    on("POST", "/v1/billing_portal/configurations", create);
    on.list("/v1/billing_portal/configurations", {"active", "is_default"});
    on.retrieve("/v1/billing_portal/configurations/{configuration}");
    on("POST", "/v1/billing_portal/configurations/{configuration}", update);
    on("POST", "/v1/billing_portal/sessions", open_session);
    on.page("GET", "/_sim/portal/{session}", portal_page);
}

}  // namespace daybook::sim
