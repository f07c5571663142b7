// The body of a write as a tree: its objects, arrays and metadata, and the verdict at the end.
#include <api/input.hpp>

#include <api/input_body.hpp>
#include <api/problem.hpp>
#include <ledger/json_text.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace daybook::api {
namespace {

using simdjson::SUCCESS;
using Element = simdjson::dom::element;

constexpr std::size_t metadata_pairs_max = 20;  // of Stripe's 50; six and the lines are Daybook's
constexpr std::size_t metadata_name_max = 40;
constexpr std::size_t metadata_value_max = 500;

constexpr std::string_view reserved[] = {"order_id", "orderId",    "user_id",
                                         "userId",   "product_id", "productId",
                                         "seller",   "kind",       "promotion_code"};

/// What the parser's answer means to who sent the body.
std::string why_unreadable(simdjson::error_code code) {
    switch (code) {
        case simdjson::UTF8_ERROR: return "it is not UTF-8";
        case simdjson::STRING_ERROR: return "a string in it is malformed";
        case simdjson::NUMBER_ERROR: return "a number in it is malformed or too large";
        case simdjson::DEPTH_ERROR: return "it is nested too deeply";
        default: return "it is malformed";
    }
}

}  // namespace

Input::Input(const Request& request) : body_(std::make_shared<Body>()) {
    constexpr std::string_view json = "application/json";
    const bool empty = request.body.empty();
    const auto type = std::string_view(request.content_type);
    const bool is_json =
        type.starts_with(json) &&
        (type.size() == json.size() || type[json.size()] == ';' || type[json.size()] == ' ');
    if (!empty && !is_json) throw Refused(Problem::content_type_not_json);
    Element root;
    const auto error = body_->parser.parse(empty ? std::string("{}") : request.body).get(root);
    if (error != SUCCESS) throw Refused(Problem::body_not_json, why_unreadable(error));
    simdjson::dom::object object;
    if (root.get(object) != SUCCESS) throw Refused(Problem::body_not_an_object);
    place_ = body_->meet(object, "");
}

Input::Input(std::shared_ptr<Body> body, std::size_t place)
    : body_(std::move(body)), place_(place) {}

Input::Found Input::find(std::string_view name) {
    auto& met = body_->met[place_];
    met.read.emplace_back(name);
    Element element;
    if (met.object.at_key(name).get(element) != SUCCESS || element.is_null()) return {};
    return {element};
}

std::string Input::pointer(std::string_view name) const {
    const auto& base = body_->met[place_].pointer;
    return name.empty() ? base : base + '/' + escaped(name);
}

bool Input::has(std::string_view name) const {
    Element element;
    return body_->met[place_].object.at_key(name).get(element) == SUCCESS && !element.is_null();
}

bool Input::unset(std::string_view name) {
    auto& met = body_->met[place_];
    Element element;
    if (met.object.at_key(name).get(element) != SUCCESS || !element.is_null()) return false;
    met.read.emplace_back(name);
    return true;
}

void Input::refuse(std::string_view name, std::string detail) {
    body_->note(pointer(name), std::move(detail));
}

void Input::refuse_at(std::string_view path, std::string detail) {
    body_->note(pointer({}) + '/' + std::string(path), std::move(detail));
}

void Input::require(std::string_view name) {
    if (!has(name)) refuse(name, "is required");
}

void Input::exclude(std::string_view name, std::string_view other) {
    if (has(name) && has(other)) refuse(name, fmt::format("cannot be given with {}", other));
}

bool Input::sound() const {
    return body_->problems.empty();
}

std::optional<Input> Input::object(std::string_view name, bool must) {
    const auto found = find(name);
    if (!found.element) {
        if (must) refuse(name, "is required");
        return std::nullopt;
    }
    simdjson::dom::object object;
    if (found.element->get(object) == SUCCESS)
        return Input(body_, body_->meet(object, pointer(name)));
    refuse(name, "must be an object");
    return std::nullopt;
}

