// Seals the log in the background, while little happens.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

namespace daybook {

/// Owns a thread that gives way to everybody else and rests for half of the time, a connection, and
/// a second one while it has work. Every node has one; one of them seals at a time. A log that
/// grows by more than a thousand events a second is left alone until it is calmer. Errors go to the
/// log of the service: nothing depends on segments.
class Sealer {
public:
    Sealer(std::string conninfo, std::int32_t log_id);
    /// Waits for what is under way, a fraction of a second.
    ~Sealer();

private:
    std::jthread thread_;
};

}  // namespace daybook
