// POST /checkout/subscription: a subscription that the buyer confirms with the Payment Element.
#include <api/marketplace/composing.hpp>
#include <api/marketplace/duplicates.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sale.hpp>
#include <api/marketplace/steps.hpp>
#include <api/marketplace/subscribing.hpp>
#include <api/problem.hpp>
#include <ledger/currency.hpp>

#include <fmt/format.h>

namespace daybook::api {
namespace {

constexpr std::int64_t whole = 10'000;  // basis points
constexpr std::int64_t trial_days_max = 730;

Form customer_form(const Buyer& buyer) {
    Form form;
    form.text("email", buyer.email).text("name", buyer.name);
    form.entry("metadata", "user_id", buyer.user_id);
    form.refer("metadata[daybook_action]", "{action}");
    return form;
}

Form subscription_form(const Sale& sale, std::int64_t trial_days) {
    Form form;
    if (sale.buyer.customer.empty())
        form.refer("customer", "{0.id}");
    else
        form.text("customer", sale.buyer.customer);
    for (std::size_t i = 0; i < sale.lines.size(); ++i) {
        form.text(nested("items", i, "price"), sale.lines[i].price);
        form.whole(nested("items", i, "quantity"), sale.lines[i].quantity);
    }
    form.text("payment_behavior", "default_incomplete");
    form.text("payment_settings[save_default_payment_method]", "on_subscription");
    form.text("discounts[0][promotion_code]", sale.discount.promotion_code);
    form.text("discounts[0][coupon]", sale.discount.coupon);
    if (trial_days > 0) {
        form.whole("trial_period_days", trial_days);
        form.text("trial_settings[end_behavior][missing_payment_method]", "cancel");
    }
    add_subscription_share(form, "", sale);
    add_metadata(form, "metadata", sale);
    form.text("expand[0]", "latest_invoice.confirmation_secret");
    form.text("expand[1]", "pending_setup_intent");
    return form;
}

}  // namespace

void settle_by_percentage(Sale& sale) {
    if (!sale.payee) return;
    std::int64_t weighted = 0;
    for (auto& line : sale.lines)
        weighted += line.gross() * line.product_fee.value_or(sale.rate).basis_points;
    const auto sum = sale.subtotal();
    const auto fee = sum > 0 ? share(weighted, 1, sum)
                             : sale.lines.front().product_fee.value_or(sale.rate).basis_points;
    sale.rate = {fee, 0};
    for (auto& line : sale.lines)
        if (line.product_fee) line.product_fee->fixed = 0;
    sale.split.seller = share(sale.total(), whole - fee, whole);
    sale.split.fee = sale.total() - sale.split.seller;
}

std::int64_t seller_share(const Sale& sale) {
    return whole - sale.rate.basis_points;
}

void add_subscription_share(Form& form, std::string_view name, const Sale& sale) {
    if (!sale.payee) return;
    const auto field = [name](std::string_view member) {
        if (name.empty()) return std::string(member);
        const auto bracket = member.find('[');
        return fmt::format("{}[{}]{}", name, member.substr(0, bracket),
                           bracket == std::string_view::npos ? "" : member.substr(bracket));
    };
    const auto share = seller_share(sale);
    if (share > 0) {
        form.text(field("transfer_data[destination]"), sale.seller);
        if (share < whole) form.text(field("transfer_data[amount_percent]"), percent_of(share));
    }
    if (sale.payee->on_behalf_of) form.text(field("on_behalf_of"), sale.seller);
}

Prepared post_checkout_subscription(const Request& request, Context& context) {
    Input in(request);
    auto sale = read_sale(in, context, Pays::by_period);
    const auto trial_days = in.whole("trial_days", {.least = 1, .most = trial_days_max});
    for (auto& line : sale.lines)
        if (line.price.empty()) in.refuse("lines", "must each name a price");
    in.done();
    if (sale.order_id_given && find_order(context, sale.order_id))
        throw Refused(Problem::wrong_state, fmt::format("{} is there already", sale.order_id));
    settle_fee(sale, context, "subscriptions:write");
    settle_by_percentage(sale);
    refuse_duplicate(sale, request, context);
    if (sale.buyer.customer.empty() && !sale.buyer.user_id.empty()) {
        be_first_to_make_customer(sale.buyer.user_id, request, context);
        sale.buyer.customer = customer_of_user(context, sale.buyer.user_id);
    }
    auto decisions = decisions_of(sale, context);
    if (trial_days) decisions.number("trial_days", *trial_days);
    if (sale.payee) decisions.text("seller_percent", percent_of(seller_share(sale)));
    PlanOf plan("checkout.subscription", context);
    if (sale.buyer.customer.empty()) plan.post("/v1/customers", customer_form(sale.buyer));
    return plan.post("/v1/subscriptions", subscription_form(sale, trial_days.value_or(0)))
        .decide(decisions)
        .plan();
}

Response compose_subscription_checkout(const Plan& plan, Answers answers) {
    const JsonReader decided(plan.decisions);
    const JsonReader subscription(answers.back().body);
    const auto payment = subscription.text("/latest_invoice/confirmation_secret/client_secret");
    const auto setup = subscription.text("/pending_setup_intent/client_secret");
    JsonObject body;
    pick_same(body, decided,
              {"order_id", "buyer", "seller", "currency", "lines", "subtotal", "discount", "amount",
               "promotion_code_id", "fee", "seller_percent"});
    pick(body, subscription,
         {{"subscription_id", "/id"},
          {"status", "/status"},
          {"customer_id", "/customer"},
          {"trial_end", "/trial_end"},
          {"latest_invoice_id", "/latest_invoice/id"}});
    // What is to be confirmed: the first payment, or, when nothing is due yet, the means for later.
    body.text_or_null("confirms", !payment.empty() ? "payment" : !setup.empty() ? "setup" : "");
    body.text_or_null("client_secret", payment.empty() ? setup : payment);
    return answer_with(pick_same(body, decided, {"publishable_key"}));
}

}  // namespace daybook::api
