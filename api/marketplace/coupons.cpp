// POST /coupons and PATCH /coupons/{id}.
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <api/time.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::string_view scope = "catalogue:write";
constexpr std::string_view durations[] = {"once", "repeating", "forever"};
constexpr std::int64_t amount_max = 999'999'999'999;
constexpr std::int64_t redemptions_max = 1'000'000'000;
constexpr std::size_t name_bytes_max = 40;
constexpr std::size_t products_max = 15;
constexpr std::size_t metadata_value_max = 500;

void add_worth(Form& form, Input& in) {
    const auto percent = in.percent("percent_off", 1);
    const auto amount = in.whole("amount_off", {.least = 1, .most = amount_max});
    const auto currency = in.currency("currency");
    in.exclude("amount_off", "percent_off");
    in.exclude("currency", "percent_off");
    if (!in.has("percent_off") && !in.has("amount_off"))
        in.refuse("percent_off", "is required, or amount_off");
    if (in.has("amount_off")) in.require("currency");
    if (percent) form.text("percent_off", percent_of(*percent));
    if (amount) form.whole("amount_off", *amount);
    form.text("currency", currency);
}

void add_duration(Form& form, Input& in) {
    const auto duration = in.word("duration", durations, Input::required);
    const auto months = in.whole("duration_in_months", {.least = 1, .most = 1200});
    form.text("duration", duration);
    if (months) form.whole("duration_in_months", *months);
    if (duration == "repeating") in.require("duration_in_months");
    if (duration != "repeating" && in.has("duration_in_months"))
        in.refuse("duration_in_months", "is for the duration repeating only");
}

void add_products(Form& form, Input& in, Context& context) {
    const auto products = in.texts("products", {.most = products_max}, 100);
    if (!in.sound()) return;
    // Stripe tells what a coupon applies to only when it is asked; its metadata come with it.
    if (products.empty()) {
        form.entry("metadata", "daybook_products", all_products);
        return;
    }
    const auto known = find_products(context, products);
    for (std::size_t i = 0; i < products.size(); ++i) {
        form.text(fmt::format("applies_to[products][{}]", i), products[i]);
        if (!known.contains(products[i]))
            in.refuse_at(fmt::format("products/{}", i), "is not known here");
    }
    const auto list = fmt::format("{}", fmt::join(products, " "));
    if (list.size() > metadata_value_max) return in.refuse("products", "are too many");
    form.entry("metadata", "daybook_products", list);
}

}  // namespace

Prepared post_coupons(const Request& request, Context& context) {
    Input in(request);
    Form form;
    form.text("id", in.id("id"));
    form.text("name", in.text("name", {.bytes_max = name_bytes_max}));
    add_worth(form, in);
    add_duration(form, in);
    if (const auto most = in.whole("max_redemptions", {.least = 1, .most = redemptions_max}))
        form.whole("max_redemptions", *most);
    if (const auto until = in.time("redeem_by", unix_seconds(now_microseconds())))
        form.whole("redeem_by", *until);
    add_products(form, in, context);
    add_action_metadata(form, in.metadata());
    in.done();
    require_reach(context, scope, "");
    return PlanOf("coupon.create", context).post("/v1/coupons", form).plan();
}

Prepared patch_coupon(const Request& request, Context& context) {
    Input in(request);
    Form form;
    form.text("name", in.text("name", {.bytes_max = name_bytes_max}));
    add_action_metadata(form, in.metadata());
    in.done();
    require_reach(context, scope, "");
    return PlanOf("coupon.update", context).post(stripe_path("coupons", request.id), form).plan();
}

Response compose_coupon(const Plan&, Answers answers) {
    JsonObject body;
    return answer_with(pick(body, JsonReader(answers.back().body),
                            {{"coupon_id", "/id"},
                             {"name", "/name"},
                             {"valid", "/valid"},
                             {"percent_off", "/percent_off"},
                             {"amount_off", "/amount_off"},
                             {"currency", "/currency"},
                             {"duration", "/duration"},
                             {"duration_in_months", "/duration_in_months"},
                             {"max_redemptions", "/max_redemptions"},
                             {"times_redeemed", "/times_redeemed"},
                             {"redeem_by", "/redeem_by"},
                             {"metadata", "/metadata"},
                             {"created_at", "/created"}}));
}

}  // namespace daybook::api
