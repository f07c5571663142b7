// Redeeming, and reading back what was redeemed.
#include <tools/stripe_sim/billing/discounts.hpp>

#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

/// Deleted coupons go on in the discounts that were made of them.
const json::object& coupon_of(const Scope& scope, std::string_view id) {
    if (const auto* coupon = scope.find("coupon", id)) return *coupon;
    return scope.get("coupon.deleted", id);
}

std::vector<std::string> products_of(const Scope& scope, const json::object& coupon) {
    std::vector<std::string> products;
    for (const auto& product : array(noted(scope, coupon), "applies_to.products"))
        products.emplace_back(product.as_string());
    return products;
}

const json::object& redeemable_coupon(const Scope& scope, std::string_view id,
                                      const std::string& param) {
    const auto& coupon = scope.get("coupon", id, param);
    if (!flag(coupon, "valid"))
        throw invalid(fmt::format("Coupon expired: {}", id)).code("coupon_expired").param(param);
    return coupon;
}

const json::object& redeemable_code(const Scope& scope, std::string_view id,
                                    std::string_view customer, const std::string& param) {
    const auto& code = scope.get("promotion_code", id, param);
    const bool over = has(code, "expires_at") && integer(code, "expires_at") <= scope.now();
    if (!flag(code, "active") || over)
        throw invalid("This promotion code is inactive or has expired.")
            .code("promotion_code_invalid")
            .param(param);
    const auto only = text(code, "customer");
    if (!only.empty() && !customer.empty() && only != customer)
        throw invalid("This promotion code cannot be redeemed by this customer.")
            .code("promotion_code_invalid")
            .param(param);
    return code;
}

void count(const Scope& scope, std::string_view type, std::string_view id) {
    auto* document = scope.world.store.edit(scope.account, type, id);
    if (!document) return;
    auto& redeemed = (*document)["times_redeemed"].as_int64();
    ++redeemed;
    if (!has(*document, "max_redemptions") || redeemed < integer(*document, "max_redemptions"))
        return;
    (*document)[type == "coupon" ? "valid" : "active"] = false;
}

}  // namespace

Reduction reduction_for(const Scope& scope, const json::object& given, std::string_view param,
                        std::string_view customer, Claim claim) {
    const auto named = [param](std::string_view name) {
        return fmt::format("{}[{}]", param, name);
    };
    if (has(given, "discount"))
        return reduction_of(scope,
                            scope.get("discount", text(given, "discount"), named("discount")));
    Reduction reduction;
    if (claim == Claim::promised) {
        reduction.promotion_code = text(given, "promotion_code");
        const auto* code = scope.find("promotion_code", reduction.promotion_code);
        reduction.coupon =
            &coupon_of(scope, code ? text(*code, "promotion.coupon") : text(given, "coupon"));
    } else if (has(given, "promotion_code")) {
        const auto& code = redeemable_code(scope, text(given, "promotion_code"), customer,
                                           named("promotion_code"));
        reduction.promotion_code = text(code, "id");
        reduction.coupon =
            &redeemable_coupon(scope, text(code, "promotion.coupon"), named("promotion_code"));
    } else if (has(given, "coupon")) {
        reduction.coupon = &redeemable_coupon(scope, text(given, "coupon"), named("coupon"));
    } else {
        throw missing_param(named("coupon"));
    }
    reduction.products = products_of(scope, *reduction.coupon);
    reduction.amount_off = integer(*reduction.coupon, "amount_off");
    return reduction;
}

std::vector<Reduction> reductions_for(const Scope& scope, const json::array& given,
                                      std::string_view param, std::string_view customer,
                                      Claim claim) {
    std::vector<Reduction> reductions;
    for (std::size_t i = 0; i < given.size(); ++i)
        reductions.push_back(reduction_for(scope, given[i].as_object(),
                                           fmt::format("{}[{}]", param, i), customer, claim));
    return reductions;
}

