// The amount, currency and period of a price, as POST /prices and POST /products take them.
#pragma once

#include <api/form.hpp>
#include <api/input.hpp>

#include <string_view>

namespace daybook::api {

/// Reads currency, unit_amount, recurring and tax_behavior from `in` into `form`, below `name`
/// (empty: at the top).
void add_price(Form& form, Input& in, std::string_view name = {});

}  // namespace daybook::api
