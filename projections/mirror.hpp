// Projections that show Stripe's objects as they are: a table made of the fields of a shape.
#pragma once

#include <projections/latest.hpp>
#include <projections/projection.hpp>
#include <projections/stripe/json_list.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace daybook::projections {

constexpr Type column_type(stripe::Read read) {
    switch (read) {
        case stripe::Read::integer: return Type::bigint;
        case stripe::Read::boolean: return Type::boolean;
        case stripe::Read::time: return Type::timestamp;
        case stripe::Read::json:
        case stripe::Read::metadata: return Type::json;
        case stripe::Read::text:
        case stripe::Read::id:
        case stripe::Read::decimal:
        case stripe::Read::user:
        case stripe::Read::seller: break;
    }
    return Type::text;
}

/// The columns of a mirror: its id, the connected account that it is on (ids that callers choose
/// are unique within an account only; empty for the platform), the fields, and how it came to be.
template <std::size_t Size>
constexpr auto mirror_columns(const char* id, const std::array<stripe::MirrorField, Size>& fields) {
    std::array<Column, Size + 5> columns{};
    columns[0] = {id, Type::text, Use::key};
    columns[1] = {"account_id", Type::text, Use::key};
    for (std::size_t i = 0; i < Size; ++i)
        columns[i + 2] = {fields[i].column, column_type(fields[i].read)};
    columns[Size + 2] = {"deleted", Type::boolean};
    columns[Size + 3] = {"created_at", Type::timestamp};
    columns[Size + 4] = {"events", Type::json, Use::trace};
    return columns;
}

struct MirrorState {
    std::vector<std::optional<std::string>> values;
    std::int64_t created = 0;
    bool deleted = false;
    /// An id that was deleted may be given anew: a later creation is another object.
    [[nodiscard]] std::int64_t finality() const { return 2 * created + (deleted ? 1 : 0); }
    [[nodiscard]] const auto& tracked() const { return values; }
    bool operator==(const MirrorState&) const = default;
    BOOST_DESCRIBE_CLASS(MirrorState, (), (values, created, deleted), (), ())
};

struct MirrorFacts {
    std::string id, account;
    Latest<MirrorState> versions;
    std::vector<std::int64_t> positions;
    BOOST_DESCRIBE_CLASS(MirrorFacts, (), (id, account, versions, positions), (), ())
};

/// Folds one snapshot.
void see_mirror(const Event& event, const stripe::Mirror& object, Rows<MirrorFacts>& rows);
/// The row of an object whose columns mirror_columns() made.
void write_mirror(const MirrorFacts& facts, std::span<const stripe::MirrorField> shape,
                  RowSink& sink);

/// The rules of the mirror of the objects that call themselves so.
template <const char* name>
struct MirrorRules {
    using State = MirrorFacts;

    static void apply(const Event& event, Rows<State>& rows) {
        const auto* object = std::get_if<stripe::Mirror>(&event.object);
        if (object && object->name == name) see_mirror(event, *object, rows);
    }
    static void derive(std::string_view, const State& facts, RowSink& sink) {
        write_mirror(facts, stripe::mirror_fields(name), sink);
    }
};

}  // namespace daybook::projections
