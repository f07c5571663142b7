// What the reads of the projections' tables share: parameters, and values out of rows.
#pragma once

#include <api/context.hpp>
#include <ledger/fee.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

inline pg::Params of_log(const Context& context) {
    pg::Params params;
    params.number(context.node.log_id);
    return params;
}

inline std::string text_of(const pg::Result& rows, int row, int column) {
    return std::string(rows.text(row, column));
}

/// Null for NULL and for what is no whole number.
inline std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t value = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || failure != std::errc() || stop != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// The texts of a JSON array, added to `texts`.
void add_texts(std::vector<std::string>& texts, std::string_view json);

/// The rate that the metadata of an account or a product set; what is no rate is none.
std::optional<FeeRate> fee_in_metadata(std::string_view metadata);

}  // namespace daybook::api
