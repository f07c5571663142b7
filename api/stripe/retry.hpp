// When a call is worth another attempt, and after which pause: the official SDK's rules, and 429.
#pragma once

#include <api/stripe/call.hpp>

#include <chrono>

namespace daybook::api::stripe {

/// Whether another attempt could end better. Says nothing of whether the call is repeatable().
bool worth_retrying(const Result& result);

/// Whether what came of an attempt leaves open if the call was executed: a lost or late answer, a
/// 5xx, or a 409, by which an earlier attempt is perhaps still under way.
bool leaves_doubt(const Result& result);

/// Whether Stripe heard nothing of the attempt.
bool unsent(const Result& result);

/// The pause before retry `n`, counted from 1: doubled each time up to `max`, times `jitter` (0.5
/// to 1), and not under `min`. An answer's Retry-After of up to a minute lengthens it.
std::chrono::milliseconds pause_before(int n, const Result& result, std::chrono::milliseconds min,
                                       std::chrono::milliseconds max, double jitter);

}  // namespace daybook::api::stripe
