// Disputes as the merchant sees and answers them.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/disputing.hpp>
#include <tools/stripe_sim/resources/refunds.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr std::size_t evidence_text_max = 150'000;

/// The members of `given` over those of `evidence`; '' unsets.
json::object merged(json::object evidence, const json::object& given) {
    for (const auto& [name, value] : given)
        evidence[name] = value.is_string() && value.get_string().empty() ? json::value() : value;
    std::size_t total = 0;
    for (const auto& [name, value] : evidence)
        if (const auto* said = value.if_string()) total += said->size();
    if (total > evidence_text_max)
        throw invalid(
            fmt::format("The evidence may have at most {} characters in total.", evidence_text_max))
            .param("evidence");
    return evidence;
}

StripeError over(const json::object& dispute) {
    return invalid(fmt::format("This dispute is already closed or under review: {}.",
                               text(dispute, "status")));
}

json::object update(Call& call) {
    auto& dispute = call.edit("dispute", call.id("dispute"), "dispute");
    const json::object before(dispute);
    const bool submit = call.flag("submit", call.has("evidence"));
    if ((call.has("evidence") || submit) && !needs_response(dispute)) throw over(dispute);
    if (call.has("evidence")) {
        auto evidence = merged(object(dispute, "evidence"), call.object("evidence"));
        call.fill(dispute, "evidence", std::move(evidence));
        set(dispute, "evidence_details.has_evidence") = true;
    }
    call.copy(dispute, {"intended_submission_method"});
    call.copy_metadata(dispute);
    if (submit) submit_evidence(call, dispute);
    call.emit_changed("charge.dispute.updated", before, dispute);
    return dispute;
}

json::object close(Call& call) {
    auto& dispute = call.edit("dispute", call.id("dispute"), "dispute");
    if (!needs_response(dispute)) throw over(dispute);
    concede_dispute(call, dispute);
    return dispute;
}

/// POST /_sim/disputes {"charge", "amount", "reason", "inquiry", "account"}: a buyer complains.
Reply complain(PageCall& call) {
    const Scope scope(call.world, std::string(text(call.params, "account")));
    auto& charge = scope.edit("charge", text(call.params, "charge"), "charge");
    Complaint complaint;
    complaint.amount = integer(call.params, "amount", unrefunded_charge(charge));
    complaint.inquiry = flag(call.params, "inquiry");
    if (has(call.params, "reason")) complaint.reason = text(call.params, "reason");
    return json_reply(open_dispute(scope, charge, complaint));
}

/// POST /_sim/disputes/{dispute} {"outcome": "won"|"lost"|"escalated", "fee_returned", "account"}:
/// the bank decides by itself.
Reply decide(PageCall& call) {
    const Scope scope(call.world, std::string(text(call.params, "account")));
    auto& dispute = scope.edit("dispute", call.id("dispute"), "dispute");
    const auto outcome = text(call.params, "outcome");
    if (is_closed(dispute)) throw over(dispute);
    if (outcome == "escalated" && is_inquiry(dispute))
        escalate_inquiry(scope, dispute);
    else if (outcome == "won" && !is_inquiry(dispute))
        win_dispute(scope, dispute, flag(call.params, "fee_returned"));
    else if (outcome == "lost")
        concede_dispute(scope, dispute);
    else
        throw invalid("outcome is won, lost, or, for an inquiry, escalated.").param("outcome");
    return json_reply(dispute);
}

}  // namespace

void add_disputes(Routes& on) {
    add_dispute_tasks(on);
    on.index("dispute", "charge");
    on.index("dispute", "payment_intent");
    on.retrieve("/v1/disputes/{dispute}");
    on.list("/v1/disputes", {"charge", "payment_intent"});
    on("POST", "/v1/disputes/{dispute}", update);
    on("POST", "/v1/disputes/{dispute}/close", close);
    on.page("POST", "/_sim/disputes", complain);
    on.page("POST", "/_sim/disputes/{dispute}", decide);
}

}  // namespace daybook::sim
