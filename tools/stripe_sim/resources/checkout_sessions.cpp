// Checkout sessions: what the shop asks for. What buyers do with them is in payment_pages.cpp.
#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/checkout/basket.hpp>
#include <tools/stripe_sim/checkout/shipping.hpp>
#include <tools/stripe_sim/checkout/submission.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/transfers.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr Seconds life_min = 30 * minute;
constexpr Seconds life_max = 24 * hour;

constexpr Names plain = {"adaptive_pricing",
                         "after_expiration",
                         "allow_promotion_codes",
                         "allowed_payment_method_types",
                         "billing_address_collection",
                         "branding_settings",
                         "cancel_url",
                         "client_reference_id",
                         "consent_collection",
                         "custom_fields",
                         "custom_text",
                         "customer",
                         "customer_account",
                         "customer_creation",
                         "customer_email",
                         "excluded_payment_method_types",
                         "integration_identifier",
                         "invoice_creation",
                         "locale",
                         "managed_payments",
                         "name_collection",
                         "optional_items",
                         "origin_context",
                         "payment_method_collection",
                         "payment_method_options",
                         "permissions",
                         "phone_number_collection",
                         "redirect_on_completion",
                         "return_url",
                         "saved_payment_method_options",
                         "shipping_address_collection",
                         "submit_type",
                         "success_url",
                         "tax_id_collection",
                         "wallet_options"};

// --- refusals ---------------------------------------------------------------------------------

void refuse_together(const Call& call, std::string_view a, std::string_view b) {
    if (call.has(a) && call.has(b))
        throw invalid(fmt::format("You may only specify one of these parameters: {}, {}.", a, b))
            .param(a);
}

/// Each mode has parameters of its own.
void check_mode(const Call& call, std::string_view mode) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> own = {
        {{"payment_intent_data", "payment"},
         {"subscription_data", "subscription"},
         {"setup_intent_data", "setup"}}};
    for (const auto& [name, only] : own)
        if (call.has(name) && mode != only)
            throw invalid(fmt::format("You can not pass `{}` in `{}` mode.", name, mode))
                .param(name);
    if (mode == "setup" && call.has("line_items"))
        throw invalid("You can not pass `line_items` in `setup` mode.").param("line_items");
    if (mode != "setup" && call.array("line_items").empty()) throw missing_param("line_items");
}

void check_addresses(const Call& call, std::string_view ui_mode) {
    if (ui_mode == "hosted_page") {
        if (!call.has("success_url")) throw missing_param("success_url");
        if (call.has("return_url"))
            throw invalid("`return_url` is not allowed when `ui_mode` is `hosted_page`.")
                .param("return_url");
        return;
    }
    for (const auto* name : {"success_url", "cancel_url"})
        if (call.has(name))
            throw invalid(
                fmt::format("`{}` is only allowed when `ui_mode` is `hosted_page`.", name))
                .param(name);
    if (!call.has("return_url") && call.text("redirect_on_completion") != "never")
        throw missing_param("return_url");
}

void check_expiry(const Call& call) {
    if (!call.has("expires_at")) return;
    const auto life = call.integer("expires_at") - call.now();
    if (life < life_min || life > life_max)
        throw invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout "
            "Session creation.")
            .param("expires_at");
}

/// Whom the money is for, once it is known how much there is.
void check_destination_of(const Call& call, const json::object& session) {
    const auto destination = call.text("payment_intent_data.transfer_data.destination");
    if (!destination.empty())
        check_destination(call, destination, "payment_intent_data[transfer_data][destination]");
    const auto total = integer(session, "amount_total");
    for (const auto* path :
         {"payment_intent_data.application_fee_amount", "payment_intent_data.transfer_data.amount"})
        if (call.integer(path) > total)
            throw invalid(fmt::format("The {} must be less than or equal to the amount of the "
                                      "Checkout Session.",
                                      path))
                .param(path);
    if (call.text("mode") == "payment" && total > 0)
        check_charge_amount(total, text(session, "currency"), "line_items");
}

