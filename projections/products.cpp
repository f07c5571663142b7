// The products projection: what is sold, and by which seller.
#include <projections/mirror.hpp>

namespace daybook::projections {

namespace {

constexpr char object[] = "product";
constexpr auto columns = mirror_columns("product_id", stripe::product_fields);
constexpr const char* indexes[] = {"created_at, product_id", "seller, created_at"};
constexpr Table tables[] = {{"products", columns, indexes}};

constexpr std::string_view types[] = {"product.created", "product.updated", "product.deleted",
                                      "action.succeeded", action_object};

}  // namespace

extern const Projection products;
const Projection products = {"products", 3, tables, types, make_fold<MirrorRules<object>>};

}  // namespace daybook::projections
