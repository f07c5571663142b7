// GET /connect/accounts, /connect/accounts/{id}
#include <api/handlers.hpp>
#include <api/list.hpp>

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
    return list(request, context,
                {.table = "accounts",
                 .key = key,
                 .types = types,
                 .descending = false,
                 .filters = filters,
                 .account = "account_id"});
}

Response get_account(const Request& request, Context& context) {
    return record(request, context,
                  {.table = "accounts", .id = "account_id", .account = "account_id"});
}

}  // namespace daybook::api
