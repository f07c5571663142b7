// POST /checkout/hosted: an order that is paid on Stripe's own page, or embedded in one's own.
#include <api/marketplace/composing.hpp>
#include <api/marketplace/duplicates.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sale.hpp>
#include <api/marketplace/steps.hpp>
#include <api/marketplace/subscribing.hpp>
#include <api/problem.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::string_view modes[] = {"hosted", "embedded"};

/// Where the buyer goes, and how the page is shown.
struct Page {
    bool embedded = false;
    std::string success_url, cancel_url;  ///< embedded: success_url is where it returns to
};

Page read_page(Input& in, const StripeSettings& settings) {
    Page page{.embedded = in.word("ui_mode", modes) == "embedded"};
    const auto url = [&in](std::string_view name, const std::string& configured, bool must) {
        auto given = in.url(name);
        if (given.empty()) given = configured;
        if (must && given.empty() && !in.has(name))
            in.refuse(name, "is required, since none is configured");
        return given;
    };
    const std::string_view done = page.embedded ? "return_url" : "success_url";
    page.success_url = url(done, settings.success_url, true);
    if (!page.embedded) page.cancel_url = url("cancel_url", settings.cancel_url, false);
    return page;
}

void add_items(Form& form, const Sale& sale) {
    for (std::size_t i = 0; i < sale.lines.size(); ++i) {
        const auto& line = sale.lines[i];
        const auto item = [i](std::string_view member) { return nested("line_items", i, member); };
        form.whole(item("quantity"), line.quantity);
        if (!line.price.empty()) {
            form.text(item("price"), line.price);
            continue;
        }
        const auto data = item("price_data");
        form.text(data + "[currency]", sale.currency).text(data + "[product]", line.product);
        form.whole(data + "[unit_amount]", line.unit_amount);
    }
}

void add_payment(Form& form, const Sale& sale) {
    if (sale.payee) {
        form.text("payment_intent_data[transfer_data][destination]", sale.seller);
        if (sale.split.fee > 0)
            form.whole("payment_intent_data[application_fee_amount]", sale.split.fee);
        if (sale.payee->on_behalf_of) form.text("payment_intent_data[on_behalf_of]", sale.seller);
    }
    form.text("payment_intent_data[transfer_group]", sale.order_id);
    form.text("payment_intent_data[receipt_email]", sale.buyer.email);
    add_metadata(form, "payment_intent_data[metadata]", sale);
    add_lines(form, "payment_intent_data[metadata]", sale);
}

/// Stripe takes one percentage of every invoice of a subscription: what is paid once would weigh in
/// that of all renewals.
void refuse_mixed_rates(Input& in, const Sale& sale) {
    if (!sale.payee) return;
    const auto rate = [&](const SaleLine& line) {
        return line.product_fee.value_or(sale.rate).basis_points;
    };
    const bool once = std::ranges::any_of(sale.lines, &std::string::empty, &SaleLine::interval);
    const bool same = std::ranges::all_of(
        sale.lines, [&](const SaleLine& line) { return rate(line) == rate(sale.lines.front()); });
    if (once && !same)
        in.refuse(
            "lines",
            "have different fees, of which Stripe can take one: order what is paid once apart "
            "from what recurs");
}

Form session_form(const Sale& sale, const Page& page, bool recurring) {
    Form form;
    form.text("mode", recurring ? "subscription" : "payment");
    form.text("ui_mode", page.embedded ? "embedded_page" : "hosted_page");
    form.text(page.embedded ? "return_url" : "success_url", page.success_url);
    form.text("cancel_url", page.cancel_url);
    form.text("client_reference_id", sale.buyer.user_id);
    if (sale.buyer.customer.empty())
        form.text("customer_email", sale.buyer.email);
    else
        form.text("customer", sale.buyer.customer);
    add_items(form, sale);
    form.text("discounts[0][promotion_code]", sale.discount.promotion_code);
    form.text("discounts[0][coupon]", sale.discount.coupon);
    if (recurring)
        add_subscription_share(form, "subscription_data", sale);
    else if (sale.total() > 0)
        add_payment(form, sale);
    else
        add_lines(form, "metadata", sale);  // what costs nothing has no payment to keep them
    if (recurring) add_metadata(form, "subscription_data[metadata]", sale);
    add_metadata(form, "metadata", sale);
    return form;
}

}  // namespace

Prepared post_checkout_hosted(const Request& request, Context& context) {
    Input in(request);
    auto sale = read_sale(in, context, Pays::either);
    const auto page = read_page(in, context.node.stripe);
    in.done();
    if (sale.order_id_given)
        if (const auto order = find_order(context, sale.order_id)) {
            JsonObject members;
            members.text("order_id", order->id).text("state", order->status);
            throw Refused(Problem::wrong_state, fmt::format("{} is there already", order->id),
                          members);
        }
    const bool recurring = std::ranges::any_of(
        sale.lines, [](const SaleLine& line) { return !line.interval.empty(); });
    settle_fee(sale, context, "payments:write");
    if (recurring) {
        refuse_mixed_rates(in, sale);
        in.done();
        settle_by_percentage(sale);
    }
    refuse_duplicate(sale, request, context);
    return PlanOf("checkout.hosted", context)
        .post("/v1/checkout/sessions", session_form(sale, page, recurring))
        .decide(decisions_of(sale, context))
        .plan();
}

Response compose_hosted_checkout(const Plan& plan, Answers answers) {
    const JsonReader decided(plan.decisions);
    const JsonReader session(answers.back().body);
    JsonObject body;
    pick_same(body, decided,
              {"order_id", "buyer", "seller", "currency", "lines", "subtotal", "discount"});
    // Stripe rounds discounts line by line, so its total is the one that counts.
    pick(body, session, {{"amount", "/amount_total"}});
    pick_same(body, decided, {"promotion_code_id", "fee"});
    pick(body, session,
         {{"checkout_session_id", "/id"},
          {"status", "/status"},
          {"payment_status", "/payment_status"},
          {"url", "/url"},
          {"client_secret", "/client_secret"},
          {"expires_at", "/expires_at"}});
    return answer_with(pick_same(body, decided, {"publishable_key"}));
}

}  // namespace daybook::api
