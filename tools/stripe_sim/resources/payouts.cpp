// A payout's course: pending, in_transit, paid, and perhaps failed after all.
#include <tools/stripe_sim/resources/payouts.hpp>

#include <tools/stripe_sim/account_state.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/payout_schedule.hpp>
#include <tools/stripe_sim/resources/accounts.hpp>
#include <tools/stripe_sim/resources/external_accounts.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

constexpr Seconds leaves_after = hour;
constexpr Seconds instant_takes = 30 * minute;
constexpr Seconds reconciled_after = hour;
constexpr Seconds fails_after = day;

struct Failure {
    std::string_view code;
    std::string_view message;
};
constexpr std::array failures = {
    Failure{"no_account", "Your bank account could not be located."},
    Failure{"account_closed", "The bank account has been closed."},
    Failure{"insufficient_funds", "Your bank account has insufficient funds."},
    Failure{"debit_not_authorized", "Debit transactions are not approved on your bank account."},
    Failure{"invalid_currency", "The bank account does not support the currency of the payout."},
    Failure{"could_not_process", "The bank could not process this payout."},
};

Posting posting_of(const json::object& payout, std::string_view type, std::int64_t amount) {
    return {.type = std::string(type),
            .reporting_category = type == "payout" ? "payout" : "payout_reversal",
            .currency = std::string(text(payout, "currency")),
            .amount = amount,
            .fees = {},
            .source = std::string(text(payout, "id")),
            .description = std::string(text(payout, "description")),
            .available_on = std::nullopt,
            .settle_in = std::string(text(payout, "currency"))};
}

/// Puts the money back and says so.
void undo(const Scope& scope, json::object& payout, std::string_view status,
          std::string_view transaction_type) {
    payout["status"] = json::string(status);
    payout["failure_balance_transaction"] =
        scope.post(posting_of(payout, transaction_type, integer(payout, "amount"))).at("id");
}

void leave(Scope& scope, std::string_view id) {
    auto& payout = scope.edit("payout", id);
    if (text(payout, "status") != "pending") return;
    const json::object before(payout);
    payout["status"] = "in_transit";
    scope.emit_changed("payout.updated", before, payout);
}

void arrive(Scope& scope, std::string_view id) {
    auto& payout = scope.edit("payout", id);
    if (text(payout, "status") != "in_transit") return;
    payout["status"] = "paid";
    scope.emit("payout.paid", payout);
    const json::object before(payout);
    payout["trace_id"] = {{"status", "supported"}, {"value", scope.world.ids.letters(15)}};
    scope.emit_changed("payout.updated", before, payout);
    if (flag(payout, "automatic")) scope.later(reconciled_after, "payout.reconcile", id);
    const auto* destination =
        payout_destination(scope, text(payout, "destination"), text(payout, "currency"));
    if (destination && !payout_failure_of(*destination).empty())
        scope.later(fails_after, "payout.fail", id);
}

void reconcile(Scope& scope, std::string_view id) {
    auto& payout = scope.edit("payout", id);
    payout["reconciliation_status"] = "completed";
    scope.emit("payout.reconciliation_completed", payout);
}

void fail(Scope& scope, std::string_view id) {
    auto& payout = scope.edit("payout", id);
    const std::string destination_id(text(payout, "destination"));
    const auto* destination = payout_destination(scope, destination_id, text(payout, "currency"));
    const auto code = destination ? payout_failure_of(*destination) : "no_account";
    const auto* failure = std::ranges::find(failures, code, &Failure::code);
    const json::object before(payout);
    payout["failure_code"] = json::string(code);
    payout["failure_message"] = json::string(failure->message);
    undo(scope, payout, "failed", "payout_failure");
    scope.emit("payout.failed", payout);
    scope.emit_changed("payout.updated", before, payout);
    disable_external_account(scope, destination_id);
    const auto account_id = scope.account_id();
    if (scope.on("").find("account", account_id)) change_account(scope, account_id);
}

