// Top-ups: money from the platform's own bank into its balance.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

/// In test mode, moments.
constexpr Seconds takes = 5;
constexpr Seconds announced = 5 * day;

/// Ends a top-up that is still on its way.
void finish(Scope& scope, std::string_view id, bool arrives) {
    auto& topup = scope.edit("topup", id);
    if (text(topup, "status") != "pending") return;
    const json::object before(topup);
    topup["status"] = arrives ? "succeeded" : "failed";
    if (!arrives) {
        topup["failure_code"] = "no_account";
        topup["failure_message"] =
            "The bank account details on file are probably incorrect. No bank account could be "
            "located with those details.";
        scope.emit_changed("topup.failed", before, topup);
        return;
    }
    const auto& transaction = scope.post({.type = "topup",
                                          .reporting_category = "topup",
                                          .currency = std::string(text(topup, "currency")),
                                          .amount = integer(topup, "amount"),
                                          .fees = {},
                                          .source = std::string(id),
                                          .description = std::string(text(topup, "description")),
                                          .available_on = std::nullopt});
    topup["balance_transaction"] = transaction.at("id");
    scope.emit_changed("topup.succeeded", before, topup);
}

json::object create(Call& call) {
    const auto currency = checked_currency(call.text("currency"));
    check_charge_amount(call.integer("amount"), currency);
    auto topup = call.begin("topup", "tu_");
    call.copy(topup, {"amount", "description", "payment_method", "payment_method_options",
                      "statement_descriptor", "transfer_group"});
    topup["currency"] = currency;
    topup["expected_availability_date"] = midnight(call.now()) + announced;
    topup["status"] = "pending";
    call.copy_metadata(topup);
    const auto& stored = call.put(std::move(topup));
    call.emit("topup.created", stored);
    // Stripe's test sources: btok_us_verified arrives, btok_us_verified_noAccount does not.
    const bool arrives = call.text("source").find("verified_") == std::string_view::npos;
    call.later(takes, arrives ? "topup.arrive" : "topup.fail", text(stored, "id"));
    return stored;
}

json::object update(Call& call) {
    auto& topup = call.edit("topup", call.id("topup"), "topup");
    call.copy(topup, {"description"});
    call.copy_metadata(topup);
    return topup;
}

json::object cancel(Call& call) {
    auto& topup = call.edit("topup", call.id("topup"), "topup");
    if (text(topup, "status") != "pending")
        throw invalid(fmt::format("Top-up {} cannot be canceled because it has a status of {}.",
                                  text(topup, "id"), text(topup, "status")))
            .code("status_transition_invalid");
    const json::object before(topup);
    topup["status"] = "canceled";
    call.emit_changed("topup.canceled", before, topup);
    return topup;
}

json::object list(Call& call) {
    ListQuery query;
    if (call.has("status")) query.equal.emplace_back("status", call.text("status"));
    if (const auto* amount = at(call.params, "amount"); amount && amount->is_int64())
        query.match = [wanted = amount->get_int64()](const json::object& topup) {
            return integer(topup, "amount") == wanted;
        };
    else if (amount)
        query.match = [range = amount->as_object()](const json::object& topup) {
            const auto is = integer(topup, "amount");
            return (!has(range, "gt") || is > integer(range, "gt")) &&
                   (!has(range, "gte") || is >= integer(range, "gte")) &&
                   (!has(range, "lt") || is < integer(range, "lt")) &&
                   (!has(range, "lte") || is <= integer(range, "lte"));
        };
    return list_page(call, "topup", std::move(query));
}

}  // namespace

void add_topups(Routes& on) {
    on.task("topup.arrive", [](Scope& scope, std::string_view id) { finish(scope, id, true); });
    on.task("topup.fail", [](Scope& scope, std::string_view id) { finish(scope, id, false); });
    on("POST", "/v1/topups", create);
    on.retrieve("/v1/topups/{topup}");
    on("GET", "/v1/topups", list);
    on("POST", "/v1/topups/{topup}", update);
    on("POST", "/v1/topups/{topup}/cancel", cancel);
}

}  // namespace daybook::sim