// --- making one -------------------------------------------------------------------------------

json::array types_of(const Call& call, std::string_view mode) {
    json::array types{"card"};
    if (mode == "payment") types = {"card", "klarna", "link", "paypal"};
    if (mode == "subscription") types = {"card", "link", "paypal"};
    // The CLI still names them as older versions did.
    for (const auto* name : {"allowed_payment_method_types", "payment_method_types"})
        if (call.has(name)) types = call.array(name);
    const auto& excluded = call.array("excluded_payment_method_types");
    const auto rest = std::ranges::remove_if(types, [&excluded](const json::value& type) {
        return std::ranges::find(excluded, type) != excluded.end();
    });
    types.erase(rest.begin(), rest.end());
    return types;
}

json::array discounts_of(const Call& call) {
    json::array discounts;
    for (const auto& value : call.array("discounts")) {
        json::object discount{{"coupon", nullptr}, {"promotion_code", nullptr}};
        for (const auto& [name, id] : value.as_object())
            discount[name] = id;
        discounts.push_back(std::move(discount));
    }
    return discounts;
}

void set_defaults(const Call& call, json::object& session, std::string_view mode) {
    const auto ui_mode = call.has("ui_mode") ? call.text("ui_mode") : "hosted_page";
    session["mode"] = mode;
    session["ui_mode"] = ui_mode;
    session["status"] = "open";
    session["payment_status"] = mode == "setup" ? "no_payment_required" : "unpaid";
    session["payment_method_types"] = types_of(call, mode);
    session["payment_method_collection"] = mode == "payment" ? "if_required" : "always";
    session["customer_creation"] = mode == "payment" ? "if_required" : "always";
    session["expires_at"] = call.integer("expires_at", call.now() + life_max);
    call.fill(session, "automatic_tax", {{"enabled", false}});
    if (mode != "setup") session["discounts"] = discounts_of(call);
    if (mode == "payment") call.fill(session, "invoice_creation", {{"enabled", false}});
    if (ui_mode != "hosted_page") session["redirect_on_completion"] = "always";
}

void apply(const Call& call, json::object& session) {
    call.copy(session, plain);
    call.copy_metadata(session);
    if (call.has("customer")) {
        static_cast<void>(call.get("customer", call.text("customer"), "customer"));
        session["customer_creation"] = nullptr;
    }
    if (call.flag("automatic_tax.enabled"))
        call.fill(session, "automatic_tax",
                  {{"enabled", true}, {"provider", "stripe"}, {"status", "complete"}});
}

/// Where the buyer goes, or what the shop mounts.
void set_way_in(const Call& call, json::object& session) {
    const auto id = text(session, "id");
    if (text(session, "ui_mode") == "hosted_page")
        session["url"] = fmt::format("{}/_sim/checkout/{}{}{}", call.world.base_url, id,
                                     call.is_platform() ? "" : "?account=", call.account);
    else
        session["client_secret"] = call.world.ids.client_secret(id);
}

bool has_trial(const Call& call) {
    return call.integer("subscription_data.trial_period_days") > 0 ||
           call.integer("subscription_data.trial_end") > call.now();
}

