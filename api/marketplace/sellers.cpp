// Readiness of sellers as a condition of sales, transfers and payouts.
#include <api/marketplace/sellers.hpp>

#include <api/problem.hpp>
#include <api/scopes.hpp>
#include <ledger/json_text.hpp>

#include <fmt/format.h>

namespace daybook::api {
namespace {

[[noreturn]] void refuse(const Seller& seller, const std::vector<std::string>& lacking) {
    JsonArray missing;
    for (const auto& each : lacking)
        missing.text(each);
    for (const auto& each : seller.missing)
        missing.text(each);
    JsonObject members;
    members.text("account_id", seller.id).text("readiness", seller.readiness);
    members.raw("missing", missing.str());
    throw Refused(Problem::seller_not_ready, fmt::format("{} is {}", seller.id, seller.readiness),
                  members);
}

/// No form cures these.
bool cut_off(const Seller& seller) {
    return seller.readiness == "deauthorized" || seller.readiness == "rejected";
}

}  // namespace

void require_reach(const Context& context, std::string_view scope, std::string_view account) {
    const Reach reach{.account = account, .livemode = context.node.livemode};
    if (const auto reason = why_not(context.caller.scopes, scope, reach))
        throw Refused(Problem::scope_missing, *reason);
}

void require_ready(const Seller& seller, bool as_merchant) {
    std::vector<std::string> lacking;
    if (seller.transfers != "active") lacking.emplace_back("capability:transfers");
    if (as_merchant && seller.card_payments != "active")
        lacking.emplace_back("capability:card_payments");
    if (!lacking.empty() || cut_off(seller)) refuse(seller, lacking);
}

void require_payable(const Seller& seller) {
    std::vector<std::string> lacking;
    if (!seller.payouts_enabled) lacking.emplace_back("payouts");
    if (!lacking.empty() || cut_off(seller)) refuse(seller, lacking);
}

}  // namespace daybook::api
