// The lines of an order: what they name is looked up, and must fit together.
#pragma once

#include <api/marketplace/sale.hpp>

namespace daybook::api {

/// Reads `lines` into the sale; finds its currency and, from the products, its seller.
void read_lines(Input& in, Context& context, Pays pays, Sale& sale);

/// Reads `promotion_code` or `coupon` and takes off what it is worth. Call it after read_lines().
void read_discount(Input& in, Context& context, Pays pays, Sale& sale);

}  // namespace daybook::api
