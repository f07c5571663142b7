// Coupons: how much less, and for how long.
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

void check(const Call& call) {
    if (call.has("percent_off") == call.has("amount_off"))
        throw invalid("You must pass either percent_off or amount_off, but not both.")
            .param("percent_off");
    if (call.has("amount_off") && !call.has("currency")) throw missing_param("currency");
    const auto* percent = at(call.params, "percent_off");
    const auto value = percent ? percent->to_number<double>() : 1;
    if (!(value > 0 && value <= 100))
        throw invalid("Invalid percent_off: must be greater than 0 and at most 100.")
            .param("percent_off");
    if (call.has("amount_off") && call.integer("amount_off") <= 0)
        throw invalid("Invalid positive integer")
            .code("parameter_invalid_integer")
            .param("amount_off");
    if (call.text("duration") == "repeating" && !call.has("duration_in_months"))
        throw missing_param("duration_in_months");
    const auto months = call.integer("duration_in_months", 1);
    if (months < 1 || months > 12 * 50)
        throw invalid("Invalid positive integer")
            .code("parameter_invalid_integer")
            .param("duration_in_months");
    if (call.has("redeem_by")) checked_time(call.integer("redeem_by"), "redeem_by");
    check_amount(call.integer("amount_off"), "amount_off");
    const auto id = call.text("id");
    if (!id.empty() && call.find("coupon", id))
        throw invalid("Coupon already exists.").code("resource_already_exists").param("id");
}

void expire(Scope& scope, std::string_view id) {
    auto* coupon = scope.world.store.edit(scope.account, "coupon", id);
    // The id may be another coupon's by now.
    if (coupon && has(*coupon, "redeem_by") && integer(*coupon, "redeem_by") <= scope.now())
        (*coupon)["valid"] = false;
}

/// Stores a coupon with what it does not show, in `notes`.
json::object& put_with(const Scope& scope, json::object coupon, const json::object& notes) {
    auto& stored = scope.put(std::move(coupon));
    for (const auto* name : {"applies_to", "currency_options"})
        if (has(notes, name)) hidden(scope, stored)[name] = notes.at(name);
    return stored;
}

void erase_with_notes(const Scope& scope, const json::object& coupon) {
    const std::string type(text(coupon, "object"));
    const std::string id(text(coupon, "id"));
    if (!noted(scope, coupon).empty()) scope.erase(type + ".hidden", id);
    scope.erase(type, id);
}

/// A deleted coupon whose id is another's again goes on under a name of its own, which the
/// discounts that were made of it are told.
void make_way(const Scope& scope, std::string_view id) {
    const auto* found = scope.find("coupon.deleted", id);
    if (!found) return;
    json::object old(*found);
    const json::object notes(noted(scope, old));
    erase_with_notes(scope, old);
    const auto name = scope.world.ids.make("coupon_");
    old["id"] = name;
    put_with(scope, std::move(old), notes);
    std::vector<const json::object*> discounts;
    scope.world.store.each(scope.account, "discount", [&](const json::object& discount) {
        if (text(discount, "source.coupon") == id && !has(noted(scope, discount), "coupon"))
            discounts.push_back(scope.find("discount", text(discount, "id")));
    });
    for (const auto* discount : discounts)
        hidden(scope, *discount)["coupon"] = name;
}

json::object create(Call& call) {
    check(call);
    auto coupon = call.begin("coupon", "");
    coupon["id"] =
        call.text("id").empty() ? call.world.ids.letters(8) : std::string(call.text("id"));
    coupon["duration"] = "once";
    coupon["valid"] = true;
    call.copy(coupon, {"amount_off", "duration", "duration_in_months", "max_redemptions", "name",
                       "percent_off", "redeem_by"});
    if (call.has("currency")) coupon["currency"] = checked_currency(call.text("currency"));
    call.copy_metadata(coupon);
    make_way(call, text(coupon, "id"));
    auto& stored = put_with(call, std::move(coupon), call.params);
    call.emit("coupon.created", stored);
    if (call.has("redeem_by"))
        call.later(std::max<Seconds>(0, call.integer("redeem_by") - call.now()), "coupon.expire",
                   text(stored, "id"));
    return stored;
}

json::object update(Call& call) {
    auto& coupon = call.edit("coupon", call.id("coupon"), "coupon");
    const json::object before(coupon);
    call.copy(coupon, {"name"});
    call.copy_metadata(coupon);
    if (call.has("currency_options"))
        hidden(call, coupon)["currency_options"] = call.params.at("currency_options");
    call.emit_changed("coupon.updated", before, coupon);
    return coupon;
}

/// The discounts that were made of it go on, so it is kept out of sight.
json::object remove(Call& call) {
    const auto id = call.id("coupon");
    json::object last(call.get("coupon", id, "coupon"));
    const json::object notes(noted(call, last));
    erase_with_notes(call, last);
    call.emit("coupon.deleted", last);
    last["object"] = "coupon.deleted";
    put_with(call, std::move(last), notes);
    return deleted("coupon", id);
}

json::value included(const Scope& scope, const json::object& coupon, std::string_view name) {
    const auto* kept = noted(scope, coupon).if_contains(name);
    return kept ? *kept : json::value(json::object());
}

}  // namespace

void add_coupons(Routes& on) {
    on("POST", "/v1/coupons", create);
    on.retrieve("/v1/coupons/{coupon}");
    on.list("/v1/coupons");
    on("POST", "/v1/coupons/{coupon}", update);
    on("DELETE", "/v1/coupons/{coupon}", remove);
    on.task("coupon.expire", expire);
    on.include("coupon", "applies_to", [](const Scope& scope, const json::object& coupon) {
        auto limits = included(scope, coupon, "applies_to");
        limits.as_object().emplace("products", json::array());
        return limits;
    });
    on.include("coupon", "currency_options", [](const Scope& scope, const json::object& coupon) {
        return included(scope, coupon, "currency_options");
    });
}

}  // namespace daybook::sim
