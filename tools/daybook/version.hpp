// The version of this binary; the project's in CMakeLists.txt.
#pragma once

#include <string_view>

namespace daybook::tools {

inline constexpr std::string_view version = "0.1.0";

}  // namespace daybook::tools
