// SHA-256 in one call, also with a key.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace daybook {

/// 32 bytes. Thread-safe.
std::string sha256(std::string_view bytes);

/// HMAC-SHA256 (RFC 2104) of the pieces one after the other: 32 bytes. Thread-safe.
std::string hmac_sha256(std::string_view key, std::initializer_list<std::string_view> pieces);

/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);

}  // namespace daybook
