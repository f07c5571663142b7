// Documents: boost::json with paths. Every Stripe object is one of these, never a struct.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::sim {

namespace json = boost::json;

/// The value at a dotted path ("transfer_data.destination"), or nothing. A JSON null is nothing.
const json::value* at(const json::object& document, std::string_view path);

/// Reading, with what stands for absent, null, or another kind: "", 0, false, {} and [].
std::string_view text(const json::object& document, std::string_view path);
std::int64_t integer(const json::object& document, std::string_view path, std::int64_t other = 0);
bool flag(const json::object& document, std::string_view path, bool other = false);
const json::object& object(const json::object& document, std::string_view path);
const json::array& array(const json::object& document, std::string_view path);

/// Whether anything but null stands there.
inline bool has(const json::object& document, std::string_view path) {
    return at(document, path) != nullptr;
}

/// Removes a member, if it is there; the others keep their order.
void drop(json::object& document, std::string_view name);

/// The place at a dotted path, to be assigned; objects on the way are made.
json::value& set(json::object& document, std::string_view path);

/// Text as a value, or null when it is empty.
json::value text_or_null(std::string_view text);

/// Appends JSON as Stripe writes it: two spaces of indent, members in order. An object does not
/// become a value first, which would copy it.
void append_pretty(std::string& out, const json::value& value);
void append_pretty(std::string& out, const json::object& object);
std::string pretty(const json::object& document);

/// Appends JSON in one line.
void append_compact(std::string& out, const json::value& value);
void append_compact(std::string& out, const json::object& object);
std::string compact(const json::object& document);

/// What Stripe calls previous_attributes: of the members that differ, what they were before.
/// Objects are compared member by member, arrays as a whole; what was absent before is null.
json::object changed(const json::object& before, const json::object& after);

}  // namespace daybook::sim
