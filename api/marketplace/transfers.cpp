// POST /transfers and /transfers/{id}/reversals: separate charges and transfers.
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <api/marketplace/tables.hpp>
#include <api/problem.hpp>

#include <fmt/format.h>

namespace daybook::api {
namespace {

constexpr std::string_view scope = "payments:write";
constexpr std::int64_t amount_max = 999'999'999'999;

/// The charge that funds a transfer: the one that is named, or the one that paid the order.
std::optional<ChargeRow> source_of(Input& in, Context& context, const std::string& order,
                                   const std::string& charge) {
    if (order.empty() && charge.empty()) return std::nullopt;
    const auto charges = order.empty() ? find_charges(context, ChargeKey::charge, charge)
                                       : find_charges(context, ChargeKey::order, order);
    const auto* field = order.empty() ? "source_charge_id" : "order_id";
    if (charges.empty())
        in.refuse(field, "has no payment that is known here");
    else if (charges.size() > 1)
        in.refuse(field, "has several payments: name the source_charge_id");
    else if (!charges.front().seller.empty())
        in.refuse(field, fmt::format("went to {} already, with the payment itself",
                                     charges.front().seller));
    else
        return charges.front();
    return std::nullopt;
}

}  // namespace

Prepared post_transfers(const Request& request, Context& context) {
    Input in(request);
    const auto destination = in.id("destination", Input::required, "acct_");
    const auto amount = in.whole("amount", {.required = true, .least = 1, .most = amount_max});
    const auto currency = in.currency("currency", Input::required);
    const auto order_id = in.id("order_id");
    const auto charge_id = in.id("source_charge_id");
    const auto description = in.text("description");
    const auto metadata = in.metadata();
    in.exclude("source_charge_id", "order_id");
    if (!in.sound()) in.done();
    const auto seller = find_seller(context, destination);
    if (!seller)
        in.refuse("destination", fmt::format("is not known here: POST /connect/accounts/{}/sync "
                                             "fetches it",
                                             destination));
    const auto source = source_of(in, context, order_id, charge_id);
    if (source && source->currency != currency)
        in.refuse("currency", fmt::format("must be that of the payment, {}", source->currency));
    if (source && *amount > source->left())
        in.refuse("amount",
                  fmt::format("is more than the {} of the payment, of which Stripe takes off what "
                              "earlier transfers took",
                              source->left()));
    in.done();
    require_reach(context, scope, "");
    require_ready(*seller, false);

    Form form;
    form.text("destination", destination).whole("amount", *amount).text("currency", currency);
    form.text("description", description);
    const auto group = source && !source->order_id.empty() ? source->order_id : order_id;
    form.text("transfer_group", group);
    if (source) form.text("source_transaction", source->id);
    if (!group.empty()) form.entry("metadata", "order_id", group);
    add_action_metadata(form, metadata);
    JsonObject decisions;
    decisions.text_or_null("order_id", group).text("seller", destination);
    return PlanOf("transfer.create", context).post("/v1/transfers", form).decide(decisions).plan();
}

Prepared post_transfer_reversals(const Request& request, Context& context) {
    Input in(request);
    const auto amount = in.whole("amount", {.least = 1, .most = amount_max});
    const auto with_fee = in.boolean("refund_application_fee");
    const auto description = in.text("description");
    const auto metadata = in.metadata();
    in.done();
    require_reach(context, scope, "");
    Form form;
    if (amount) form.whole("amount", *amount);
    if (with_fee) form.boolean("refund_application_fee", *with_fee);
    form.text("description", description);
    add_action_metadata(form, metadata);
    return PlanOf("transfer.reverse", context)
        .post(stripe_path("transfers", request.id, "reversals"), form)
        .plan();
}

Response compose_transfer(const Plan& plan, Answers answers) {
    JsonObject body;
    pick(body, JsonReader(answers.back().body),
         {{"transfer_id", "/id"},
          {"amount", "/amount"},
          {"currency", "/currency"},
          {"destination", "/destination"},
          {"source_charge_id", "/source_transaction"},
          {"transfer_group", "/transfer_group"}});
    return answer_with(pick_same(body, JsonReader(plan.decisions), {"order_id"}));
}

Response compose_transfer_reversal(const Plan&, Answers answers) {
    JsonObject body;
    return answer_with(pick(body, JsonReader(answers.back().body),
                            {{"transfer_reversal_id", "/id"},
                             {"transfer_id", "/transfer"},
                             {"amount", "/amount"},
                             {"currency", "/currency"}}));
}

}  // namespace daybook::api
