// POST /refunds: the whole, an amount, or order lines, never more than is left.
#include <api/catching_up.hpp>
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/duplicates.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <api/marketplace/tables.hpp>
#include <api/problem.hpp>
#include <ledger/currency.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::string_view scope = "refunds:write";
constexpr std::string_view reasons[] = {"duplicate", "fraudulent", "requested_by_customer"};
constexpr std::int64_t amount_max = 999'999'999'999;

/// What a client asks to be refunded.
struct Asked {
    ChargeKey key = ChargeKey::order;
    std::string_view key_name;
    std::string id, reason;
    std::optional<std::int64_t> amount;
    std::vector<std::pair<std::int64_t, std::optional<std::int64_t>>> lines;  ///< item, quantity
    std::optional<bool> reverse_transfer, refund_fee;
    Metadata metadata;
};

Asked read_asked(Input& in) {
    constexpr std::pair<const char*, ChargeKey> names[] = {
        {"order_id", ChargeKey::order},
        {"payment_intent_id", ChargeKey::payment_intent},
        {"charge_id", ChargeKey::charge}};
    Asked asked;
    int given = 0;
    for (const auto& [name, key] : names) {
        // An order may be named by others, such as a connected account, which has acct_1:1001.
        auto id = key == ChargeKey::order ? in.text(name) : in.id(name);
        if (!in.has(name)) continue;
        if (++given > 1) in.refuse(name, "cannot be given with another of the three ids");
        asked.key = key;
        asked.key_name = name;
        asked.id = std::move(id);
    }
    if (given == 0) in.refuse("order_id", "is required, or payment_intent_id or charge_id");
    asked.amount = in.whole("amount", {.least = 1, .most = amount_max});
    for (auto& line : in.objects("lines"))
        asked.lines.emplace_back(line.whole("item_no", {.required = true, .least = 1}).value_or(0),
                                 line.whole("quantity", {.least = 1}));
    in.exclude("lines", "amount");
    asked.reason = in.word("reason", reasons);
    asked.reverse_transfer = in.boolean("reverse_transfer");
    asked.refund_fee = in.boolean("refund_application_fee");
    asked.metadata = in.metadata();
    if (asked.refund_fee.value_or(false) && asked.reverse_transfer == false)
        in.refuse("refund_application_fee", "needs the transfer to be reversed, too");
    return asked;
}

/// The charge that is meant: the first that has as much left, or the one that has the most.
const ChargeRow& chosen(const std::vector<ChargeRow>& charges, std::int64_t amount) {
    const auto found = std::ranges::find_if(charges, [amount](const ChargeRow& charge) {
        return charge.left() >= std::max<std::int64_t>(amount, 1);
    });
    return found == charges.end() ? *std::ranges::max_element(charges, {}, &ChargeRow::left)
                                  : *found;
}

/// All that is left, of several charges, would be several refunds.
void refuse_several(Input& in, const std::vector<ChargeRow>& charges) {
    std::vector<std::string> with_money;
    for (const auto& charge : charges)
        if (charge.left() > 0)
            with_money.push_back(fmt::format("{} ({} left)", charge.id, charge.left()));
    if (with_money.size() > 1)
        in.refuse("charge_id",
                  fmt::format("is required, or an amount: {}", fmt::join(with_money, ", ")));
}

/// What the named lines come to: of each the part that the quantity is, rounded down to what the
/// currency can charge but for the last unit, so that all units together are the line.
std::int64_t amount_of_lines(Input& in, Asked& asked, const std::vector<OrderItem>& items,
                             std::string_view currency) {
    const auto step = find_currency(currency).value_or(Currency{}).step;
    std::int64_t amount = 0;
    std::vector<std::int64_t> met;
    for (std::size_t i = 0; i < asked.lines.size(); ++i) {
        auto& [number, quantity] = asked.lines[i];
        const auto item = std::ranges::find(items, number, &OrderItem::number);
        const auto field = [i](std::string_view name) {
            return fmt::format("lines/{}/{}", i, name);
        };
        if (item == items.end()) {
            in.refuse_at(field("item_no"), "is no line of this order");
            continue;
        }
        if (std::ranges::find(met, number) != met.end())
            in.refuse_at(field("item_no"), "is named more than once");
        met.push_back(number);
        const auto left = item->quantity - item->quantity_refunded;
        if (!quantity) quantity = left;
        if (left <= 0) {
            in.refuse_at(field("item_no"), "is refunded already");
            continue;
        }
        if (*quantity > left) {
            in.refuse_at(field("quantity"), fmt::format("must be at most {}: the others are "
                                                        "refunded",
                                                        left));
            continue;
        }
        const auto up_to = [&](std::int64_t units) {
            if (units == item->quantity) return item->amount;
            return share_down(item->amount, units, item->quantity) / step * step;
        };
        amount += up_to(item->quantity_refunded + *quantity) - up_to(item->quantity_refunded);
    }
    return amount;
}

