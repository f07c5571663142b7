// Invariants stay on in every build: a ledger that knows it is wrong must stop.
#pragma once

#include <source_location>

namespace daybook {

[[noreturn]] void broken_invariant(std::source_location where);

/// Aborts the process when `holds` is false. For bugs only, never for input.
inline void invariant(bool holds, std::source_location where = std::source_location::current()) {
    if (!holds) [[unlikely]]
        broken_invariant(where);
}

}  // namespace daybook
