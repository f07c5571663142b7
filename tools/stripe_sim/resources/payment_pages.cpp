// A checkout session as its buyer meets it: what the hosted page shows, and submits. Stripe does
// not declare these routes; its CLI uses them too.
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/checkout/basket.hpp>
#include <tools/stripe_sim/checkout/submission.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace daybook::sim {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

/// Where the buyer goes when all is done; null where the shop's page takes over.
json::value way_out(const json::object& session) {
    if (text(session, "status") != "complete") return nullptr;
    if (has(session, "success_url"))
        return json::string(address_after(session, text(session, "success_url")));
    if (text(session, "redirect_on_completion") != "always") return nullptr;
    return json::string(address_after(session, text(session, "return_url")));
}

std::string_view email_of(const Scope& scope, const json::object& session) {
    if (has(session, "customer_email")) return text(session, "customer_email");
    if (!has(session, "customer")) return {};
    return text(scope.get("customer", text(session, "customer")), "email");
}

json::value code_of(const Scope& scope, const json::object& session) {
    const auto& discounts = array(session, "discounts");
    if (discounts.empty()) return nullptr;
    const auto* code =
        scope.find("promotion_code", text(discounts.front().as_object(), "promotion_code"));
    return code ? code->at("code") : json::value(nullptr);
}

json::object page_of(const Scope& scope, const json::object& session) {
    json::object page;
    page["id"] = session.at("id");
    page["object"] = "payment_page";
    for (const auto* name :
         {"allow_promotion_codes", "amount_subtotal", "amount_total", "cancel_url", "currency",
          "mode", "payment_method_types", "payment_status", "status", "total_details", "ui_mode"})
        page[name] = session.at(name);
    page["client_secret"] = nullptr;
    page["last_error"] = nullptr;
    page["next_action"] = nullptr;
    if (const auto* intent = awaited_intent(scope, session)) {
        page["client_secret"] = intent->at("client_secret");
        page["next_action"] = intent->at("next_action");
        for (const auto* name : {"last_payment_error.message", "last_setup_error.message"})
            if (has(*intent, name)) page["last_error"] = text(*intent, name);
    }
    page["customer_email"] = text_or_null(email_of(scope, session));
    page["line_items"] = basket_of(scope, session).items;
    page["promotion_code"] = code_of(scope, session);
    page["redirect_url"] = way_out(session);
    return page;
}

json::object show(Call& call) {
    return page_of(call, call.get("checkout.session", call.id("session"), "session"));
}

/// The active code that the buyer typed.
const json::object& promotion_code(const Scope& scope, std::string_view typed) {
    const auto found = scope.world.store.page(
        scope.account, "promotion_code",
        {.limit = 1, .match = [wanted = std::string(typed)](const json::object& code) {
             return flag(code, "active") && same_letters(text(code, "code"), wanted);
         }});
    if (found.items.empty())
        throw invalid("This code is invalid.")
            .code("promotion_code_invalid")
            .param("promotion_code");
    return *found.items.front();
}

void check_restrictions(const json::object& session, const json::object& code) {
    const auto minimum = integer(code, "restrictions.minimum_amount");
    if (integer(session, "amount_subtotal") < minimum)
        throw invalid("This code needs a larger order.")
            .code("promotion_code_invalid")
            .param("promotion_code");
}

/// The buyer types a promotion code; "" takes it away.
json::object update(Call& call) {
    auto& session = call.edit("checkout.session", call.id("session"), "session");
    if (!call.mentions("promotion_code") || text(session, "status") != "open")
        return page_of(call, session);
    if (!flag(session, "allow_promotion_codes"))
        throw invalid("This Checkout Session takes no promotion codes.").param("promotion_code");
    json::object changed(session);
    changed["discounts"] = json::array();
    if (!call.text("promotion_code").empty()) {
        const auto& code = promotion_code(call, call.text("promotion_code"));
        check_restrictions(session, code);
        changed["discounts"] = {{{"coupon", nullptr}, {"promotion_code", code.at("id")}}};
    }
    auto basket = basket_of(call, session);
    price_basket(call, changed, basket, flag(noted(call, session), "trial"));
    session = std::move(changed);
    keep_basket(call, session, basket);
    return page_of(call, session);
}

void check_amount(const Call& call, const json::object& session) {
    if (!call.has("expected_amount")) return;
    const auto given = call.text("expected_amount");
    std::int64_t expected = -1;
    std::from_chars(given.data(), given.data() + given.size(), expected);
    if (expected != integer(session, "amount_total"))
        throw invalid(fmt::format("The expected amount {} is not the amount of the Checkout "
                                  "Session, {}.",
                                  given, integer(session, "amount_total")))
            .param("expected_amount");
}

json::object confirm(Call& call) {
    auto& session = call.edit("checkout.session", call.id("session"), "session");
    check_amount(call, session);
    submit_session(call, session,
                   {.payment_method = std::string(call.text("payment_method")),
                    .email = std::string(call.text("email"))});
    return page_of(call, session);
}

}  // namespace

void add_payment_pages(Routes& on) {
    on.unlisted("GET", "/v1/payment_pages/{session}", show);
    on.unlisted("POST", "/v1/payment_pages/{session}", update);
    on.unlisted("POST", "/v1/payment_pages/{session}/confirm", confirm);
    on.browser("GET", "/v1/payment_pages/{session}");
    on.browser("POST", "/v1/payment_pages/{session}");
    on.browser("POST", "/v1/payment_pages/{session}/confirm");
}

}  // namespace daybook::sim