Reduction reduction_of(const Scope& scope, const json::object& discount) {
    const auto renamed = text(noted(scope, discount), "coupon");
    const auto& coupon =
        coupon_of(scope, renamed.empty() ? text(discount, "source.coupon") : renamed);
    Reduction reduction;
    reduction.coupon = &coupon;
    reduction.discount = text(discount, "id");
    reduction.promotion_code = text(discount, "promotion_code");
    reduction.amount_off = integer(coupon, "amount_off");
    reduction.products = products_of(scope, coupon);
    return reduction;
}

void in_currency(const Scope& scope, Reduction& reduction, std::string_view currency) {
    const auto& coupon = *reduction.coupon;
    if (has(coupon, "percent_off") || text(coupon, "currency") == currency) return;
    const auto& options = object(noted(scope, coupon), "currency_options");
    if (!options.contains(currency))
        throw invalid(fmt::format("The coupon {} is in {} and does not apply to {}.",
                                  text(coupon, "id"), text(coupon, "currency"), currency));
    reduction.amount_off = integer(options.at(currency).as_object(), "amount_off");
}

json::object& redeem(const Scope& scope, const Reduction& reduction, const DiscountTarget& target) {
    if (!reduction.discount.empty()) return scope.edit("discount", reduction.discount);
    const auto& coupon = *reduction.coupon;
    auto discount = scope.begin("discount", "di_");
    const auto start = target.start == 0 ? scope.now() : target.start;
    discount["checkout_session"] = text_or_null(target.checkout_session);
    discount["customer"] = text_or_null(target.customer);
    discount["invoice"] = text_or_null(target.invoice);
    discount["invoice_item"] = text_or_null(target.invoice_item);
    discount["promotion_code"] = text_or_null(reduction.promotion_code);
    discount["source"] = {{"coupon", coupon.at("id")}, {"type", "coupon"}};
    discount["start"] = start;
    discount["subscription"] = text_or_null(target.subscription);
    discount["subscription_item"] = text_or_null(target.subscription_item);
    if (text(coupon, "duration") == "repeating")
        discount["end"] = later_by(start, {"month"}, integer(coupon, "duration_in_months"));
    auto& stored = scope.put(std::move(discount));
    if (target.preview) return stored;
    count(scope, "coupon", text(coupon, "id"));
    if (!reduction.promotion_code.empty()) count(scope, "promotion_code", reduction.promotion_code);
    return stored;
}

json::array redeem_all(const Scope& scope, const std::vector<Reduction>& reductions,
                       const DiscountTarget& target) {
    json::array ids;
    for (const auto& reduction : reductions)
        ids.push_back(redeem(scope, reduction, target).at("id"));
    return ids;
}

void tell_discount(const Scope& scope, std::string_view verb, std::string_view discount) {
    scope.emit(fmt::format("customer.discount.{}", verb), scope.get("discount", discount));
}

json::object deleted_discount(json::object discount) {
    if (const auto end = discount.find("end"); end != discount.end()) discount.stable_erase(end);
    discount["deleted"] = true;
    return discount;
}

std::vector<std::string> holding(const Scope& scope, const json::array& discounts, Seconds time) {
    std::vector<std::string> ids;
    for (const auto& each : discounts) {
        const auto& discount = scope.get("discount", each.as_string());
        if (!has(discount, "end") || integer(discount, "end") > time)
            ids.emplace_back(text(discount, "id"));
    }
    return ids;
}

void discount_customer(const Scope& scope, json::object& customer, const json::object& given) {
    const json::object before(object(customer, "discount"));
    if (given.empty()) {
        customer["discount"] = nullptr;
        if (!before.empty()) scope.emit("customer.discount.deleted", before);
        return;
    }
    const auto id = text(customer, "id");
    const auto reduction = reduction_for(scope, given, "", id);
    const auto& discount =
        redeem(scope, reduction, {.customer = std::string(id), .start = time_for(scope, customer)});
    customer["discount"] = discount;
    if (before.empty())
        scope.emit("customer.discount.created", discount);
    else
        scope.emit_changed("customer.discount.updated", before, discount);
}

}  // namespace daybook::sim