// --- requests ------------------------------------------------------------------------------------

void check_amount(const Call& call, std::string_view currency) {
    const auto amount = call.integer("amount");
    const auto refuse = [](std::string_view code, const std::string& message) {
        throw invalid(message).code(code).param("amount");
    };
    if (amount <= 0) refuse("parameter_invalid_integer", "Invalid positive integer");
    if (amount % payout_step(currency) != 0)
        refuse("invalid_amount",
               fmt::format("Payouts in {} must be in whole units: the amount must be a multiple of "
                           "{}.",
                           currency, payout_step(currency)));
    if (amount < payout_minimum(currency))
        refuse("amount_too_small", fmt::format("Amount must be at least {}",
                                               shown_amount(payout_minimum(currency), currency)));
    if (call.world.balances.of(call.account, currency).available < amount)
        refuse("balance_insufficient",
               "You have insufficient available funds in your Stripe account. Try adding funds "
               "directly to your available balance by creating Charges using the "
               "4000000000000077 test card. See: "
               "https://stripe.com/docs/testing#available-balance");
}

const json::object& checked_destination(const Call& call, std::string_view currency) {
    const auto* found = payout_destination(call, call.text("destination"), currency);
    if (!found && call.has("destination"))
        throw no_such("external account", call.text("destination"), "destination");
    if (!found)
        throw invalid(fmt::format("Sorry, you don't have any external accounts in that currency "
                                  "({}).",
                                  currency))
            .param("currency");
    if (call.text("method") == "instant" && !takes_instant(*found))
        throw invalid("The destination does not take instant payouts.")
            .code("instant_payouts_unsupported")
            .param("method");
    if (text(*found, "status") == "errored")
        throw invalid("The external account failed before and must be replaced first.")
            .code("payouts_not_allowed")
            .param("destination");
    return *found;
}

json::object create(Call& call) {
    PayoutOrder order;
    order.currency = checked_currency(call.text("currency"));
    if (!payouts_enabled(call))
        throw invalid(
            "Cannot create payouts; this account has requirements that need to be "
            "collected.")
            .code("payouts_not_allowed");
    const auto& destination = checked_destination(call, order.currency);
    check_amount(call, order.currency);
    order.amount = call.integer("amount");
    if (call.has("method")) order.method = call.text("method");
    order.description = call.text("description");
    order.statement_descriptor = call.text("statement_descriptor");
    order.metadata = call.object("metadata");
    return make_payout(call, order, destination);
}

json::object update(Call& call) {
    auto& payout = call.edit("payout", call.id("payout"), "payout");
    const json::object before(payout);
    call.copy_metadata(payout);
    call.emit_changed("payout.updated", before, payout);
    return payout;
}

json::object cancel(Call& call) {
    auto& payout = call.edit("payout", call.id("payout"), "payout");
    if (text(payout, "status") != "pending" || flag(payout, "automatic"))
        throw invalid(
            "Payouts can only be canceled while they are pending and were created "
            "manually.")
            .param("payout");
    undo(call, payout, "canceled", "payout_cancel");
    call.emit("payout.canceled", payout);
    return payout;
}

json::object reverse(Call& call) {
    auto& payout = call.edit("payout", call.id("payout"), "payout");
    const auto status = text(payout, "status");
    const auto* bank =
        payout_destination(call, text(payout, "destination"), text(payout, "currency"));
    if (has(payout, "reversed_by") || has(payout, "original_payout"))
        throw invalid("This payout cannot be reversed again.").param("payout");
    if (!bank || (status != "paid" && status != "in_transit"))
        throw invalid("Only payouts to bank accounts that are paid can be reversed.")
            .param("payout");
    const json::object before(payout);
    PayoutOrder order;
    order.amount = -integer(payout, "amount");
    order.currency = text(payout, "currency");
    order.original_payout = text(payout, "id");
    order.metadata = call.object("metadata");
    auto& reversal = make_payout(call, order, *bank);
    payout["reversed_by"] = reversal.at("id");
    call.emit_changed("payout.updated", before, payout);
    return reversal;
}

