// Reading whole numbers that come as text.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace daybook {

/// A decimal integer and nothing else, or null; so is one beyond 64 bits.
inline std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace daybook
