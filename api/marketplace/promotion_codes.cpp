// POST /promotion-codes and PATCH /promotion-codes/{id}.
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <api/marketplace/tables.hpp>
#include <api/time.hpp>

namespace daybook::api {
namespace {

constexpr std::string_view scope = "catalogue:write";
constexpr std::int64_t amount_max = 999'999'999'999;
constexpr std::int64_t redemptions_max = 1'000'000'000;

void add_restrictions(Form& form, Input& in) {
    if (const auto first = in.boolean("first_time_transaction"))
        form.boolean("restrictions[first_time_transaction]", *first);
    const auto minimum = in.whole("minimum_amount", {.least = 1, .most = amount_max});
    const auto currency = in.currency("minimum_amount_currency");
    if (minimum) form.whole("restrictions[minimum_amount]", *minimum);
    form.text("restrictions[minimum_amount_currency]", currency);
    if (in.has("minimum_amount")) in.require("minimum_amount_currency");
    if (in.has("minimum_amount_currency")) in.require("minimum_amount");
}

}  // namespace

Prepared post_promotion_codes(const Request& request, Context& context) {
    Input in(request);
    Form form;
    const auto coupon = in.id("coupon", Input::required);
    form.text("promotion[type]", "coupon").text("promotion[coupon]", coupon);
    form.text("code", in.id("code"));
    form.text("customer", in.id("customer_id", false, "cus_"));
    if (const auto until = in.time("expires_at", unix_seconds(now_microseconds())))
        form.whole("expires_at", *until);
    if (const auto most = in.whole("max_redemptions", {.least = 1, .most = redemptions_max}))
        form.whole("max_redemptions", *most);
    add_restrictions(form, in);
    add_action_metadata(form, in.metadata());
    if (!coupon.empty() && !find_coupon(context, coupon)) in.refuse("coupon", "is not known here");
    in.done();
    require_reach(context, scope, "");
    return PlanOf("promotion_code.create", context).post("/v1/promotion_codes", form).plan();
}

Prepared patch_promotion_code(const Request& request, Context& context) {
    Input in(request);
    Form form;
    if (const auto active = in.boolean("active")) form.boolean("active", *active);
    add_action_metadata(form, in.metadata());
    in.done();
    require_reach(context, scope, "");
    return PlanOf("promotion_code.update", context)
        .post(stripe_path("promotion_codes", request.id), form)
        .plan();
}

Response compose_promotion_code(const Plan&, Answers answers) {
    JsonObject body;
    return answer_with(pick(body, JsonReader(answers.back().body),
                            {{"promotion_code_id", "/id"},
                             {"code", "/code"},
                             {"coupon_id", "/promotion/coupon"},
                             {"active", "/active"},
                             {"customer_id", "/customer"},
                             {"expires_at", "/expires_at"},
                             {"max_redemptions", "/max_redemptions"},
                             {"times_redeemed", "/times_redeemed"},
                             {"first_time_transaction", "/restrictions/first_time_transaction"},
                             {"minimum_amount", "/restrictions/minimum_amount"},
                             {"minimum_amount_currency", "/restrictions/minimum_amount_currency"},
                             {"metadata", "/metadata"},
                             {"created_at", "/created"}}));
}

}  // namespace daybook::api
