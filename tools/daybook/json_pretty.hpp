// A JSON document laid out for reading, with every token as it was received.
#pragma once

#include <string>
#include <string_view>

namespace daybook::tools {

/// Indents by two spaces. Numbers, strings and the order of members stay as they are. What is not
/// JSON comes out as odd as it went in.
std::string pretty_json(std::string_view document);

/// The same tokens on one line without spaces.
std::string one_line_json(std::string_view document);

}  // namespace daybook::tools
