// What the Stripe client counts: attempts by route and outcome, durations, what is under way.
#pragma once

#include <api/metrics.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace daybook::api::stripe {

/// How an attempt ended. Failure::stopping is not counted.
enum class Outcome {
    ok,            ///< 2xx
    refused,       ///< 4xx but these two
    conflict,      ///< 409
    rate_limited,  ///< 429
    server_error,  ///< 5xx
    other,         ///< any other status
    busy,
    unreachable,
    cut,
    timed_out,
};
inline constexpr std::size_t outcome_count = 10;

/// The label in metrics: "2xx", "4xx", "409", "429", "5xx", "other", "busy", …
std::string_view name_of(Outcome outcome);

/// "POST /v1/payment_intents/{id}/capture": what is no word of Stripe's API becomes {id}, so that
/// there are only so many, whatever a client asks for.
std::string route_of(std::string_view method, std::string_view target);

/// Written by the client's thread, read by any: a mutex guards the maps for as long as an update or
/// a copy takes; the gauges are atomic.
class Counters {
public:
    struct Snapshot {
        std::map<std::string, std::array<std::uint64_t, outcome_count>> attempts;  ///< by route
        Histogram seconds;  ///< of attempts that were answered
        std::uint64_t retries = 0;
        std::uint64_t connections = 0;  ///< opened since the start
        std::size_t in_flight = 0;
        std::size_t waiting = 0;  ///< for their turn
    };

    [[nodiscard]] Snapshot snapshot() const;

    void answered(const std::string& route, Outcome outcome, double seconds);
    void failed(const std::string& route, Outcome outcome);
    void retried() { ++retries_; }
    void connected() { ++connections_; }

    std::atomic<std::size_t> in_flight{0};
    std::atomic<std::size_t> waiting{0};

private:
    std::array<std::uint64_t, outcome_count>& of(const std::string& route);

    mutable std::mutex mutex_;
    std::map<std::string, std::array<std::uint64_t, outcome_count>> attempts_;
    Histogram seconds_;
    std::atomic<std::uint64_t> retries_{0};
    std::atomic<std::uint64_t> connections_{0};
};

}  // namespace daybook::api::stripe
