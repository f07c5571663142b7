// POST /disputes/{id}/evidence and /disputes/{id}/accept.
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

constexpr std::size_t text_bytes_max = 20'000;
constexpr std::size_t evidence_bytes_max = 150'000;  // all of it together, by Stripe's rule

// Stripe's names. Those of `files` take the ids of files that were uploaded to Stripe.
constexpr std::string_view texts[] = {"access_activity_log",
                                      "billing_address",
                                      "cancellation_policy_disclosure",
                                      "cancellation_rebuttal",
                                      "customer_email_address",
                                      "customer_name",
                                      "customer_purchase_ip",
                                      "duplicate_charge_explanation",
                                      "duplicate_charge_id",
                                      "product_description",
                                      "refund_policy_disclosure",
                                      "refund_refusal_explanation",
                                      "service_date",
                                      "shipping_address",
                                      "shipping_carrier",
                                      "shipping_date",
                                      "shipping_tracking_number",
                                      "uncategorized_text"};
constexpr std::string_view files[] = {"cancellation_policy",
                                      "customer_communication",
                                      "customer_signature",
                                      "duplicate_charge_documentation",
                                      "receipt",
                                      "refund_policy",
                                      "service_documentation",
                                      "shipping_documentation",
                                      "uncategorized_file"};

Form read_evidence(Input& in) {
    Form form;
    auto evidence = in.object("evidence", Input::required);
    if (!evidence) return form;
    std::size_t total = 0;
    for (const auto name : texts) {
        const auto field = fmt::format("evidence[{}]", name);
        if (evidence->unset(name)) {
            form.unset(field);
            continue;
        }
        const auto text = evidence->text(name, {.bytes_max = text_bytes_max});
        form.text(field, text);
        total += text.size();
    }
    for (const auto name : files)
        form.text(fmt::format("evidence[{}]", name), evidence->id(name, false, "file_"));
    if (total > evidence_bytes_max)
        in.refuse("evidence", fmt::format("has {} bytes of text; Stripe takes {} in all", total,
                                          evidence_bytes_max));
    return form;
}

DisputeRow open_dispute(const Request& request, Context& context) {
    auto found = find_dispute(context, request.id);
    if (!found) throw Refused(Problem::no_such_record, request.id);
    require_reach(context, "disputes:write", found->seller);
    if (found->status.ends_with("needs_response")) return *std::move(found);
    JsonObject members;
    members.text("dispute_id", found->id).text("state", found->status);
    throw Refused(Problem::wrong_state, fmt::format("{} is {}", found->id, found->status), members);
}

JsonObject decisions_of(const DisputeRow& dispute) {
    JsonObject decisions;
    decisions.text("dispute_id", dispute.id).text_or_null("order_id", dispute.order_id);
    return decisions.text_or_null("seller", dispute.seller);
}

}  // namespace

Prepared post_dispute_evidence(const Request& request, Context& context) {
    Input in(request);
    auto form = read_evidence(in);
    // Stripe's own default is to submit, which ends the matter: here it must be said.
    const bool submit = in.boolean("submit").value_or(false);
    in.done();
    const auto dispute = open_dispute(request, context);
    form.boolean("submit", submit);
    add_action_metadata(form, {});
    auto decisions = decisions_of(dispute);
    decisions.boolean("submit", submit);
    return PlanOf("dispute.evidence", context, dispute.account)
        .post(stripe_path("disputes", dispute.id), form)
        .decide(decisions)
        .plan();
}

Prepared post_dispute_accept(const Request& request, Context& context) {
    Input(request).done();
    const auto dispute = open_dispute(request, context);
    return PlanOf("dispute.accept", context, dispute.account)
        .post(stripe_path("disputes", dispute.id, "close"), {})
        .decide(decisions_of(dispute))
        .plan();
}

Response compose_dispute(const Plan& plan, Answers answers) {
    JsonObject body;
    pick(body, JsonReader(answers.back().body),
         {{"dispute_id", "/id"},
          {"status", "/status"},
          {"amount", "/amount"},
          {"currency", "/currency"},
          {"reason", "/reason"},
          {"charge_id", "/charge"},
          {"evidence_due_by", "/evidence_details/due_by"},
          {"has_evidence", "/evidence_details/has_evidence"},
          {"submissions", "/evidence_details/submission_count"}});
    return answer_with(pick_same(body, JsonReader(plan.decisions), {"order_id"}));
}

}  // namespace daybook::api
