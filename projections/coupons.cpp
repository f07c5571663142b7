// The coupons projection: what is taken off, for how long and how often.
#include <projections/mirror.hpp>

namespace daybook::projections {

namespace {

constexpr char object[] = "coupon";
constexpr auto columns = mirror_columns("coupon_id", stripe::coupon_fields);
constexpr const char* indexes[] = {"created_at, coupon_id"};
constexpr Table tables[] = {{"coupons", columns, indexes}};

constexpr std::string_view types[] = {"coupon.created", "coupon.updated", "coupon.deleted",
                                      "action.succeeded", action_object};

}  // namespace

extern const Projection coupons;
const Projection coupons = {"coupons", 3, tables, types, make_fold<MirrorRules<object>>};

}  // namespace daybook::projections
