// A strict reader of RFC 3339; the standard library has none yet.
#include <api/time.hpp>

#include <charconv>
#include <chrono>

namespace daybook::api {
namespace {

constexpr std::int64_t last_second = 253'402'300'799;  // 9999-12-31T23:59:59Z

/// Takes exactly `width` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t width) {
    if (text.size() < width) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = 10 * value + (text[i] - '0');
    }
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, char letter) {
    if (text.empty() || text.front() != letter) return false;
    text.remove_prefix(1);
    return true;
}

std::int64_t take_fraction(std::string_view& text) {
    std::int64_t micros = 0;
    std::int64_t unit = 100'000;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
        micros += unit * (text.front() - '0');
        unit /= 10;
    }
    return micros;
}

/// Seconds east of Greenwich; takes the whole rest of the text.
std::optional<std::int64_t> take_offset(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    const bool west = !text.empty() && text.front() == '-';
    if (!west && (text.empty() || text.front() != '+')) return std::nullopt;
    text.remove_prefix(1);
    const auto hours = take_digits(text, 2);
    if (!hours || *hours > 23) return std::nullopt;
    std::optional<int> minutes = 0;
    if (!text.empty()) {
        if (!take(text, ':')) return std::nullopt;
        minutes = take_digits(text, 2);
    }
    if (!minutes || *minutes > 59 || !text.empty()) return std::nullopt;
    const std::int64_t seconds = 3600 * *hours + 60 * *minutes;
    return west ? -seconds : seconds;
}

}  // namespace

std::optional<Microseconds> parse_rfc3339(std::string_view text) {
    const auto year = take_digits(text, 4);
    const bool dash1 = take(text, '-');
    const auto month = take_digits(text, 2);
    const bool dash2 = take(text, '-');
    const auto day = take_digits(text, 2);
    if (!year || !month || !day || !dash1 || !dash2) return std::nullopt;
    if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
    const auto hour = take_digits(text, 2);
    const bool colon1 = take(text, ':');
    const auto minute = take_digits(text, 2);
    const bool colon2 = take(text, ':');
    const auto second = take_digits(text, 2);
    if (!hour || !minute || !second || !colon1 || !colon2) return std::nullopt;
    if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    std::int64_t micros = 0;
    if (take(text, '.')) {
        const auto digits = text.size();
        micros = take_fraction(text);
        if (text.size() == digits) return std::nullopt;
    }
    const auto offset = take_offset(text);
    const std::chrono::year_month_day date(std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!offset || !date.ok()) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    const auto seconds = 86'400 * days + 3600 * *hour + 60 * *minute + *second - *offset;
    return seconds * 1'000'000 + micros;
}

std::optional<Microseconds> parse_time(std::string_view text) {
    std::int64_t seconds = 0;
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, seconds);
    if (failure == std::errc() && stop == end) {
        if (seconds < 0 || seconds > last_second) return std::nullopt;
        return seconds * 1'000'000;
    }
    return parse_rfc3339(text);
}

std::int64_t unix_seconds(Microseconds time) {
    return time >= 0 ? time / 1'000'000 : -((999'999 - time) / 1'000'000);
}

Microseconds now_microseconds() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace daybook::api