json::object create(Call& call) {
    const std::string mode(call.text("mode"));
    if (mode.empty()) throw missing_param("mode");
    check_mode(call, mode);
    check_addresses(call, call.has("ui_mode") ? call.text("ui_mode") : "hosted_page");
    check_expiry(call);
    refuse_together(call, "customer", "customer_email");
    refuse_together(call, "customer", "customer_creation");
    refuse_together(call, "discounts", "allow_promotion_codes");

    auto session = call.begin("checkout.session", "cs_test_");
    set_defaults(call, session, mode);
    apply(call, session);
    auto basket = make_basket(call, call.array("line_items"), mode);
    if (!basket.items.empty())
        session["currency"] = basket.items.front().as_object().at("currency");
    else if (call.has("currency"))
        session["currency"] = checked_currency(call.text("currency"));
    apply_shipping(call, session, call.array("shipping_options"));
    price_basket(call, session, basket, has_trial(call));
    check_destination_of(call, session);
    set_way_in(call, session);

    auto& notes = hidden(call, session);
    for (const auto* name : {"payment_intent_data", "subscription_data", "setup_intent_data"})
        notes[name] = call.object(name);
    notes["trial"] = has_trial(call);
    keep_basket(call, session, basket);
    auto& stored = call.put(std::move(session));
    if (mode == "setup") begin_setup(call, stored);
    call.later(integer(stored, "expires_at") - call.now(), "checkout.session.expire",
               text(stored, "id"));
    return stored;
}

// --- afterwards -------------------------------------------------------------------------------

json::object update(Call& call) {
    auto& session = call.edit("checkout.session", call.id("session"), "session");
    call.copy_metadata(session);
    call.copy(session, {"collected_information"});
    return session;
}

json::object expire(Call& call) {
    auto& session = call.edit("checkout.session", call.id("session"), "session");
    if (text(session, "status") != "open")
        throw invalid(
            fmt::format("Only Checkout Sessions with a status in [\"open\"] can be "
                        "expired. This Checkout Session has a status of {}.",
                        text(session, "status")));
    expire_session(call, session);
    return session;
}

void expire_when_due(Scope& scope, std::string_view id) {
    auto& session = scope.edit("checkout.session", id);
    if (text(session, "status") == "open") expire_session(scope, session);
}

json::object items_list(const Scope& scope, std::string_view id, const json::array& items,
                        std::size_t begin, std::size_t end) {
    std::vector<const json::object*> shown;
    for (auto i = begin; i < end; ++i)
        shown.push_back(&items[i].as_object());
    return list_of(scope, fmt::format("/v1/checkout/sessions/{}/line_items", id), shown,
                   end < items.size());
}

json::object line_items(Call& call) {
    const auto id = call.id("session");
    const auto& session = call.get("checkout.session", id, "session");
    const auto items = basket_of(call, session).items;
    const auto place = [&items](std::string_view wanted) {
        const auto found = std::ranges::find_if(items, [wanted](const json::value& item) {
            return text(item.as_object(), "id") == wanted;
        });
        return static_cast<std::size_t>(found - items.begin());
    };
    const auto limit = static_cast<std::size_t>(limit_of(call));
    if (call.has("ending_before")) {
        const auto end = place(call.text("ending_before"));
        return items_list(call, id, items, end > limit ? end - limit : 0, end);
    }
    const auto begin =
        call.has("starting_after") ? place(call.text("starting_after")) + 1 : std::size_t{0};
    const auto first = std::min(begin, items.size());
    return items_list(call, id, items, first, std::min(first + limit, items.size()));
}

json::value included_items(const Scope& scope, const json::object& session) {
    constexpr std::size_t shown = 10;
    const auto items = basket_of(scope, session).items;
    return items_list(scope, text(session, "id"), items, 0, std::min(shown, items.size()));
}

}  // namespace

void add_checkout_sessions(Routes& on) {
    add_submissions(on);
    on.index("checkout.session", "customer");
    on.index("checkout.session", "payment_intent");
    on.index("checkout.session", "subscription");
    on("POST", "/v1/checkout/sessions", create);
    on.retrieve("/v1/checkout/sessions/{session}");
    on.list("/v1/checkout/sessions", {"customer", "customer_details.email", "payment_intent",
                                      "payment_link", "status", "subscription"});
    on("POST", "/v1/checkout/sessions/{session}", update);
    on("POST", "/v1/checkout/sessions/{session}/expire", expire);
    on("GET", "/v1/checkout/sessions/{session}/line_items", line_items);
    on.include("checkout.session", "line_items", included_items);
    on.task("checkout.session.expire", expire_when_due);
}

}  // namespace daybook::sim
