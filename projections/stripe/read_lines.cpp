// Reads the lines of orders and refunds that stand in metadata.
#include <projections/stripe/readers.hpp>

#include <ledger/whole_number.hpp>

#include <algorithm>

namespace daybook::projections::stripe {

namespace {

constexpr std::int64_t lines_max = 50;  // no object has more metadata

/// A whole number that is not negative, and nothing beside it.
std::optional<std::int64_t> whole(std::string_view text) {
    const auto value = whole_number(text);
    return value && *value >= 0 ? value : std::nullopt;
}

/// Calls `line(number, value)` for every line_1, line_2, … of the metadata.
template <class Each>
void each_line(Json metadata, const Each& line) {
    constexpr std::string_view prefix = "line_";
    simdjson::dom::object object;
    if (metadata.get(object) != simdjson::SUCCESS) return;
    for (const auto entry : object) {
        std::string_view value;
        if (!entry.key.starts_with(prefix) || entry.value.get(value) != simdjson::SUCCESS) continue;
        const auto number = whole(entry.key.substr(prefix.size()));
        if (number && *number >= 1 && *number <= lines_max) line(*number, value);
    }
}

/// Cuts what is behind the last bar off `text`; null when there is none.
std::optional<std::string_view> cut_last(std::string_view& text) {
    const auto bar = text.rfind('|');
    if (bar == std::string_view::npos) return std::nullopt;
    const auto last = text.substr(bar + 1);
    text = text.substr(0, bar);
    return last;
}

}  // namespace

std::vector<Line> read_order_lines(Json metadata, Fields fields) {
    std::vector<std::pair<std::int64_t, Line>> numbered;
    each_line(metadata, [&](std::int64_t number, std::string_view text) {
        const auto amount = cut_last(text);
        const auto quantity = cut_last(text);
        const auto price = cut_last(text);
        if (!price || !whole(*amount) || !whole(*quantity)) return;
        Line line;
        line.product = fields.keep(text);
        line.price = fields.keep(*price);
        line.quantity = *whole(*quantity);
        line.amount = *whole(*amount);
        numbered.emplace_back(number, line);
    });
    std::ranges::sort(numbered, {}, &std::pair<std::int64_t, Line>::first);
    std::vector<Line> lines;
    for (const auto& [number_, line] : numbered)
        lines.push_back(line);
    return lines;
}

std::vector<LinePart> read_line_parts(Json metadata) {
    std::vector<LinePart> parts;
    each_line(metadata, [&](std::int64_t number, std::string_view text) {
        if (const auto quantity = whole(text)) parts.emplace_back(number, *quantity);
    });
    std::ranges::sort(parts);
    return parts;
}

}  // namespace daybook::projections::stripe
