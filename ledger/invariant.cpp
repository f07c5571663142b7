#include <ledger/invariant.hpp>

#include <cstdio>
#include <cstdlib>

namespace daybook {

void broken_invariant(std::source_location where) {
    std::fprintf(stderr, "broken invariant at %s:%u in %s\n", where.file_name(),
                 static_cast<unsigned>(where.line()), where.function_name());
    std::abort();
}

}  // namespace daybook
