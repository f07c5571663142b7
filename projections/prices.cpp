// The prices projection: what a product costs, once or again and again.
#include <projections/mirror.hpp>

namespace daybook::projections {

namespace {

constexpr char object[] = "price";
constexpr auto columns = mirror_columns("price_id", stripe::price_fields);
constexpr const char* indexes[] = {"created_at, price_id", "product_id, created_at", "lookup_key"};
constexpr Table tables[] = {{"prices", columns, indexes}};

constexpr std::string_view types[] = {"price.created", "price.updated", "price.deleted",
                                      "action.succeeded", action_object};

}  // namespace

extern const Projection prices;
const Projection prices = {"prices", 5, tables, types, make_fold<MirrorRules<object>>};

}  // namespace daybook::projections
