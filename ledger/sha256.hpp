// SHA-256 in one call.
#pragma once

#include <string>
#include <string_view>

namespace daybook {

/// 32 bytes. Thread-safe.
std::string sha256(std::string_view bytes);

/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);

}  // namespace daybook
