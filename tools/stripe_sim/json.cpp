// Paths into documents, and comparing them.
#include <tools/stripe_sim/json.hpp>

namespace daybook::sim {
namespace {

const json::value* member(const json::object& document, std::string_view name) {
    const auto* found = document.if_contains(name);
    return found && !found->is_null() ? found : nullptr;
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

json::object changed(const json::object& before, const json::object& after) {
    json::object previous;
    // Members mostly stand where they stood.
    const auto* there = after.begin();
    std::size_t both = 0;
    for (const auto& [name, was] : before) {
        const bool follows = there != after.end() && there->key() == name;
        const auto* is = follows ? &there->value() : after.if_contains(name);
        if (there != after.end()) ++there;
        if (is) ++both;
        if (is && *is == was) continue;
        if (is && is->is_object() && was.is_object())
            previous[name] = changed(was.get_object(), is->get_object());
        else
            previous[name] = was;
    }
    if (both == after.size()) return previous;
    for (const auto& [name, is] : after)
        if (!before.contains(name)) previous[name] = nullptr;
    return previous;
}

}  // namespace daybook::sim
