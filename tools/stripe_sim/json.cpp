// Paths into documents, comparing them, and writing them as Stripe does.
#include <tools/stripe_sim/json.hpp>

#include <ledger/json_text.hpp>
#include <tools/stripe_sim/compact.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace daybook::sim {
namespace {

const json::value* member(const json::object& document, std::string_view name) {
    const auto* found = document.if_contains(name);
    return found && !found->is_null() ? found : nullptr;
}

void append_number(std::string& out, const json::value& value) {
    std::array<char, 32> digits{};
    const auto end = [&] {
        if (value.is_int64())
            return std::to_chars(digits.data(), digits.data() + digits.size(), value.get_int64());
        if (value.is_uint64())
            return std::to_chars(digits.data(), digits.data() + digits.size(), value.get_uint64());
        return std::to_chars(digits.data(), digits.data() + digits.size(), value.get_double());
    }();
    out.append(digits.data(), end.ptr);
}

void append_scalar(std::string& out, const json::value& value) {
    if (value.is_null())
        out += "null";
    else if (value.is_bool())
        out += value.get_bool() ? "true" : "false";
    else if (value.is_string())
        append_json_string(out, value.get_string());
    else
        append_number(out, value);
}

void new_line(std::string& out, std::size_t indent, bool indented) {
    if (!indented) return;
    out += '\n';
    out.append(indent, ' ');
}

void append(std::string& out, const json::value& value, std::size_t indent, bool indented);

void begin_item(std::string& out, bool first, std::size_t indent, bool indented) {
    if (!first) out += ',';
    new_line(out, indent + 2, indented);
}

void append(std::string& out, const json::object& object, std::size_t indent, bool indented) {
    out += '{';
    bool first = true;
    for (const auto& [name, item] : object) {
        begin_item(out, std::exchange(first, false), indent, indented);
        append_json_string(out, name);
        out += indented ? ": " : ":";
        append(out, item, indent + 2, indented);
    }
    if (!first) new_line(out, indent, indented);
    out += '}';
}

void append(std::string& out, const json::array& array, std::size_t indent, bool indented) {
    out += '[';
    bool first = true;
    for (const auto& item : array) {
        begin_item(out, std::exchange(first, false), indent, indented);
        append(out, item, indent + 2, indented);
    }
    if (!first) new_line(out, indent, indented);
    out += ']';
}

void append(std::string& out, const json::value& value, std::size_t indent, bool indented) {
    if (value.is_object()) return append(out, value.get_object(), indent, indented);
    if (value.is_array()) return append(out, value.get_array(), indent, indented);
    append_scalar(out, value);
}

}  // namespace

const json::value* at(const json::object& document, std::string_view path) {
    const json::object* here = &document;
    for (;;) {
        const auto dot = path.find('.');
        const auto* found = member(*here, path.substr(0, dot));
        if (!found || dot == std::string_view::npos) return found;
        here = found->if_object();
        if (!here) return nullptr;
        path.remove_prefix(dot + 1);
    }
}

std::string_view text(const json::object& document, std::string_view path) {
    const auto* found = at(document, path);
    const auto* string = found ? found->if_string() : nullptr;
    return string ? std::string_view(*string) : std::string_view();
}

std::int64_t integer(const json::object& document, std::string_view path, std::int64_t other) {
    const auto* found = at(document, path);
    const auto* number = found ? found->if_int64() : nullptr;
    return number ? *number : other;
}

bool flag(const json::object& document, std::string_view path, bool other) {
    const auto* found = at(document, path);
    const auto* truth = found ? found->if_bool() : nullptr;
    return truth ? *truth : other;
}

const json::object& object(const json::object& document, std::string_view path) {
    static const json::object none;
    const auto* found = at(document, path);
    const auto* members = found ? found->if_object() : nullptr;
    return members ? *members : none;
}

const json::array& array(const json::object& document, std::string_view path) {
    static const json::array none;
    const auto* found = at(document, path);
    const auto* items = found ? found->if_array() : nullptr;
    return items ? *items : none;
}

json::value& set(json::object& document, std::string_view path) {
    json::object* here = &document;
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        auto& next = (*here)[path.substr(0, dot)];
        if (!next.is_object()) next = json::object();
        here = &next.get_object();
        path.remove_prefix(dot + 1);
    }
    return (*here)[path];
}

void drop(json::object& document, std::string_view name) {
    if (const auto found = document.find(name); found != document.end())
        document.stable_erase(found);
}

json::value text_or_null(std::string_view text) {
    if (text.empty()) return nullptr;
    return json::value(json::string(text));
}

void append_pretty(std::string& out, const json::value& value) {
    append(out, value, 0, true);
}

void append_pretty(std::string& out, const json::object& object) {
    append(out, object, 0, true);
}

std::string pretty(const json::object& document) {
    std::string out;
    append_pretty(out, document);
    return out;
}

void append_compact(std::string& out, const json::value& value) {
    append(out, value, 0, false);
}

void append_compact(std::string& out, const json::object& object) {
    append(out, object, 0, false);
}

json::object changed(const json::object& before, const json::object& after) {
    json::object previous;
    for (const auto& [name, was] : before) {
        const auto* is = after.if_contains(name);
        if (is && *is == was) continue;
        if (is && is->is_object() && was.is_object())
            previous[name] = changed(was.get_object(), is->get_object());
        else
            previous[name] = was;
    }
    for (const auto& [name, is] : after)
        if (!before.contains(name)) previous[name] = nullptr;
    return previous;
}

}  // namespace daybook::sim
