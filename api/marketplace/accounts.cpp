// POST and PATCH /connect/accounts, and POST /connect/accounts/{id}/sync.
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/seller_fields.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <api/problem.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::string_view scope = "sellers:write";
constexpr std::string_view business_types[] = {"individual", "company", "non_profit",
                                               "government_entity"};
constexpr std::string_view intervals[] = {"manual", "daily", "weekly", "monthly"};
constexpr std::string_view weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                         "friday", "saturday", "sunday"};
constexpr std::string_view dashboards[] = {"express", "full", "none"};
constexpr std::string_view fee_payers[] = {"application", "account"};
constexpr std::string_view loss_bearers[] = {"application", "stripe"};
constexpr std::string_view collectors[] = {"stripe", "application"};
constexpr std::size_t prefix_bytes_max = 10;

void add_controller(Form& form, Input& in) {
    auto given = in.object("controller");
    if (!given) {
        form.text("type", "express");
        return;
    }
    form.text("controller[stripe_dashboard][type]", given->word("dashboard", dashboards));
    form.text("controller[fees][payer]", given->word("fees_payer", fee_payers));
    form.text("controller[losses][payments]", given->word("losses_payer", loss_bearers));
    form.text("controller[requirement_collection]",
              given->word("requirement_collection", collectors));
}

void add_capabilities(Form& form, Input& in) {
    auto wanted = in.texts("capabilities", {.most = 30}, 60);
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    for (const auto& name : wanted)
        if (!std::ranges::all_of(name, plain))
            in.refuse("capabilities", "must be names such as transfers");
    if (!in.has("capabilities")) wanted = {"card_payments", "transfers"};
    for (const auto& name : wanted)
        form.boolean(fmt::format("capabilities[{}][requested]", percent_encoded(name)), true);
}

void add_schedule(Form& form, Input& in) {
    auto schedule = in.object("payout_schedule");
    if (!schedule) return;
    const auto interval = schedule->word("interval", intervals, Input::required);
    const std::string name = "settings[payouts][schedule]";
    form.text(name + "[interval]", interval);
    if (const auto days = schedule->whole("delay_days", {.least = 1, .most = 31}))
        form.whole(name + "[delay_days]", *days);
    form.text(name + "[weekly_anchor]", schedule->word("weekly_anchor", weekdays));
    if (const auto day = schedule->whole("monthly_anchor", {.least = 1, .most = 31}))
        form.whole(name + "[monthly_anchor]", *day);
    if (interval == "weekly") schedule->require("weekly_anchor");
    if (interval == "monthly") schedule->require("monthly_anchor");
}

void add_profile(Form& form, Input& in) {
    auto profile = in.object("business_profile");
    if (!profile) return;
    form.text("business_profile[name]", profile->text("name"));
    form.text("business_profile[url]", profile->url("url"));
    form.text("business_profile[mcc]", profile->id("mcc"));
    form.text("business_profile[product_description]", profile->text("product_description"));
    form.text("business_profile[support_email]", profile->email("support_email"));
}

/// What can be given at the start and changed later.
void add_changeable(Form& form, Input& in) {
    form.text("email", in.email("email"));
    add_profile(form, in);
    add_schedule(form, in);
    form.text("settings[card_payments][statement_descriptor_prefix]",
              in.text("statement_descriptor_prefix", {.bytes_max = prefix_bytes_max}));
    if (in.unset("fee")) remove_fee(form);
    if (const auto fee = read_fee(in)) add_fee(form, *fee);
    if (const auto merchant = in.boolean("on_behalf_of"))
        form.entry("metadata", "daybook_on_behalf_of", *merchant ? "true" : "");
}

}  // namespace

Prepared post_accounts(const Request& request, Context& context) {
    Input in(request);
    Form form;
    add_controller(form, in);
    form.text("country", in.country("country", Input::required));
    form.text("business_type", in.word("business_type", business_types));
    add_capabilities(form, in);
    add_changeable(form, in);
    const auto user_id = in.text("user_id", {.bytes_max = 200});
    if (!user_id.empty()) form.entry("metadata", "user_id", user_id);
    if (in.boolean("recipient").value_or(false))
        form.text("tos_acceptance[service_agreement]", "recipient");
    add_action_metadata(form, in.metadata());
    in.done();
    require_reach(context, scope, "");
    JsonObject decisions;
    decisions.text_or_null("user_id", user_id);
    return PlanOf("account.create", context).post("/v1/accounts", form).decide(decisions).plan();
}

Prepared patch_account(const Request& request, Context& context) {
    Input in(request);
    Form form;
    const bool of_fee = names_fee(in);
    add_changeable(form, in);
    add_action_metadata(form, in.metadata());
    in.done();
    require_reach(context, scope, of_fee ? "" : request.id);
    return PlanOf("account.update", context).post(stripe_path("accounts", request.id), form).plan();
}

Prepared post_account_sync(const Request& request, Context& context) {
    Input(request).done();
    require_reach(context, scope, request.id);
    return PlanOf("account.sync", context).get(stripe_path("accounts", request.id)).plan();
}

Response compose_account(const Plan&, Answers answers) {
    JsonObject body;
    return answer_with(pick(body, JsonReader(answers.back().body),
                            {{"account_id", "/id"},
                             {"account_type", "/type"},
                             {"country", "/country"},
                             {"email", "/email"},
                             {"business_type", "/business_type"},
                             {"charges_enabled", "/charges_enabled"},
                             {"payouts_enabled", "/payouts_enabled"},
                             {"details_submitted", "/details_submitted"},
                             {"capabilities", "/capabilities"},
                             {"currently_due", "/requirements/currently_due"},
                             {"past_due", "/requirements/past_due"},
                             {"disabled_reason", "/requirements/disabled_reason"},
                             {"payout_schedule", "/settings/payouts/schedule"},
                             {"metadata", "/metadata"}}));
}

}  // namespace daybook::api
