// Reading api.json, and documents as they begin.
#include <tools/stripe_sim/spec.hpp>

#include <ledger/invariant.hpp>
#include <tools/stripe_sim/path_tree.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

Shape::Kind kind_of(std::string_view name) {
    constexpr std::pair<std::string_view, Shape::Kind> kinds[] = {
        {"string", Shape::Kind::string},    {"int", Shape::Kind::integer},
        {"number", Shape::Kind::number},    {"bool", Shape::Kind::boolean},
        {"decimal", Shape::Kind::decimal},  {"any", Shape::Kind::any},
        {"enum", Shape::Kind::enumeration}, {"object", Shape::Kind::object},
        {"array", Shape::Kind::array},      {"map", Shape::Kind::map},
        {"list", Shape::Kind::list},        {"ref", Shape::Kind::ref},
        {"union", Shape::Kind::one_of},
    };
    const auto* found =
        std::ranges::find(kinds, name, &std::pair<std::string_view, Shape::Kind>::first);
    invariant(found != std::end(kinds));
    return found->second;
}

/// A text, or the texts of an array.
std::vector<std::string> texts(const json::value* value) {
    std::vector<std::string> all;
    if (!value) return all;
    if (value->is_string()) return {std::string(value->get_string())};
    for (const auto& item : value->as_array())
        all.emplace_back(item.as_string());
    return all;
}

}  // namespace

const Shape* Fields::find(std::string_view name) const {
    const auto found = std::ranges::find(list, name, &std::pair<std::string, Shape>::first);
    return found == list.end() ? nullptr : &found->second;
}

/// Types and enums may be named before they are read, so their places are made first.
struct Spec::Reader {
    Spec& spec;
    std::map<std::string, Fields*, std::less<>> types;
    std::map<std::string, const std::vector<std::string>*, std::less<>> enums;

    Fields* new_fields() { return &spec.fields_.emplace_back(); }

    void read_fields(const json::object& document, Fields& fields) {
        for (const auto& [name, shape] : document)
            fields.list.emplace_back(name, read_shape(shape.as_object()));
    }

    Shape read_shape(const json::object& document) {
        Shape shape;
        shape.kind = kind_of(text(document, "t"));
        shape.required = flag(document, "req");
        shape.nullable = flag(document, "null");
        shape.emptyable = flag(document, "empty");
        shape.id_of = texts(at(document, "id_of"));
        shape.name = text(document, "name");
        if (const auto* values = at(document, "enum"))
            shape.values = values->is_string() ? enums.find(values->get_string())->second
                                               : &spec.values_.emplace_back(texts(values));
        if (shape.kind == Shape::Kind::object)
            shape.fields = fields_of(document);
        else if (const auto* element = at(document, "of"))
            shape.element = &spec.shapes_.emplace_back(read_shape(element->as_object()));
        for (const auto& other : array(document, "or"))
            shape.alternatives.push_back(read_shape(other.as_object()));
        return shape;
    }

    const Fields* fields_of(const json::object& document) {
        if (const auto type = text(document, "type"); !type.empty())
            return types.find(type)->second;
        auto* fields = new_fields();
        read_fields(sim::object(document, "of"), *fields);
        return fields;
    }

    void read_route(const json::object& document) {
        Route route;
        route.method = text(document, "method");
        route.path = text(document, "path");
        auto* params = new_fields();
        read_fields(sim::object(document, "params"), *params);
        // Nobody asks for it, but a v2 list's next_page_url does.
        if (flag(document, "list") && route.path.starts_with("/v2/")) {
            params->list.emplace_back("page", Shape());
            params->list.back().second.kind = Shape::Kind::string;
        }
        route.params = params;
        if (auto returns = texts(at(document, "returns")); !returns.empty())
            route.returns = std::move(returns.front());
        route.number = spec.routes_.size();
        spec.paths_->add(spec.routes_.emplace_back(std::move(route)));
    }

    /// Stripe takes cards in payment_method_data (Stripe.js sends them so) without declaring it.
    void allow_cards() {
        const auto found = types.find("PaymentIntentCreateParams.PaymentMethodData");
        const auto* declared = spec.route("POST", "/v1/payment_methods");
        if (found == types.end() || !declared) return;
        auto& fields = found->second->list;
        fields.emplace_back("card", *declared->params->find("card"));
        for (auto& [name, shape] : fields)
            if (name == "type") shape.values = declared->params->find("type")->values;
    }
};

