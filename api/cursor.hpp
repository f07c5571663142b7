// Cursors: where a page of a list ended, opaque to clients.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

/// Packs the key of a page's last row. `list` names the list, so that a cursor fits no other.
std::string make_cursor(std::string_view list, const std::vector<std::string>& key);

/// The key in `cursor`, or null unless make_cursor made it for this list with `fields` fields.
std::optional<std::vector<std::string>> read_cursor(std::string_view cursor, std::string_view list,
                                                    std::size_t fields);

}  // namespace daybook::api
