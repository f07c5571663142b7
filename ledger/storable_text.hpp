// JSON text may hold U+0000, a text column of Postgres may not.
#pragma once

#include <string>
#include <string_view>

namespace daybook {

inline bool is_storable(std::string_view text) {
    return text.find('\0') == std::string_view::npos;
}

/// The text with U+FFFD for every U+0000. The payload in the log keeps the original.
inline std::string storable(std::string_view text) {
    std::string shown;
    for (const char letter : text)
        letter == '\0' ? shown.append("\xEF\xBF\xBD") : shown.append(1, letter);
    return shown;
}

}  // namespace daybook
