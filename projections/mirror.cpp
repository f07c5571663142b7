// Folds and writes mirrored objects, whatever their shape.
#include <projections/mirror.hpp>

namespace daybook::projections {

namespace {

constexpr std::size_t positions_max = 100;

std::vector<std::optional<std::string>> owned(const stripe::Mirror::Values& values) {
    std::vector<std::optional<std::string>> out;
    out.reserve(values.size());
    for (const auto& value : values)
        value ? out.emplace_back(std::in_place, *value) : out.emplace_back();
    return out;
}

std::int64_t number_of(const std::string& text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

void write_value(Type type, const std::optional<std::string>& value, Row& row) {
    switch (type) {
        case Type::text: row.text_or_null(value.value_or("")); break;
        case Type::bigint:
            row.number_or_null(value ? std::optional(number_of(*value)) : std::nullopt);
            break;
        case Type::boolean: row.boolean(value == "true"); break;
        case Type::timestamp: row.time_or_null(value ? number_of(*value) : 0); break;
        case Type::json: row.json(value.value_or("null")); break;
    }
}

}  // namespace

void see_mirror(const Event& event, const stripe::Mirror& object, Rows<MirrorFacts>& rows) {
    auto key = std::string(object.id);
    if (!event.account.empty()) key.append("\x1f").append(event.account);
    auto& facts = rows.at(key);
    facts.id = object.id;
    facts.account = event.account;
    const auto place = std::ranges::lower_bound(facts.positions, event.position);
    if (place == facts.positions.end() || *place != event.position)
        facts.positions.insert(place, event.position);
    if (facts.positions.size() > positions_max) facts.positions.erase(facts.positions.begin());
    const bool deleted = event.type.ends_with(".deleted");
    std::optional<MirrorState> before;
    if (object.before) before = MirrorState{owned(*object.before), object.created, deleted};
    facts.versions.see(event.created, event.order, {owned(object.values), object.created, deleted},
                       std::move(before), event.until);
}

void write_mirror(const MirrorFacts& facts, std::span<const stripe::MirrorField> shape,
                  RowSink& sink) {
    const auto* newest = facts.versions.newest();
    if (!newest) return;
    auto& row = sink.row(0).text(facts.id).text(facts.account);
    for (std::size_t i = 0; i < shape.size(); ++i)
        write_value(column_type(shape[i].read), newest->value.values[i], row);
    row.boolean(newest->value.deleted)
        .time_or_null(newest->value.created)
        .json(stripe::json_list(facts.positions));
}

}  // namespace daybook::projections
