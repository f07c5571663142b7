// Work that gives way to everybody else.
#pragma once

#include <unistd.h>

#include <future>

namespace daybook::projections {

/// Runs `work` on a thread of its own and waits for it; its exceptions come through. Of a core that
/// others want as well, that thread and those which it starts get a tenth: a nice value is a
/// thread's own on Linux, and inherited.
template <class Work>
auto in_background(const Work& work) {
    constexpr int nicer = 10;
    return std::async(std::launch::async,
                      [&] {
                          // What cannot be had is done without.
                          [[maybe_unused]] const int now = nice(nicer);
                          return work();
                      })
        .get();
}

}  // namespace daybook::projections
