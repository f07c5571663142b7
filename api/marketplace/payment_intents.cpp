// POST /payment-intents, /checkout/session, /orders: an order and the payment intent to pay it by.
#include <api/marketplace/composing.hpp>
#include <api/marketplace/duplicates.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sale.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <api/problem.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::string_view scope = "payments:write";
constexpr std::string_view usages[] = {"off_session", "on_session"};
constexpr std::size_t suffix_bytes_max = 22;

/// What a payment intent takes beside the sale.
struct PaymentOptions {
    std::string description, receipt_email, suffix, future_usage;
};

PaymentOptions read_options(Input& in) {
    PaymentOptions options{
        .description = in.text("description"),
        .receipt_email = in.email("receipt_email"),
        .suffix = in.text("statement_descriptor_suffix", {.bytes_max = suffix_bytes_max}),
        .future_usage = in.word("setup_future_usage", usages)};
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto plain = [](char c) {
        return c >= ' ' && c <= '~' &&
               std::string_view("<>\\'\"*").find(c) == std::string_view::npos;
    };
    if (!options.suffix.empty() && (std::ranges::none_of(options.suffix, letter) ||
                                    !std::ranges::all_of(options.suffix, plain)))
        in.refuse("statement_descriptor_suffix",
                  "must have a letter and none of < > \\ ' \" * or letters beyond ASCII");
    return options;
}

Form intent_form(const Sale& sale, const PaymentOptions& options) {
    Form form;
    form.whole("amount", sale.total()).text("currency", sale.currency);
    form.boolean("automatic_payment_methods[enabled]", true);
    form.text("customer", sale.buyer.customer).text("description", options.description);
    form.text("receipt_email",
              options.receipt_email.empty() ? sale.buyer.email : options.receipt_email);
    form.text("statement_descriptor_suffix", options.suffix);
    form.text("setup_future_usage", options.future_usage);
    form.text("transfer_group", sale.order_id);
    if (sale.payee) {
        form.text("transfer_data[destination]", sale.seller);
        if (sale.split.fee > 0) form.whole("application_fee_amount", sale.split.fee);
        if (sale.payee->on_behalf_of) form.text("on_behalf_of", sale.seller);
    }
    add_metadata(form, "metadata", sale);
    add_lines(form, "metadata", sale);
    return form;
}

[[noreturn]] void refuse_state(const OrderRow& order, std::string detail) {
    JsonObject members;
    members.text("order_id", order.id).text("state", order.status);
    throw Refused(Problem::wrong_state, std::move(detail), members);
}

/// Another attempt to pay an order that is there: its intent, which takes attempts until one
/// succeeds, is asked for its secret again.
Plan resume(const OrderRow& order, Context& context) {
    require_reach(context, scope, order.seller);
    if (order.status != "pending" && order.status != "failed")
        refuse_state(order, fmt::format("{} is {}", order.id, order.status));
    if (!order.subscription.empty())
        refuse_state(order, fmt::format("{} belongs to {}", order.id, order.subscription));
    if (order.payment_intent.empty())
        refuse_state(order, fmt::format("{} belongs to {}", order.id, order.checkout_session));
    JsonObject buyer;
    buyer.text_or_null("user_id", order.buyer);
    JsonObject decisions;
    decisions.text("order_id", order.id).raw("buyer", buyer.str());
    decisions.text_or_null("seller", order.seller).text("currency", order.currency);
    decisions.number("amount", order.amount);
    if (order.application_fee) {
        JsonObject fee;
        fee.number("amount", *order.application_fee);
        decisions.raw("fee",
                      fee.number("seller_amount", order.amount - *order.application_fee).str());
    } else {
        decisions.null("fee");
    }
    decisions.text_or_null("publishable_key", context.node.stripe.publishable_key);
    return PlanOf("payment.resume", context, order.account)
        .get(stripe_path("payment_intents", order.payment_intent))
        .decide(decisions)
        .plan();
}

/// An order that is there, is the same, and waits to be paid; or refuses.
Plan resume_same(const OrderRow& order, const Sale& sale, Context& context) {
    const bool same = order.amount == sale.total() && order.currency == sale.currency &&
                      order.seller == sale.seller && order.buyer == sale.buyer.user_id;
    if (!same)
        refuse_state(order, fmt::format("{} is another order: of another buyer, seller or amount",
                                        order.id));
    return resume(order, context);
}

Plan begin(std::string_view kind, Sale& sale, const PaymentOptions& options, const Request& request,
           Context& context) {
    settle_fee(sale, context, scope);
    refuse_duplicate(sale, request, context);
    return PlanOf(kind, context)
        .post("/v1/payment_intents", intent_form(sale, options))
        .decide(decisions_of(sale, context))
        .plan();
}

JsonObject sale_answer(const Plan& plan) {
    JsonObject body;
    pick_same(body, JsonReader(plan.decisions),
              {"order_id", "buyer", "seller", "currency", "lines", "subtotal", "discount", "amount",
               "promotion_code_id", "fee"});
    return body;
}

}  // namespace

Prepared post_payment_intents(const Request& request, Context& context) {
    Input in(request);
    if (in.has("order_id") && !in.has("lines")) {
        // It may be one that others named, such as a connected account, which has acct_1:1001.
        const auto id = in.text("order_id");
        in.done();
        const auto order = find_order(context, id);
        if (!order) throw Refused(Problem::no_such_record, id);
        return resume(*order, context);
    }
    auto sale = read_sale(in, context, Pays::once);
    const auto options = read_options(in);
    in.done();
    if (sale.order_id_given)
        if (const auto order = find_order(context, sale.order_id))
            return resume_same(*order, sale, context);
    return begin("payment.create", sale, options, request, context);
}

Prepared post_orders(const Request& request, Context& context) {
    Input in(request);
    auto sale = read_sale(in, context, Pays::once);
    const auto options = read_options(in);
    in.done();
    if (sale.order_id_given)
        if (const auto order = find_order(context, sale.order_id))
            refuse_state(*order, fmt::format("{} is there already", order->id));
    return begin("order.create", sale, options, request, context);
}

Response compose_payment(const Plan& plan, Answers answers) {
    const JsonReader intent(answers.back().body);
    auto body = sale_answer(plan);
    pick(
        body, intent,
        {{"payment_intent_id", "/id"}, {"status", "/status"}, {"client_secret", "/client_secret"}});
    return answer_with(pick_same(body, JsonReader(plan.decisions), {"publishable_key"}));
}

Response compose_order(const Plan& plan, Answers answers) {
    auto body = sale_answer(plan);
    body.text("status", "pending");
    return answer_with(pick(body, JsonReader(answers.back().body), {{"payment_intent_id", "/id"}}));
}

}  // namespace daybook::api
