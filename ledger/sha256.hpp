// SHA-256 in one call, also with a key.
#pragma once

#include <string>
#include <string_view>

namespace daybook {

/// 32 bytes. Thread-safe.
std::string sha256(std::string_view bytes);

/// HMAC-SHA256 (RFC 2104): 32 bytes. Thread-safe.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);

}  // namespace daybook
