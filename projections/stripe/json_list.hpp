// Writes lists of texts and numbers as JSON, for the json columns.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace daybook::projections::stripe {

/// Appends a JSON string with its quotes; `text` is valid UTF-8.
void append_json(std::string& out, std::string_view text);

std::string json_list(std::span<const std::string> texts);
std::string json_list(std::span<const std::int64_t> numbers);

}  // namespace daybook::projections::stripe
