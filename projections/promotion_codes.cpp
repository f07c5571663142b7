// The promotion_codes projection: what buyers type to get a coupon.
#include <projections/mirror.hpp>

namespace daybook::projections {

namespace {

constexpr char object[] = "promotion_code";
constexpr auto columns = mirror_columns("promotion_code_id", stripe::promotion_code_fields);
constexpr const char* indexes[] = {"created_at, promotion_code_id", "upper(code)", "coupon_id"};
constexpr Table tables[] = {{"promotion_codes", columns, indexes}};

constexpr std::string_view types[] = {"promotion_code.created", "promotion_code.updated",
                                      "action.succeeded", action_object};

}  // namespace

extern const Projection promotion_codes;
const Projection promotion_codes = {"promotion_codes", 3, tables, types,
                                    make_fold<MirrorRules<object>>};

}  // namespace daybook::projections
