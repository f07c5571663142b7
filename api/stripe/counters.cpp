// Counting under a mutex that is free but for a scrape's moment.
#include <api/stripe/counters.hpp>

namespace daybook::api::stripe {
namespace {

// What a client can make up of Stripe's words is finite, and still more than a scrape should hold.
constexpr std::size_t routes_max = 512;

}  // namespace

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::ok: return "2xx";
        case Outcome::refused: return "4xx";
        case Outcome::conflict: return "409";
        case Outcome::rate_limited: return "429";
        case Outcome::server_error: return "5xx";
        case Outcome::other: return "other";
        case Outcome::busy: return "busy";
        case Outcome::unreachable: return "unreachable";
        case Outcome::cut: return "cut";
        case Outcome::timed_out: return "timed_out";
    }
    return "other";
}

std::array<std::uint64_t, outcome_count>& Counters::of(const std::string& route) {
    const auto found = attempts_.find(route);
    if (found != attempts_.end()) return found->second;
    return attempts_[attempts_.size() < routes_max ? route : "other"];
}

void Counters::answered(const std::string& route, Outcome outcome, double seconds) {
    const std::lock_guard lock(mutex_);
    ++of(route)[static_cast<std::size_t>(outcome)];
    seconds_.observe(seconds);
}

void Counters::failed(const std::string& route, Outcome outcome) {
    const std::lock_guard lock(mutex_);
    ++of(route)[static_cast<std::size_t>(outcome)];
}

Counters::Snapshot Counters::snapshot() const {
    Snapshot made;
    made.retries = retries_;
    made.connections = connections_;
    made.in_flight = in_flight;
    made.waiting = waiting;
    const std::lock_guard lock(mutex_);
    made.attempts = attempts_;
    made.seconds = seconds_;
    return made;
}

}  // namespace daybook::api::stripe
