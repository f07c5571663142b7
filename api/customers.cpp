// GET /customers, /customers/{id}
#include <api/handlers.hpp>
#include <api/list.hpp>

namespace daybook::api {
namespace {

constexpr std::string_view key[] = {"created_at", "customer_id", "account_id"};
constexpr std::string_view types[] = {"timestamptz", "text", "text"};
constexpr Filter filters[] = {
    {"account", "account_id = "},
    {"user_id", "user_id = "},
    {"email", "email = "},
    {"deleted", "deleted = ", Value::boolean},
    {"created_after", "created_at >= ", Value::time},
    {"created_before", "created_at < ", Value::time},
};

}  // namespace

Response get_customers(const Request& request, Context& context) {
    return list(request, context,
                {.table = "customers",
                 .key = key,
                 .types = types,
                 .filters = filters,
                 .account = "account_id"});
}

Response get_customer(const Request& request, Context& context) {
    return record(
        request, context,
        {.table = "customers", .id = "customer_id", .account = "account_id", .per_account = true});
}

}  // namespace daybook::api
