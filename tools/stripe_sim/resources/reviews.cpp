// Reviews: payments with an elevated risk that somebody should look at.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

void refer(const Scope& scope, const json::object& review, bool open) {
    const json::value id = open ? review.at("id") : json::value();
    scope.edit("charge", text(review, "charge"))["review"] = id;
    scope.edit("payment_intent", text(review, "payment_intent"))["review"] = id;
}

void open_review(Scope& scope, std::string_view charge_id) {
    const auto& charge = scope.get("charge", charge_id);
    auto review = scope.begin("review", "prv_");
    review["charge"] = charge.at("id");
    review["open"] = true;
    review["opened_reason"] = "rule";
    review["payment_intent"] = charge.at("payment_intent");
    review["reason"] = "rule";
    const auto& stored = scope.put(std::move(review));
    refer(scope, stored, true);
    scope.emit("review.opened", stored);
}

void expect_review(const Scope& scope, const json::object& charge) {
    if (text(charge, "outcome.risk_level") == "elevated" && has(charge, "payment_intent"))
        scope.later(0, "review.open", text(charge, "id"));
}

void close(const Scope& scope, json::object& review, std::string_view reason) {
    const json::object before(review);
    review["closed_reason"] = json::string(reason);
    review["open"] = false;
    review["reason"] = json::string(reason);
    refer(scope, review, false);
    scope.emit_changed("review.closed", before, review);
}

/// Whatever settles the charge settles its review.
void close_of(const Scope& scope, const json::object& charge, std::string_view reason) {
    const auto id = text(charge, "review");
    if (!id.empty()) close(scope, scope.edit("review", id), reason);
}

json::object approve(Call& call) {
    auto& review = call.edit("review", call.id("review"), "review");
    if (!flag(review, "open")) throw invalid("This review is already closed.");
    close(call, review, "approved");
    return review;
}

}  // namespace

void add_reviews(Routes& on) {
    on.task("review.open", open_review);
    on.watch("charge.succeeded", expect_review);
    on.watch("charge.refunded", [](const Scope& scope, const json::object& charge) {
        if (flag(charge, "refunded")) close_of(scope, charge, "refunded");
    });
    on.watch("charge.dispute.created", [](const Scope& scope, const json::object& dispute) {
        close_of(scope, scope.get("charge", text(dispute, "charge")), "disputed");
    });
    on.retrieve("/v1/reviews/{review}");
    on.list("/v1/reviews");
    on("POST", "/v1/reviews/{review}/approve", approve);
}

}  // namespace daybook::sim
