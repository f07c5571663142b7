// Reads mirrored objects by the table of their fields, and takes a copy back to what it was.
#include <projections/stripe/readers.hpp>

#include <projections/stripe/json_list.hpp>

#include <algorithm>

namespace daybook::projections::stripe {

namespace {

/// What stands at a path: nothing when it is not named at all, a null below a null.
MaybeJson at_path(Json json, std::string_view path) {
    for (MaybeJson here = json;;) {
        const auto point = path.find('.');
        here = member(here, path.substr(0, point));
        if (!here || here->is_null() || point == std::string_view::npos) return here;
        path.remove_prefix(point + 1);
    }
}

/// The first of the paths that is named; those behind it are older names.
MaybeJson named(Json json, std::string_view paths) {
    for (;;) {
        const auto bar = paths.find('|');
        if (auto value = at_path(json, paths.substr(0, bar))) return value;
        if (bar == std::string_view::npos) return std::nullopt;
        paths.remove_prefix(bar + 1);
    }
}

std::optional<std::string_view> none_if_empty(std::string_view text) {
    if (text.empty()) return std::nullopt;
    return text;
}

std::string_view json_text(Json json, Fields& fields) {
    return fields.keep(std::string(simdjson::minify(json)));
}

std::optional<std::string_view> value_of(Json json, const MirrorField& field, Fields& fields) {
    switch (field.read) {
        case Read::boolean: return Fields::boolean(json) ? "true" : "false";
        case Read::text: return none_if_empty(fields.text(json));
        case Read::id: return none_if_empty(fields.id(json));
        case Read::decimal: return none_if_empty(decimal(json, fields));
        case Read::json:
            return json.is_null() ? std::nullopt : std::optional(json_text(json, fields));
        case Read::integer:
        case Read::time:
            if (const auto number = Fields::optional_integer(json, field.column))
                return fields.keep(std::to_string(*number));
            break;
        case Read::metadata:
        case Read::user:
        case Read::seller: break;  // of the metadata as a whole
    }
    return std::nullopt;
}

std::string_view first_named(const Metadata& metadata,
                             std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
        const auto found = std::ranges::lower_bound(
            metadata, name, {}, &std::pair<std::string_view, std::string_view>::first);
        if (found != metadata.end() && found->first == name && !found->second.empty())
            return found->second;
    }
    return {};
}

/// Overwrites what `json` names: the whole object at first, then previous_attributes on a copy.
void read_values(Json json, std::span<const MirrorField> shape, Mirror::Values& values,
                 Metadata& metadata, Fields& fields) {
    if (const auto given = member(json, "metadata")) merge_metadata(*given, metadata, fields);
    for (std::size_t i = 0; i < shape.size(); ++i) {
        switch (shape[i].read) {
            case Read::metadata: values[i] = fields.keep(json_object(metadata)); break;
            case Read::user:
                values[i] = none_if_empty(first_named(metadata, {"user_id", "userId"}));
                break;
            case Read::seller:
                values[i] = none_if_empty(
                    first_named(metadata, {"seller", "account_id", "seller_id", "sellerId"}));
                break;
            default:
                if (const auto given = named(json, shape[i].path))
                    values[i] = value_of(*given, shape[i], fields);
                break;
        }
    }
}

}  // namespace

std::string_view decimal(const MaybeJson& json, Fields& fields) {
    if (!json) return {};
    std::string text;
    if (std::string_view given; json->get(given) == simdjson::SUCCESS)
        text = given;
    else if (json->is_number())
        text = simdjson::minify(*json);
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.ends_with('.')) text.pop_back();
    }
    return fields.keep(text);
}

void merge_metadata(Json json, Metadata& metadata, Fields& fields) {
    if (json.is_null()) metadata.clear();
    simdjson::dom::object object;
    if (json.get(object) != simdjson::SUCCESS) return;
    for (const auto entry : object) {
        const auto found = std::ranges::lower_bound(
            metadata, entry.key, {}, &std::pair<std::string_view, std::string_view>::first);
        const bool there = found != metadata.end() && found->first == entry.key;
        if (entry.value.is_null()) {
            if (there) metadata.erase(found);
        } else if (there) {
            found->second = fields.text(entry.value);
        } else {
            metadata.insert(found, {fields.keep(entry.key), fields.text(entry.value)});
        }
    }
}

Mirror read_mirror(std::string_view name, Json json, const MaybeJson& previous, Fields fields) {
    Mirror out;
    out.name = name;
    out.id = fields.id(json, "id");
    if (out.id.empty()) throw Unreadable(std::string(name) + ".id is missing");
    out.created = Fields::integer(member(json, "created"), "created");
    const auto shape = mirror_fields(out.name);
    out.values.resize(shape.size());
    Metadata metadata;
    read_values(json, shape, out.values, metadata, fields);
    if (previous && previous->is_object()) {
        out.before = out.values;
        read_values(*previous, shape, *out.before, metadata, fields);
    }
    return out;
}

}  // namespace daybook::projections::stripe
