// What the service counts about its own HTTP traffic.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace daybook::api {

/// Counts of a webhook endpoint.
struct EndpointCounts {
    std::string endpoint;                               ///< its path
    std::vector<std::string> secret_fingerprints;       ///< in the order of the configured secrets
    std::vector<std::uint64_t> secret_matches;          ///< by index of the secret
    std::uint64_t accepted = 0;                         ///< in the log, newly
    std::uint64_t duplicates = 0;                       ///< in the log before
    std::map<std::string_view, std::uint64_t> refused;  ///< by slug of the problem
};

/// Bucket counts of durations.
class Histogram {
public:
    static constexpr std::array<double, 14> bounds = {
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};

    void observe(double seconds) {
        std::size_t bucket = 0;
        while (bucket < bounds.size() && seconds > bounds[bucket])
            ++bucket;
        ++counts[bucket];
        sum += seconds;
    }

    std::array<std::uint64_t, bounds.size() + 1> counts{};  ///< not cumulative; the last: beyond
    double sum = 0;
};

/// Belongs to the I/O thread, which also answers /metrics, so plain numbers do.
struct Metrics {
    std::map<std::pair<std::string_view, int>, std::uint64_t> requests;  ///< by route and status
    Histogram webhook_seconds;
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_refused = 0;
    std::size_t connections_open = 0;
};

}  // namespace daybook::api
