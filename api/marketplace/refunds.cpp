// POST /refunds: the whole, an amount, or order lines, never more than is left.
#include <api/catching_up.hpp>
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <api/marketplace/tables.hpp>
#include <api/problem.hpp>
#include <ledger/currency.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::string_view reasons[] = {"duplicate", "fraudulent", "requested_by_customer"};
constexpr std::int64_t amount_max = 999'999'999'999;

/// What a client asks to be refunded.
struct Asked {
    ChargeKey key = ChargeKey::order;
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
        auto id = in.id(name);
        if (!in.has(name)) continue;
        if (++given > 1) in.refuse(name, "cannot be given with another of the three ids");
        asked.key = key;
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

/// The charge that is meant: the only one, or the one that has as much left.
const ChargeRow& chosen(const std::vector<ChargeRow>& charges, std::int64_t amount) {
    const auto found = std::ranges::find_if(charges, [amount](const ChargeRow& charge) {
        return charge.left() >= std::max<std::int64_t>(amount, 1);
    });
    return found == charges.end() ? charges.back() : *found;
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
        if (*quantity > left || left == 0) {
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

}  // namespace

Prepared post_refunds(const Request& request, Context& context) {
    Input in(request);
    auto asked = read_asked(in);
    if (!in.sound()) in.done();
    // Stripe knows nothing of lines: what a refund of a moment ago took of them must be seen here.
    if (!asked.lines.empty() && !catch_up(context, {"orders"}))
        throw Refused(Problem::projection_behind, "orders have not folded the end of the log");
    const auto charges = find_charges(context, asked.key, asked.id);
    if (charges.empty())
        throw Refused(Problem::no_such_record, fmt::format("{} has no payment", asked.id));
    std::int64_t amount = asked.amount.value_or(0);
    if (!asked.lines.empty())
        amount = amount_of_lines(in, asked, find_items(context, charges.front().order_id),
                                 charges.front().currency);
    in.done();

    const auto& charge = chosen(charges, amount);
    require_reach(context, "refunds:write", charge.seller);
    if (!asked.amount && asked.lines.empty()) amount = charge.left();
    refuse_excess(charge, amount);
    const auto& policy = context.node.stripe;
    const bool seller = !charge.seller.empty();
    const bool reverse = seller && asked.reverse_transfer.value_or(policy.refund_reverses_transfer);
    const bool with_fee = reverse && charge.application_fee > 0 &&
                          asked.refund_fee.value_or(policy.refund_returns_fee);
    JsonObject decisions;
    decisions.text("order_id", charge.order_id).text_or_null("seller", charge.seller);
    decisions.number("left_before", charge.left()).number("amount", amount);
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