std::vector<Input> Input::objects(std::string_view name, ItemsRule rule) {
    const auto found = find(name);
    if (!found.element) {
        if (rule.required) refuse(name, "is required");
        return {};
    }
    simdjson::dom::array array;
    if (found.element->get(array) != SUCCESS) {
        refuse(name, "must be an array");
        return {};
    }
    if (array.size() == 0 || array.size() > rule.most) {
        refuse(name, fmt::format("must have 1 to {} items", rule.most));
        return {};
    }
    std::vector<Input> items;
    for (std::size_t i = 0; const auto element : array) {
        const auto place = fmt::format("{}/{}", pointer(name), i++);
        simdjson::dom::object object;
        if (element.get(object) == SUCCESS)
            items.push_back(Input(body_, body_->meet(object, place)));
        else
            body_->note(place, "must be an object");
    }
    return items;
}

std::vector<std::string> Input::texts(std::string_view name, ItemsRule rule, std::size_t bytes) {
    const auto found = find(name);
    if (!found.element) {
        if (rule.required) refuse(name, "is required");
        return {};
    }
    simdjson::dom::array array;
    if (found.element->get(array) != SUCCESS || array.size() == 0 || array.size() > rule.most) {
        refuse(name, fmt::format("must be an array of 1 to {} strings", rule.most));
        return {};
    }
    std::vector<std::string> values;
    for (std::size_t i = 0; const auto element : array) {
        const auto place = fmt::format("{}/{}", pointer(name), i++);
        std::string_view value;
        if (element.get(value) != SUCCESS || value.empty() || value.size() > bytes ||
            std::ranges::any_of(value, is_control))
            body_->note(place, fmt::format("must be a string of 1 to {} bytes", bytes));
        else
            values.emplace_back(value);
    }
    return values;
}

std::vector<std::string> Input::words(std::string_view name,
                                      std::span<const std::string_view> known) {
    auto values = texts(name, {.most = known.size()});
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto end = values.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::ranges::find(known, values[i]) == known.end())
            refuse(name, fmt::format("must have only {}", fmt::join(known, ", ")));
        else if (std::find(values.begin(), end, values[i]) != end)
            refuse(name, fmt::format("has {} more than once", values[i]));
    }
    return values;
}

Metadata Input::metadata(std::string_view name) {
    Metadata pairs;
    auto given = object(name);
    if (!given) return pairs;
    std::vector<std::string> names;
    for (const auto member : body_->met[given->place_].object)
        names.emplace_back(member.key);
    if (names.size() > metadata_pairs_max) {
        refuse(name, fmt::format("must have at most {} names", metadata_pairs_max));
        return pairs;
    }
    for (const auto& each : names) {
        if (each.empty() || each.size() > metadata_name_max ||
            each.find_first_of("[]") != std::string::npos || std::ranges::any_of(each, is_control))
            given->refuse(each, "must have a name of 1 to 40 bytes without [ and ]");
        else if (reserved_metadata(each))
            given->refuse(each, "is a name that Daybook writes itself");
        auto value = given->unset(each) ? "" : given->text(each, {true, metadata_value_max});
        pairs.emplace_back(each, std::move(value));
    }
    return pairs;
}

void Input::done() const {
    for (const auto& met : body_->met)
        for (const auto member : met.object)
            if (std::ranges::find(met.read, member.key) == met.read.end())
                body_->note(met.pointer + '/' + escaped(member.key), "is not a field here");
    if (body_->problems.empty()) return;
    JsonArray errors;
    std::vector<std::string_view> pointers;
    for (const auto& [pointer, detail] : body_->problems) {
        JsonObject error;
        errors.add(error.text("pointer", pointer).text("detail", detail).str());
        if (std::ranges::find(pointers, pointer) == pointers.end()) pointers.push_back(pointer);
    }
    JsonObject members;
    members.raw("errors", errors.str());
    throw Refused(Problem::invalid_body, fmt::format("{}", fmt::join(pointers, ", ")), members);
}

bool reserved_metadata(std::string_view name) {
    return std::ranges::find(reserved, name) != std::end(reserved) ||
           name.starts_with("daybook_") || name.starts_with("line_");
}

}  // namespace daybook::api
