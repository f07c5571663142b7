// Lists of texts and numbers, and metadata, as JSON, for the json columns.
#pragma once

#include <projections/stripe/mirror.hpp>

#include <ledger/json_text.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace daybook::projections::stripe {

inline std::string json_list(std::span<const std::string> texts) {
    JsonArray array;
    for (const auto& text : texts)
        array.text(text);
    return array.str();
}

inline std::string json_list(std::span<const std::int64_t> numbers) {
    JsonArray array;
    for (const auto number : numbers)
        array.add(std::to_string(number));
    return array.str();
}

inline std::string json_object(const Metadata& metadata) {
    JsonObject object;
    for (const auto& [name, value] : metadata)
        object.text(name, value);
    return object.str();
}

}  // namespace daybook::projections::stripe
