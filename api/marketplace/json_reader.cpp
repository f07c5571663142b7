// Look-ups by JSON pointer in a simdjson document.
#include <api/marketplace/json_reader.hpp>

namespace daybook::api {

using simdjson::SUCCESS;

JsonReader::JsonReader(std::string_view text) : parser_(std::make_shared<simdjson::dom::parser>()) {
    Element root;
    if (!text.empty() && parser_->parse(text.data(), text.size()).get(root) == SUCCESS)
        root_ = root;
}

std::optional<JsonReader::Element> JsonReader::at(std::string_view pointer) const {
    if (!root_ || pointer.empty()) return root_;
    Element found;
    if (root_->at_pointer(pointer).get(found) != SUCCESS || found.is_null()) return std::nullopt;
    return found;
}

bool JsonReader::has(std::string_view pointer) const {
    return at(pointer).has_value();
}

std::string JsonReader::text(std::string_view pointer) const {
    const auto found = at(pointer);
    std::string_view value;
    if (!found || found->get(value) != SUCCESS) return {};
    return std::string(value);
}

std::optional<std::int64_t> JsonReader::number(std::string_view pointer) const {
    const auto found = at(pointer);
    std::int64_t value = 0;
    if (!found || found->get(value) != SUCCESS) return std::nullopt;
    return value;
}

bool JsonReader::boolean(std::string_view pointer) const {
    const auto found = at(pointer);
    bool value = false;
    return found && found->get(value) == SUCCESS && value;
}

std::string JsonReader::raw(std::string_view pointer) const {
    const auto found = at(pointer);
    return found ? simdjson::minify(*found) : std::string("null");
}

JsonReader JsonReader::inner(std::string_view pointer) const {
    return {parser_, at(pointer)};
}

std::vector<JsonReader> JsonReader::items(std::string_view pointer) const {
    std::vector<JsonReader> found;
    const auto list = at(pointer);
    simdjson::dom::array array;
    if (!list || (list->get(array) != SUCCESS && list->at_key("data").get(array) != SUCCESS))
        return found;
    for (const auto item : array)
        found.push_back({parser_, item});
    return found;
}

}  // namespace daybook::api
