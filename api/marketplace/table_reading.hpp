// What the reads of the projections' tables share: parameters, and values out of rows.
#pragma once

#include <api/context.hpp>
#include <ledger/fee.hpp>
#include <ledger/whole_number.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

/// The first parameter of every query, the log; notes which projection's tables it reads.
inline pg::Params read_from(Context& context, std::string_view projection) {
    context.read.insert(projection);
    pg::Params params;
    params.number(context.node.log_id);
    return params;
}

inline std::string text_of(const pg::Result& rows, int row, int column) {
    return std::string(rows.text(row, column));
}

/// The texts of a JSON array, added to `texts`.
void add_texts(std::vector<std::string>& texts, std::string_view json);

/// The rate that the metadata of an account or a product set; what is no rate is none.
std::optional<FeeRate> fee_in_metadata(std::string_view metadata);

}  // namespace daybook::api
