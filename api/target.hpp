// The request target: its path, its decoded query parameters, and what {id} stands for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::api {

struct Target {
    std::string_view path;   ///< as sent
    std::string_view query;  ///< as sent, without the question mark
};

/// Null unless the target is in origin form (begins with a slash) and has no fragment.
std::optional<Target> split_target(std::string_view target);

/// Percent-decoding; `plus_is_space` for form-encoded queries. Null when an escape is broken, or
/// when the result is not UTF-8 or has a zero byte (no identifier has one, and libpq stops there).
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

/// Null when any name or value cannot be decoded, or when there are more than 64 parameters.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

/// Whether `path` matches `pattern`, in which one whole segment may be {id}; `id` gets that segment
/// as sent. An empty segment matches nothing.
bool path_matches(std::string_view pattern, std::string_view path, std::string_view& id);

}  // namespace daybook::api
