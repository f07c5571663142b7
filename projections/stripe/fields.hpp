// Reads single JSON fields into the forms that the objects use.
#pragma once

#include <ledger/arena.hpp>
#include <ledger/storable_text.hpp>

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace daybook::projections::stripe {

using Json = simdjson::dom::element;
using MaybeJson = std::optional<Json>;

/// Why an object cannot be read; the codec turns it into Event::error.
class Unreadable : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The first `count` bytes (8 at most) as a number, little-endian.
constexpr std::uint64_t word(const char* bytes, std::size_t count) {
    std::uint64_t value = 0;
    if (!std::is_constant_evaluated() && std::endian::native == std::endian::little && count == 8) {
        std::memcpy(&value, bytes, 8);
    } else {
        for (std::size_t i = 0; i < count; ++i)
            value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return value;
}

/// Field names as numbers, so that one pass over an object can `switch` on them: a 64-bit hash of
/// the length and of eight bytes at a time, the last eight of them again where they do not come out
/// even.
constexpr std::uint64_t key(std::string_view name) {
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
    const auto mixed = [](std::uint64_t hash, std::uint64_t bytes) {
        hash = (hash ^ bytes) * odd;
        return hash ^ (hash >> 32);
    };
    const auto length = name.size() * odd;
    if (name.size() < 8) return mixed(length, word(name.data(), name.size()));
    auto hash = mixed(length, word(name.data(), 8));
    for (std::size_t at = 8; at < name.size(); at += 8)
        hash = mixed(hash, word(name.data() + std::min(at, name.size() - 8), 8));
    return hash;
}

/// Calls `field(key, value)` for every field; does nothing when `json` is no object.
template <class Field>
void each_field(Json json, const Field& field) {
    simdjson::dom::object object;
    if (json.get(object) != simdjson::SUCCESS) return;
    for (const auto entry : object)
        field(key(entry.key), entry.value);
}

/// The field of this name, if `json` is an object that has it.
inline MaybeJson member(const MaybeJson& json, std::string_view name) {
    Json value;
    if (!json || json->at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
}

/// Calls `item(value)` for every item of a list, be it an array or Stripe's {data: […]}.
template <class Item>
void each_item(Json json, const Item& item) {
    simdjson::dom::array array;
    if (json.get(array) != simdjson::SUCCESS && json.at_key("data").get(array) != simdjson::SUCCESS)
        return;
    for (const auto value : array)
        item(value);
}

/// Takes values out of a parsed document; text goes into the arena.
class Fields {
public:
    explicit Fields(Arena& arena) : arena_(arena) {}

    /// Keeps text in the form that a table can hold.
    std::string_view keep(std::string_view text) {
        return arena_.keep(is_storable(text) ? text : std::string_view(storable(text)));
    }

    /// Empty unless it is a string.
    std::string_view text(Json json) {
        std::string_view value;
        return json.get(value) == simdjson::SUCCESS ? keep(value) : std::string_view();
    }

    /// The id of an expandable field: the string itself or the id of the object in its place.
    std::string_view id(Json json) {
        std::string_view value;
        if (json.get(value) == simdjson::SUCCESS ||
            json.at_key("id").get(value) == simdjson::SUCCESS)
            return keep(value);
        return {};
    }

    /// The same for a field of an object that may not be there.
    std::string_view id(const MaybeJson& json, std::string_view name) {
        const auto value = member(json, name);
        return value ? id(*value) : std::string_view();
    }

    /// Null is 0. Throws Unreadable for anything but an integer: money is never rounded.
    static std::int64_t integer(const MaybeJson& json, const char* name) {
        return optional_integer(json, name).value_or(0);
    }

    static std::optional<std::int64_t> optional_integer(const MaybeJson& json, const char* name) {
        if (!json || json->is_null()) return std::nullopt;
        std::int64_t value = 0;
        if (json->get(value) != simdjson::SUCCESS)
            throw Unreadable(std::string(name) + " is not an integer");
        return value;
    }

    static bool boolean(Json json) {
        bool value = false;
        return json.get(value) == simdjson::SUCCESS && value;
    }

    std::vector<std::string_view> texts(Json json) {
        std::vector<std::string_view> values;
        each_item(json, [&](Json item) { values.push_back(text(item)); });
        return values;
    }

private:
    Arena& arena_;
};

/// Throws Unreadable unless the field was there.
inline void require(bool there, const char* name) {
    if (!there) throw Unreadable(std::string(name) + " is missing");
}

}  // namespace daybook::projections::stripe
