// GET /payouts, /payouts/{id}
#include <api/handlers.hpp>
#include <api/list.hpp>

namespace daybook::api {
namespace {

constexpr std::string_view key[] = {"created_at", "payout_id"};
constexpr std::string_view types[] = {"timestamptz", "text"};
constexpr Filter filters[] = {
    {"account", "account_id = "},
    {"status", "status = "},
    {"currency", "currency = "},
    {"created_after", "created_at >= ", Value::time},
    {"created_before", "created_at < ", Value::time},
};

}  // namespace

Response get_payouts(const Request& request, Context& context) {
    return list(request, context,
                {.table = "payouts",
                 .key = key,
                 .types = types,
                 .filters = filters,
                 .account = "account_id"});
}

Response get_payout(const Request& request, Context& context) {
    return record(request, context,
                  {.table = "payouts", .id = "payout_id", .account = "account_id"});
}

}  // namespace daybook::api
