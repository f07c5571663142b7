// POST /orders/{id}/cancel: what could still pay the order is ended.
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <api/problem.hpp>

#include <fmt/format.h>

namespace daybook::api {
namespace {

constexpr std::string_view reasons[] = {"duplicate", "fraudulent", "requested_by_customer",
                                        "abandoned"};

}  // namespace

Prepared post_order_cancel(const Request& request, Context& context) {
    Input in(request);
    const auto reason = in.word("reason", reasons);
    in.done();
    const auto order = find_order(context, request.id);
    if (!order) throw Refused(Problem::no_such_record, request.id);
    require_reach(context, "payments:write", order->seller);

    JsonObject members;
    members.text("order_id", order->id).text("state", order->status);
    if (order->status != "pending" && order->status != "failed")
        throw Refused(Problem::wrong_state, fmt::format("{} is {}", order->id, order->status),
                      members);
    if (!order->subscription.empty())
        throw Refused(Problem::wrong_state,
                      fmt::format("{} belongs to {}: POST /subscriptions/{}/cancel", order->id,
                                  order->subscription, order->subscription),
                      members);
    JsonObject decisions;
    decisions.text("order_id", order->id).text_or_null("reason", reason);
    PlanOf plan("order.cancel", context, order->account);
    plan.decide(decisions);
    // An intent that a session owns ends with the session.
    if (!order->checkout_session.empty())
        return plan.post(stripe_path("checkout/sessions", order->checkout_session, "expire"), {})
            .plan();
    Form form;
    form.text("cancellation_reason", reason);
    return plan.post(stripe_path("payment_intents", order->payment_intent, "cancel"), form).plan();
}

Response compose_order_cancel(const Plan& plan, Answers answers) {
    const JsonReader object(answers.back().body);
    const bool session = object.text("/object") == "checkout.session";
    JsonObject body;
    pick_same(body, JsonReader(plan.decisions), {"order_id"}).text("status", "canceled");
    return answer_with(
        body.text(session ? "checkout_session_id" : "payment_intent_id", object.text("/id")));
}

}  // namespace daybook::api