void refuse_excess(const ChargeRow& charge, std::int64_t amount) {
    if (charge.left() > 0 && amount <= charge.left()) return;
    JsonObject members;
    members.text("charge_id", charge.id).number("left", charge.left());
    members.text("currency", charge.currency);
    throw Refused(Problem::refund_too_large,
                  fmt::format("{} minor units are left of {}", charge.left(), charge.id), members);
}

Form refund_form(const Asked& asked, const ChargeRow& charge, std::int64_t amount, bool reverse,
                 bool with_fee) {
    Form form;
    form.text("charge", charge.id).whole("amount", amount).text("reason", asked.reason);
    if (reverse) form.boolean("reverse_transfer", true);
    if (with_fee) form.boolean("refund_application_fee", true);
    form.entry("metadata", "order_id", charge.order_id);
    for (const auto& [number, quantity] : asked.lines)
        form.entry("metadata", fmt::format("line_{}", number), std::to_string(*quantity));
    add_action_metadata(form, asked.metadata);
    return form;
}

/// What a refund takes, and of which charge.
struct Due {
    ChargeRow charge;
    std::int64_t amount = 0;
    std::int64_t left = 0;  ///< of all that was named
};

[[noreturn]] void refuse_unpaid(const Asked& asked, Context& context) {
    if (asked.key == ChargeKey::order)
        if (const auto order = find_order(context, asked.id))
            throw Refused(Problem::wrong_state, fmt::format("{} is {}, and nothing was paid for it",
                                                            order->id, order->status));
    throw Refused(Problem::no_such_record, fmt::format("{} has no payment", asked.id));
}

/// By what the tables say now; or refuses.
Due due_now(Input& in, Asked& asked, Context& context) {
    // Stripe knows nothing of lines: what a refund of a moment ago took must be seen here.
    if (!asked.lines.empty()) require_caught_up(context, "orders");
    const auto charges = find_charges(context, asked.key, asked.id);
    if (charges.empty()) refuse_unpaid(asked, context);
    for (const auto& each : charges)
        require_reach(context, scope, each.seller);
    const bool all = !asked.amount && asked.lines.empty();
    auto amount = asked.amount.value_or(0);
    if (!asked.lines.empty())
        amount = amount_of_lines(in, asked, find_items(context, charges.front().order_id),
                                 charges.front().currency);
    else if (all)
        refuse_several(in, charges);
    const auto& charge = chosen(charges, amount);
    if (!charge.account.empty())
        in.refuse(asked.key_name,
                  fmt::format("is of a direct charge, which is refunded by POST /v1/refunds with "
                              "Stripe-Account: {}",
                              charge.account));
    in.done();

    if (all) amount = charge.left();
    refuse_excess(charge, amount);
    std::int64_t left = 0;
    for (const auto& each : charges)
        left += each.left();
    return {charge, amount, left};
}

}  // namespace

Prepared post_refunds(const Request& request, Context& context) {
    Input in(request);
    auto asked = read_asked(in);
    if (!in.sound()) in.done();
    auto for_now = asked;  // a whole line becomes what is left of it
    auto due = due_now(in, for_now, context);
    if (!asked.lines.empty()) {
        be_first_to_refund_lines(due.charge.order_id, request, context);
        due = due_now(in, asked, context);
    }
    const auto& [charge, amount, left] = due;
    const auto& policy = context.node.stripe;
    const bool seller = !charge.seller.empty();
    const bool reverse = seller && asked.reverse_transfer.value_or(policy.refund_reverses_transfer);
    const bool with_fee = reverse && charge.application_fee > 0 &&
                          asked.refund_fee.value_or(policy.refund_returns_fee);
    // What the configuration leaves to the seller is the platform's to take over.
    if (seller &&
        ((policy.refund_reverses_transfer && !reverse) || (with_fee && !policy.refund_returns_fee)))
        require_reach(context, scope, "");
    JsonObject decisions;
    decisions.text("order_id", charge.order_id).text_or_null("seller", charge.seller);
    decisions.number("left_before", left).number("amount", amount);
    decisions.boolean("reverse_transfer", reverse).boolean("refund_application_fee", with_fee);
    return PlanOf("refund.create", context)
        .post("/v1/refunds", refund_form(asked, charge, amount, reverse, with_fee))
        .decide(decisions)
        .plan();
}

Response compose_refund(const Plan& plan, Answers answers) {
    const JsonReader decided(plan.decisions);
    const JsonReader refund(answers.back().body);
    JsonObject body;
    pick(body, refund,
         {{"refund_id", "/id"},
          {"status", "/status"},
          {"amount", "/amount"},
          {"currency", "/currency"},
          {"reason", "/reason"},
          {"charge_id", "/charge"},
          {"payment_intent_id", "/payment_intent"}});
    pick_same(body, decided, {"order_id", "seller", "reverse_transfer", "refund_application_fee"});
    const auto left = decided.number("/left_before").value_or(0);
    return answer_with(body.number("left", left - refund.number("/amount").value_or(0)));
}

}  // namespace daybook::api