json::object list(Call& call) {
    ListQuery query;
    for (const auto* name : {"destination", "status"})
        if (call.has(name)) query.equal.emplace_back(name, call.text(name));
    query.match = [&](const json::object& payout) {
        const auto arrival = integer(payout, "arrival_date");
        const auto* wanted = at(call.params, "arrival_date");
        if (!wanted) return true;
        if (const auto* exact = wanted->if_int64()) return arrival == *exact;
        const auto& range = wanted->as_object();
        return arrival > integer(range, "gt", arrival - 1) &&
               arrival >= integer(range, "gte", arrival) &&
               arrival < integer(range, "lt", arrival + 1) &&
               arrival <= integer(range, "lte", arrival);
    };
    return list_page(call, "payout", std::move(query));
}

}  // namespace

json::object& make_payout(const Scope& scope, const PayoutOrder& order,
                          const json::object& external_account) {
    const bool instant = order.method == "instant";
    const auto arrival = instant ? scope.now() + instant_takes : next_business_day(scope.now());
    auto payout = scope.begin("payout", "po_");
    payout["amount"] = order.amount;
    payout["arrival_date"] = arrival;
    payout["automatic"] = order.automatic;
    payout["currency"] = order.currency;
    payout["description"] =
        order.automatic ? json::value("STRIPE PAYOUT") : text_or_null(order.description);
    payout["destination"] = external_account.at("id");
    payout["metadata"] = order.metadata;
    payout["method"] = order.method;
    payout["original_payout"] = text_or_null(order.original_payout);
    payout["reconciliation_status"] = order.automatic ? "in_progress" : "not_applicable";
    payout["source_type"] = "card";
    payout["statement_descriptor"] = text_or_null(order.statement_descriptor);
    payout["status"] = "pending";
    payout["trace_id"] = {{"status", "pending"}, {"value", nullptr}};
    payout["type"] = external_account.at("object");
    payout["balance_transaction"] =
        scope.post(posting_of(payout, "payout", -order.amount)).at("id");
    auto& stored = scope.put(std::move(payout));
    scope.emit("payout.created", stored);
    const std::string id(text(stored, "id"));
    const auto takes = arrival - scope.now();
    scope.later(std::min(instant ? minute : leaves_after, takes / 2), "payout.leave", id);
    scope.later(takes, "payout.arrive", id);
    return stored;
}

bool payouts_enabled(const Scope& scope) {
    if (scope.is_platform()) return flag(platform_account(scope), "payouts_enabled");
    const auto* account = scope.on("").find("account", scope.account);
    return account && flag(*account, "payouts_enabled");
}

std::int64_t payout_minimum(std::string_view currency) {
    // One unit where Stripe names no less; in dollars any amount goes.
    for (const auto* any : {"usd", "aud", "cad", "nzd"})
        if (currency == any) return 1;
    std::int64_t unit = 1;
    for (int digit = 0; digit < exponent_of(currency); ++digit)
        unit *= 10;
    return unit;
}

std::int64_t payout_step(std::string_view currency) {
    return currency == "huf" || currency == "twd" ? 100 : 1;
}

void add_payouts(Routes& on) {
    on.index("payout", "destination");
    on.task("payout.leave", leave);
    on.task("payout.arrive", arrive);
    on.task("payout.reconcile", reconcile);
    on.task("payout.fail", fail);
    on.retrieve("/v1/payouts/{payout}");
    on("GET", "/v1/payouts", list);
    on("POST", "/v1/payouts", create);
    on("POST", "/v1/payouts/{payout}", update);
    on("POST", "/v1/payouts/{payout}/cancel", cancel);
    on("POST", "/v1/payouts/{payout}/reverse", reverse);
}

}  // namespace daybook::sim
