// Named places where a test may make the process die, to prove that it does not matter.
#pragma once

#include <string_view>

#ifdef DAYBOOK_CRASH_POINTS
#include <csignal>
#include <cstdlib>
#endif

namespace daybook::api {

/// Kills the process, as kill -9 would, when DAYBOOK_CRASH_AT names this point. Nothing at all but
/// in a build with DAYBOOK_CRASH_POINTS, which nobody runs in production.
inline void crash_point([[maybe_unused]] std::string_view name) {
#ifdef DAYBOOK_CRASH_POINTS
    const char* wanted = std::getenv("DAYBOOK_CRASH_AT");
    if (wanted != nullptr && name == wanted) std::raise(SIGKILL);
#endif
}

}  // namespace daybook::api
