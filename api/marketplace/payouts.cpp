// POST /payouts: money to a bank, where the schedule is manual.
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <api/marketplace/tables.hpp>

#include <fmt/format.h>

namespace daybook::api {
namespace {

constexpr std::int64_t amount_max = 999'999'999'999;
constexpr std::string_view methods[] = {"standard", "instant"};

}  // namespace

Prepared post_payouts(const Request& request, Context& context) {
    Input in(request);
    const auto account = in.id("account", false, "acct_");
    const auto amount = in.whole("amount", {.required = true, .least = 1, .most = amount_max});
    const auto currency = in.currency("currency", Input::required);
    const auto method = in.word("method", methods);
    const auto destination = in.id("destination");
    const auto descriptor = in.text("statement_descriptor", {.bytes_max = 22});
    const auto description = in.text("description");
    const auto metadata = in.metadata();
    std::optional<Seller> seller;
    if (!account.empty()) {
        seller = find_seller(context, account);
        if (!seller)
            in.refuse("account", fmt::format("is not known here: POST /connect/accounts/{}/sync "
                                             "fetches it",
                                             account));
    }
    in.done();
    require_reach(context, "payouts:write", account);
    if (seller) require_payable(*seller);

    Form form;
    form.whole("amount", *amount).text("currency", currency).text("method", method);
    form.text("destination", destination).text("statement_descriptor", descriptor);
    form.text("description", description);
    add_action_metadata(form, metadata);
    JsonObject decisions;
    decisions.text_or_null("account", account);
    return PlanOf("payout.create", context, account)
        .post("/v1/payouts", form)
        .decide(decisions)
        .plan();
}

Response compose_payout(const Plan& plan, Answers answers) {
    JsonObject body;
    pick(body, JsonReader(answers.back().body),
         {{"payout_id", "/id"},
          {"status", "/status"},
          {"amount", "/amount"},
          {"currency", "/currency"},
          {"method", "/method"},
          {"arrival_date", "/arrival_date"},
          {"destination", "/destination"}});
    return answer_with(pick_same(body, JsonReader(plan.decisions), {"account"}));
}

}  // namespace daybook::api
