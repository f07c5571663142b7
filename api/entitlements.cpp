// GET /entitlements
#include <api/handlers.hpp>
#include <api/list.hpp>

namespace daybook::api {
namespace {

constexpr std::string_view key[] = {"user_id", "product_id", "source_id"};
constexpr std::string_view types[] = {"text", "text", "text"};
constexpr Filter filters[] = {
    {"user_id", "user_id = "},
    {"product_id", "product_id = "},
    {"active", "active = ", Value::boolean},
    {"order_id", "order_id = "},
    {"subscription_id", "subscription_id = "},
};

}  // namespace

Response get_entitlements(const Request& request, Context& context) {
    return list(request, context,
                {.table = "entitlements",
                 .key = key,
                 .types = types,
                 .descending = false,
                 .filters = filters});
}

}  // namespace daybook::api
