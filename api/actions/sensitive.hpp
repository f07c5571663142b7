// Values that no log may hold: card numbers, bank account numbers, numbers of people's papers.
#pragma once

#include <string>
#include <string_view>

namespace daybook::api {

inline constexpr std::string_view left_out = "[redacted]";

/// The same form or JSON body with such values replaced by `left_out`; what is neither is returned
/// as it is. Order and spelling of everything else stay.
std::string without_sensitive(std::string_view body);

}  // namespace daybook::api
