// GET /connect/accounts, /connect/accounts/{id}
#include <api/handlers.hpp>
#include <api/list.hpp>
#include <api/rows.hpp>

namespace daybook::api {
namespace {

constexpr std::string_view key[] = {"account_id"};
constexpr std::string_view types[] = {"text"};
constexpr std::string_view readiness[] = {"deauthorized",    "rejected",   "disabled",
                                          "onboarding",      "restricted", "pending_verification",
                                          "action_required", "ready"};
constexpr Filter filters[] = {
    {"readiness", "readiness = ", Value::text, readiness},
    {"charges_enabled", "charges_enabled = ", Value::boolean},
    {"payouts_enabled", "payouts_enabled = ", Value::boolean},
};

}  // namespace

Response get_accounts(const Request& request, Context& context) {
    return list(
        request, context,
        {.table = "accounts", .key = key, .types = types, .descending = false, .filters = filters});
}

Response get_account(const Request& request, Context& context) {
    allow_parameters(request, {"replay"});
    const auto account = find_row(request, context, "accounts", "account_id");
    Response response;
    response.body = row_json(account, 0);
    return response;
}

}  // namespace daybook::api
