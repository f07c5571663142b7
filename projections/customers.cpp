// The customers projection: who buys, as Stripe knows them.
#include <projections/mirror.hpp>

namespace daybook::projections {

namespace {

constexpr char object[] = "customer";
constexpr auto columns = mirror_columns("customer_id", stripe::customer_fields);
constexpr const char* indexes[] = {"created_at, customer_id", "user_id", "email"};
constexpr Table tables[] = {{"customers", columns, indexes}};

constexpr std::string_view types[] = {"customer.created", "customer.updated", "customer.deleted",
                                      "action.succeeded", action_object};

}  // namespace

extern const Projection customers;
const Projection customers = {"customers", 3, tables, types, make_fold<MirrorRules<object>>};

}  // namespace daybook::projections
