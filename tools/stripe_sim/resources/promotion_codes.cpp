// Promotion codes: what customers type to get a coupon.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace daybook::sim {
namespace {

std::string upper(std::string_view text) {
    std::string shouted(text);
    std::ranges::transform(shouted, shouted.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return shouted;
}

/// Codes differ by more than their case, among those that are active.
void check_code(const Call& call, std::string_view code) {
    const auto same = call.world.store.page(
        call.account, "promotion_code",
        {.limit = 1, .match = [wanted = upper(code)](const json::object& other) {
             return flag(other, "active") && upper(text(other, "code")) == wanted;
         }});
    if (same.items.empty()) return;
    throw invalid(fmt::format("An active promotion code with `code: {}` already exists.", code))
        .code("resource_already_exists")
        .param("code");
}

json::object create(Call& call) {
    // Before clover the coupon was a parameter of its own; the CLI still sends it so.
    const auto coupon = call.has("coupon") ? call.text("coupon") : call.text("promotion.coupon");
    if (coupon.empty()) throw missing_param("promotion");
    static_cast<void>(call.get("coupon", coupon, "promotion[coupon]"));
    if (call.has("customer"))
        static_cast<void>(call.get("customer", call.text("customer"), "customer"));
    if (call.has("code")) check_code(call, call.text("code"));
    auto code = call.begin("promotion_code", "promo_");
    code["active"] = true;
    code["code"] = upper(call.world.ids.letters(8));
    code["promotion"] = {{"coupon", coupon}, {"type", "coupon"}};
    call.copy(code, {"active", "code", "customer", "customer_account", "expires_at",
                     "max_redemptions", "restrictions"});
    call.copy_metadata(code);
    const auto& stored = call.put(std::move(code));
    call.emit("promotion_code.created", stored);
    return stored;
}

json::object update(Call& call) {
    auto& code = call.edit("promotion_code", call.id("promotion_code"), "promotion_code");
    const json::object before(code);
    call.copy(code, {"active"});
    call.copy_metadata(code);
    call.emit_changed("promotion_code.updated", before, code);
    return code;
}

json::object list(Call& call) {
    ListQuery query;
    if (call.has("customer")) query.equal.emplace_back("customer", call.text("customer"));
    if (call.has("coupon")) query.equal.emplace_back("promotion.coupon", call.text("coupon"));
    const auto* active = at(call.params, "active");
    query.match = [code = upper(call.text("code")),
                   wanted = active ? *active : json::value()](const json::object& document) {
        if (!wanted.is_null() && document.at("active") != wanted) return false;
        return code.empty() || upper(text(document, "code")) == code;
    };
    return list_page(call, "promotion_code", std::move(query));
}

}  // namespace

void add_promotion_codes(Routes& on) {
    on.index("promotion_code", "promotion.coupon");
    on("POST", "/v1/promotion_codes", create);
    on("GET", "/v1/promotion_codes", list);
    on.retrieve("/v1/promotion_codes/{promotion_code}");
    on("POST", "/v1/promotion_codes/{promotion_code}", update);
}

}  // namespace daybook::sim