Spec::Spec(std::string_view api_json) : paths_(std::make_unique<PathTree>()) {
    const auto parsed = json::parse(api_json);
    const auto& document = parsed.as_object();
    version_ = text(document, "version");
    Reader reader{*this, {}, {}};
    for (const auto& [name, values] : sim::object(document, "enums"))
        reader.enums[name] = &values_.emplace_back(texts(&values));
    for (const auto& [name, fields] : sim::object(document, "types"))
        reader.types[name] = reader.new_fields();
    for (const auto& [name, fields] : sim::object(document, "types"))
        reader.read_fields(fields.as_object(), *reader.types[name]);
    for (const auto& [name, fields] : sim::object(document, "objects")) {
        auto* read = reader.new_fields();
        reader.read_fields(fields.as_object(), *read);
        objects_[name] = read;
    }
    for (const auto& route : array(document, "routes"))
        reader.read_route(route.as_object());
    reader.allow_cards();
    for (const auto& [type, of] : sim::object(document, "events"))
        events_[type] = of.is_string() ? std::string(of.get_string()) : std::string();
}

Spec::~Spec() = default;

Match Spec::match(std::string_view method, std::string_view path) const {
    Match match;
    if (path.starts_with('/')) paths_->find(method, path, match);
    return match;
}

const Route* Spec::route(std::string_view method, std::string_view pattern) const {
    return paths_->exact(method, pattern);
}

std::string Spec::path_of(std::string_view type) const {
    const auto found = std::ranges::find_if(routes_, [type](const Route& route) {
        return route.method == "GET" && route.returns == type && route.path.ends_with('}') &&
               std::ranges::count(route.path, '{') == 1;
    });
    return found == routes_.end() ? "" : found->path;
}

const Route& Spec::add_unlisted(std::string_view method, std::string_view pattern) {
    Route route;
    route.method = method;
    route.path = pattern;
    route.listed = false;
    route.number = routes_.size();
    paths_->add(routes_.emplace_back(std::move(route)));
    return routes_.back();
}

const Fields* Spec::object(std::string_view name) const {
    const auto found = objects_.find(name);
    return found == objects_.end() ? nullptr : found->second;
}

bool Spec::has_event(std::string_view type) const {
    return events_.contains(type);
}

json::object Spec::blank(std::string_view name) const {
    if (const auto found = blanks_.find(name); found != blanks_.end()) return found->second;
    const auto* fields = object(name);
    invariant(fields != nullptr);
    // An object that holds its own kind holds none at first.
    auto& blank = blanks_.emplace(name, json::object()).first->second;
    blank = blank_object(*fields);
    return blank;
}

json::object Spec::blank_object(const Fields& fields) const {
    json::object document;
    document.reserve(fields.list.size());
    for (const auto& [name, shape] : fields.list)
        if (shape.required) document[name] = blank_value(shape);
    return document;
}

void Spec::complete(const Shape& shape, json::value& value) const {
    if (auto* items = value.if_array(); items && shape.element) {
        for (auto& item : *items)
            complete(*shape.element, item);
    }
    auto* document = value.if_object();
    if (!document || !shape.fields) return;
    for (const auto& [name, inner] : shape.fields->list) {
        auto* member = document->if_contains(name);
        if (member)
            complete(inner, *member);
        else if (inner.required)
            (*document)[name] = blank_value(inner);
    }
}

json::value Spec::blank_value(const Shape& shape) const {
    if (shape.nullable) return nullptr;
    switch (shape.kind) {
        case Shape::Kind::string: return "";
        case Shape::Kind::integer:
        case Shape::Kind::number: return std::int64_t{0};
        case Shape::Kind::boolean: return false;
        case Shape::Kind::decimal: return "0";
        case Shape::Kind::any: return nullptr;
        case Shape::Kind::enumeration:
            return json::value(json::string(shape.values->empty() ? "" : shape.values->front()));
        case Shape::Kind::object: return blank_object(*shape.fields);
        case Shape::Kind::array: return json::array();
        case Shape::Kind::map: return json::object();
        case Shape::Kind::list:
            return {{"object", "list"}, {"data", json::array()}, {"has_more", false}, {"url", ""}};
        case Shape::Kind::ref: return blank(shape.name);
        case Shape::Kind::one_of: return blank_value(shape.alternatives.front());
    }
    return nullptr;
}

}  // namespace daybook::sim
