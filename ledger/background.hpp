// Work that gives way to everybody else.
#pragma once

#include <unistd.h>

#include <future>

namespace daybook {

/// From here on the calling thread, and those that it starts, get a tenth of a core that others
/// want as well: a nice value is a thread's own on Linux, and inherited.
inline void give_way() {
    constexpr int nicer = 10;
    // What cannot be had is done without.
    [[maybe_unused]] const int now = nice(nicer);
}

/// Runs `work` on a thread of its own that gives way, and waits for it; its exceptions come
/// through.
template <class Work>
auto in_background(const Work& work) {
    return std::async(std::launch::async,
                      [&] {
                          give_way();
                          return work();
                      })
        .get();
}

}  // namespace daybook
