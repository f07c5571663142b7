// What people click through in a browser: the addresses of the pages, and of stripe.js.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/embedded.hpp>
#include <tools/stripe_sim/html.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/pages.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

/// The parts as one script that adds nothing but Stripe to the page's names.
Reply stripe_js(PageCall&) {
    auto reply = page_reply("stripe_main.js");
    reply.body = fmt::format("(() => {{\n'use strict';\n{}\n{}\n{}}})();\n",
                             embedded::file("pages/stripe_api.js"),
                             embedded::file("pages/stripe_elements.js"), reply.body);
    return reply;
}

PageHandler page(std::string name) {
    return [name = std::move(name)](PageCall&) { return page_reply(name); };
}

/// What an invoice's own page shows of it.
json::object shown_invoice(const Scope& scope, const json::object& invoice) {
    json::array lines;
    for (const auto& line : array(invoice, "lines.data"))
        lines.push_back({{"description", line.at("description")}, {"amount", line.at("amount")}});
    json::object shown{{"account", text_or_null(scope.account)},
                       {"amount_remaining", invoice.at("amount_remaining")},
                       {"client_secret", nullptr},
                       {"currency", invoice.at("currency")},
                       {"lines", std::move(lines)},
                       {"number", invoice.at("number")},
                       {"status", invoice.at("status")},
                       {"total", invoice.at("total")}};
    const auto payments = scope.world.store.page(
        scope.account, "invoice_payment",
        {.equal = {{"invoice", std::string(text(invoice, "id"))}, {"status", "open"}}});
    for (const auto* payment : payments.items)
        if (const auto* intent =
                scope.find("payment_intent", text(*payment, "payment.payment_intent")))
            shown["client_secret"] = intent->at("client_secret");
    return shown;
}

Reply invoice(PageCall& call) {
    const auto scope = home_of(call.world, "invoice", call.id("invoice"));
    return json_reply(shown_invoice(scope, scope.get("invoice", call.id("invoice"))));
}

/// What charge.receipt_url leads to.
Reply receipt(PageCall& call) {
    const auto scope = home_of(call.world, "charge", call.id("charge"));
    const auto& charge = scope.get("charge", call.id("charge"));
    return html_reply(fmt::format(
        "<!doctype html><title>Receipt (simulator)</title>"
        "<link rel=stylesheet href=/_sim/assets/page.css>"
        "<main><h1>Receipt</h1><p>From Daybook's Stripe simulator: no money moved.</p>"
        "<p class=amount>{}</p><p>{}</p><p>{}, refunded: {}</p><p><code>{}</code></p></main>",
        shown_amount(integer(charge, "amount"), text(charge, "currency")),
        html_escaped(text(charge, "description")), text(charge, "status"),
        shown_amount(integer(charge, "amount_refunded"), text(charge, "currency")),
        text(charge, "id")));
}

}  // namespace

void add_pages(Routes& on) {
    on.page("GET", "/", page("status.html"));
    on.page("GET", "/_sim", page("status.html"));
    on.page("GET", "/_sim/shop", page("shop.html"));
    on.page("GET", "/_sim/checkout/{session}", page("checkout.html"));
    on.page("GET", "/_sim/3ds/{intent}", page("action.html"));
    on.page("GET", "/_sim/redirect/{intent}", page("action.html"));
    on.page("GET", "/_sim/microdeposits/{intent}", page("action.html"));
    on.page("GET", "/_sim/receipts/{charge}", receipt);
    on.page("GET", "/_sim/invoice/{invoice}", page("invoice.html"));
    on.page("GET", "/_sim/invoices/{invoice}", invoice);
    on.page("GET", "/_sim/stripe.js", stripe_js);
    on.page("GET", "/_sim/assets/{name}",
            [](PageCall& call) { return page_reply(call.id("name")); });
}

}  // namespace daybook::sim
