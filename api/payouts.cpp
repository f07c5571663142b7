// GET /payouts, /payouts/{id}
#include <api/handlers.hpp>
#include <api/list.hpp>
#include <api/rows.hpp>

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
                {.table = "payouts", .key = key, .types = types, .filters = filters});
}

Response get_payout(const Request& request, Context& context) {
    allow_parameters(request, {"replay"});
    const auto payout = find_row(request, context, "payouts", "payout_id");
    Response response;
    response.body = row_json(payout, 0);
    return response;
}

}  // namespace daybook::api
