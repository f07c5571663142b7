// Reading a sale, deciding its fee, and writing both down.
#include <api/marketplace/sale.hpp>

#include <api/catching_up.hpp>
#include <api/marketplace/sale_lines.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/problem.hpp>
#include <ledger/currency.hpp>
#include <ledger/invariant.hpp>
#include <ledger/sha256.hpp>

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace daybook::api {
namespace {

constexpr std::size_t user_id_bytes_max = 200;  // of Stripe's client_reference_id
constexpr std::size_t order_id_bytes_max = 100;
constexpr std::size_t metadata_value_max = 500;

std::string new_order_id() {
    std::array<unsigned char, 12> random{};
    invariant(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
    return "ord_" + hex({reinterpret_cast<const char*>(random.data()), random.size()});
}

Buyer read_buyer(Input& in) {
    Buyer buyer;
    auto given = in.object("buyer", Input::required);
    if (!given) return buyer;
    buyer.user_id = given->text("user_id", {true, user_id_bytes_max});
    buyer.email = given->email("email");
    buyer.name = given->text("name", {.bytes_max = 150});
    buyer.customer = given->id("customer_id", false, "cus_");
    return buyer;
}

void read_payee(Input& in, Context& context, Sale& sale) {
    if (sale.seller.empty()) return;
    sale.payee = find_seller(context, sale.seller);
    if (sale.payee) return;
    in.refuse(in.has("seller") ? "seller" : "lines",
              fmt::format("{} is not known here: POST /connect/accounts/{}/sync fetches it",
                          sale.seller, sale.seller));
}

void check_total(Input& in, Pays pays, const Sale& sale) {
    const auto currency = find_currency(sale.currency);
    if (!currency || !in.sound()) return;
    const auto total = sale.total();
    const auto shown = [&](std::int64_t amount) {
        return fmt::format("{} {}", decimal_amount(amount, currency->exponent), sale.currency);
    };
    // Checkout and subscriptions take what costs nothing now; a payment intent cannot.
    const bool free = total == 0 && pays != Pays::once;
    if (total < currency->minimum && !free)
        in.refuse("lines", fmt::format("come to {}; Stripe charges at least {}", shown(total),
                                       shown(currency->minimum)));
    else if (sale.subtotal() > currency->maximum)
        in.refuse("lines", fmt::format("come to {}; Stripe charges at most {}",
                                       shown(sale.subtotal()), shown(currency->maximum)));
    else if (total % currency->step != 0)
        in.refuse("lines", fmt::format("come to {}, which is no multiple of {} minor units",
                                       shown(total), currency->step));
}

/// The lines' amounts by the rate that applies to each, in the order of the lines.
std::vector<FeePart> parts_of(const Sale& sale) {
    std::vector<FeePart> parts;
    for (const auto& line : sale.lines) {
        const auto rate = line.product_fee.value_or(sale.rate);
        const auto same = std::ranges::find(parts, rate, &FeePart::rate);
        if (same == parts.end())
            parts.push_back({line.amount(), rate});
        else
            same->amount += line.amount();
    }
    return parts;
}

std::string line_json(const SaleLine& line, std::size_t number) {
    JsonObject object;
    object.number("item_no", static_cast<std::int64_t>(number));
    object.text("product_id", line.product).text_or_null("price_id", line.price);
    object.text_or_null("description", line.description).number("quantity", line.quantity);
    object.number("unit_amount", line.unit_amount).number("discount", line.discount);
    return object.number("amount", line.amount()).str();
}

}  // namespace

std::int64_t Sale::subtotal() const {
    return std::transform_reduce(lines.begin(), lines.end(), std::int64_t{0}, std::plus<>(),
                                 [](const SaleLine& line) { return line.gross(); });
}

std::int64_t Sale::discounted() const {
    return std::transform_reduce(lines.begin(), lines.end(), std::int64_t{0}, std::plus<>(),
                                 [](const SaleLine& line) { return line.discount; });
}

std::string_view Sale::product() const {
    if (lines.empty()) return {};
    const auto& first = lines.front().product;
    const bool one = std::ranges::all_of(
        lines, [&first](const SaleLine& line) { return line.product == first; });
    return one ? std::string_view(first) : std::string_view();
}

Sale read_sale(Input& in, Context& context, Pays pays) {
    Sale sale;
    sale.order_id = in.id("order_id");
    sale.order_id_given = !sale.order_id.empty();
    if (sale.order_id.size() > order_id_bytes_max)
        in.refuse("order_id", fmt::format("must have at most {} bytes", order_id_bytes_max));
    for (const std::string_view prefix : {"sub_", "in_", "pi_", "cs_", "ch_"})
        if (sale.order_id.starts_with(prefix))
            in.refuse("order_id", "must not begin like an id of Stripe's");
    if (!sale.order_id_given) sale.order_id = new_order_id();
    sale.buyer = read_buyer(in);
    sale.seller = in.id("seller", false, "acct_");
    sale.currency = in.currency("currency");
    sale.metadata = in.metadata();
    sale.force = in.boolean("force").value_or(false);
    if (sale.buyer.customer.empty() && !sale.buyer.user_id.empty())
        // Who subscribes without a customer gets one, so there must be no other on its way.
        sale.buyer.customer = look_again(
            context, "customers", [&] { return customer_of_user(context, sale.buyer.user_id); },
            [&](const auto& found) { return found.empty() && pays == Pays::by_period; });
    read_lines(in, context, pays, sale);
    read_payee(in, context, sale);
    read_discount(in, context, pays, sale);
    check_total(in, pays, sale);
    return sale;
}

void settle_fee(Sale& sale, Context& context, std::string_view scope) {
    require_reach(context, scope, sale.seller);
    // Whoever pays a seller for the platform's product may use it all the same.
    if (std::ranges::any_of(sale.lines, &SaleLine::of_platform)) require_reach(context, scope, "");
    if (!sale.payee) return;
    const auto& seller = *sale.payee;
    require_ready(seller, seller.on_behalf_of);
    const auto& stripe = context.node.stripe;
    const FeePolicy policy{{stripe.fee_basis_points, stripe.fee_fixed}, stripe.fee_tiers};
    if (!policy.tiers.empty() && !seller.fee)
        sale.revenue = lifetime_revenue(context, sale.seller, sale.currency);
    const auto currency = find_currency(sale.currency).value_or(Currency{});
    const auto chosen = choose_rate(policy, {}, seller.fee, sale.revenue, currency.exponent);
    sale.rate = chosen.rate;
    sale.policy = chosen.source;
    sale.tier = chosen.tier;
    sale.split = split_sale(parts_of(sale), currency.step);
}

void add_metadata(Form& form, std::string_view name, const Sale& sale) {
    const auto add = [&](std::string_view key, std::string_view value) {
        if (!value.empty()) form.entry(name, key, value);
    };
    add("order_id", sale.order_id);
    add("user_id", sale.buyer.user_id);
    add("product_id", sale.product());
    add("seller", sale.seller);
    add("promotion_code", sale.discount.promotion_code);
    for (const auto& [key, value] : sale.metadata)
        add(key, value);
    form.refer(fmt::format("{}[daybook_action]", name), "{action}");
}

void add_lines(Form& form, std::string_view name, const Sale& sale) {
    for (std::size_t i = 0; i < sale.lines.size(); ++i) {
        const auto& line = sale.lines[i];
        auto value =
            fmt::format("{}|{}|{}|{}", line.product, line.price, line.quantity, line.amount());
        if (value.size() > metadata_value_max)
            value = fmt::format("{}||{}|{}", line.product, line.quantity, line.amount());
        form.entry(name, fmt::format("line_{}", i + 1), value);
    }
}

std::string fee_json(const Sale& sale) {
    JsonObject fee;
    fee.number("amount", sale.split.fee).number("seller_amount", sale.split.seller);
    fee.text("policy", sale.policy).text_or_null("tier", sale.tier);
    fee.number("basis_points", sale.rate.basis_points).number("fixed", sale.rate.fixed);
    if (sale.policy == "tier")
        fee.number("revenue", sale.revenue).text("revenue_currency", sale.currency);
    JsonArray of_products;
    bool any = false;
    for (std::size_t i = 0; i < sale.lines.size(); ++i) {
        const auto& own = sale.lines[i].product_fee;
        if (!own) continue;
        any = true;
        JsonObject line;
        line.number("item_no", static_cast<std::int64_t>(i + 1));
        of_products.add(
            line.number("basis_points", own->basis_points).number("fixed", own->fixed).str());
    }
    if (any) fee.raw("of_products", of_products.str());
    return fee.str();
}

JsonObject decisions_of(const Sale& sale, const Context& context) {
    JsonObject buyer;
    buyer.text("user_id", sale.buyer.user_id).text_or_null("email", sale.buyer.email);
    buyer.text_or_null("customer_id", sale.buyer.customer);
    JsonArray lines;
    for (std::size_t i = 0; i < sale.lines.size(); ++i)
        lines.add(line_json(sale.lines[i], i + 1));
    JsonObject decisions;
    decisions.text("order_id", sale.order_id).raw("buyer", buyer.str());
    decisions.text_or_null("seller", sale.seller).text("currency", sale.currency);
    decisions.raw("lines", lines.str()).number("subtotal", sale.subtotal());
    decisions.number("discount", sale.discounted()).number("amount", sale.total());
    decisions.text_or_null("promotion_code_id", sale.discount.promotion_code);
    decisions.text_or_null("coupon_id", sale.discount.coupon);
    if (sale.seller.empty())
        decisions.null("fee");
    else
        decisions.raw("fee", fee_json(sale));
    return decisions.text_or_null("publishable_key", context.node.stripe.publishable_key);
}

}  // namespace daybook::api
