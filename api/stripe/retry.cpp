// The rules of the official SDK for Node, but a 429 is retried, too: our key stays the same.
#include <api/stripe/retry.hpp>

#include <algorithm>
#include <charconv>

namespace daybook::api::stripe {
namespace {

constexpr std::chrono::seconds retry_after_max{60};

std::chrono::milliseconds asked_for(const Result& result) {
    const auto text = result ? result->header("Retry-After") : std::string_view();
    long seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    if (seconds < 0 || seconds > retry_after_max.count()) return {};
    return std::chrono::seconds(seconds);
}

}  // namespace

bool unsent(const Result& result) {
    return !result && !was_sent(result.error());
}

bool worth_retrying(const Result& result) {
    if (!result) return was_sent(result.error()) || result.error() == Failure::unreachable;
    if (result->status < 400) return false;
    const auto asked = result->header("Stripe-Should-Retry");
    if (asked == "true") return true;
    if (asked == "false") return false;
    return result->status == 409 || result->status == 429 || result->status >= 500;
}

bool leaves_doubt(const Result& result) {
    if (!result) return was_sent(result.error());
    return result->status == 409 || result->status >= 500;
}

std::chrono::milliseconds pause_before(int n, const Result& result, std::chrono::milliseconds min,
                                       std::chrono::milliseconds max, double jitter) {
    const auto doubled = min * (1 << std::clamp(n - 1, 0, 16));
    const auto whole = static_cast<double>(std::min(doubled, max).count());
    const auto pause = std::chrono::milliseconds(static_cast<long>(whole * jitter));
    return std::max({pause, min, asked_for(result)});
}

}  // namespace daybook::api::stripe
