// Walks shapes and values together; each refusal says what Stripe would.
#include <tools/stripe_sim/check.hpp>

#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/old_params.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace daybook::sim {
namespace {

constexpr std::size_t text_bytes_max = 160'000;  // a dispute's evidence may have 150,000
constexpr std::size_t metadata_keys_max = 50;
constexpr std::size_t metadata_key_bytes_max = 40;
constexpr std::size_t metadata_value_bytes_max = 500;

std::string join(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}[{}]", path, name);
}

StripeError wrong(std::string_view kind, const json::value& given, const std::string& param) {
    std::string shown;
    if (given.is_string())
        shown = given.get_string();
    else
        append_compact(shown, given);
    return invalid(fmt::format("Invalid {}: {}", kind, shown)).param(param).unexecuted();
}

StripeError empty(const std::string& param) {
    return invalid(
               fmt::format(
                   "You passed an empty string for '{0}'. We assume empty values are an attempt "
                   "to unset a parameter; however '{0}' cannot be unset. You should remove '{0}' "
                   "from your request or supply a non-empty value.",
                   param))
        .code("parameter_invalid_empty")
        .param(param)
        .unexecuted();
}

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

bool is_decimal(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const auto dot = text.find('.');
    const auto digits = [](std::string_view part) {
        return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
    };
    if (dot == std::string_view::npos) return digits(text);
    return digits(text.substr(0, dot)) && digits(text.substr(dot + 1));
}

/// The items of an array that came as {"0": ..., "1": ...}, in the order of their numbers.
std::optional<std::vector<std::pair<std::uint32_t, const json::value*>>> indexed(
    const json::object& map) {
    std::vector<std::pair<std::uint32_t, const json::value*>> items;
    for (const auto& [name, item] : map) {
        const auto index = number<std::uint32_t>(name);
        if (!index) return std::nullopt;
        items.emplace_back(*index, &item);
    }
    std::ranges::sort(items, {}, &std::pair<std::uint32_t, const json::value*>::first);
    return items;
}

class Checker {
public:
    static json::object object(const Fields& fields, const json::object& raw,
                               const std::string& path) {
        json::object typed;
        for (const auto& [name, given] : raw) {
            const auto* shape = fields.find(name);
            if (!shape) throw unknown(fields, raw, path);
            typed[name] = value(*shape, given, join(path, name));
        }
        for (const auto& [name, shape] : fields.list)
            if (shape.required && !raw.contains(name)) throw missing_param(join(path, name));
        return typed;
    }

    static json::value value(const Shape& shape, const json::value& raw, const std::string& path) {
        if (raw.is_null()) {
            if (shape.nullable || shape.emptyable) return nullptr;
            throw empty(path);
        }
        const auto* given = raw.if_string();
        if (given && given->empty() && shape.kind != Shape::Kind::one_of) {
            if (shape.emptyable) return nullptr;
            throw empty(path);
        }
        switch (shape.kind) {
            case Shape::Kind::string: return string(raw, path);
            case Shape::Kind::integer: return integer(raw, path);
            case Shape::Kind::number: return real(raw, path);
            case Shape::Kind::boolean: return boolean(raw, path);
            case Shape::Kind::decimal: return decimal(raw, path);
            case Shape::Kind::enumeration: return enumeration(shape, raw, path);
            case Shape::Kind::object:
                if (!raw.is_object()) throw wrong("object", raw, path);
                return object(*shape.fields, raw.get_object(), path);
            case Shape::Kind::array: return array(shape, raw, path);
            case Shape::Kind::map: return map(shape, raw, path);
            case Shape::Kind::one_of: return one_of(shape, raw, path);
            case Shape::Kind::any:
            case Shape::Kind::list:
            case Shape::Kind::ref: return untyped(raw);
        }
        return raw;
    }

    /// Nothing is known of it but that numbered members make an array.
    static json::value untyped(const json::value& raw) {
        if (const auto* members = raw.if_object()) {
            if (const auto items = indexed(*members); items && !items->empty()) {
                json::array all;
                for (const auto& [index, item] : *items)
                    all.push_back(untyped(*item));
                return all;
            }
            json::object all;
            for (const auto& [name, item] : *members)
                all[name] = untyped(item);
            return all;
        }
        return raw;
    }

private:
    static StripeError unknown(const Fields& fields, const json::object& raw,
                               const std::string& path) {
        std::vector<std::string> names;
        for (const auto& [name, given] : raw)
            if (!fields.find(name)) names.push_back(join(path, name));
        return invalid(fmt::format("Received unknown parameter{}: {}", names.size() > 1 ? "s" : "",
                                   fmt::join(names, ", ")))
            .code("parameter_unknown")
            .param(names.front())
            .unexecuted();
    }

    static json::value string(const json::value& raw, const std::string& path) {
        if (!raw.is_string()) throw wrong("string", raw, path);
        if (raw.get_string().size() > text_bytes_max)
            throw invalid(fmt::format("Invalid string: {} is too long.", path))
                .code("parameter_invalid_string_too_long")
                .param(path)
                .unexecuted();
        return raw;
    }

    static json::value integer(const json::value& raw, const std::string& path) {
        if (raw.is_int64()) return raw;
        const auto parsed = raw.is_string() ? number<std::int64_t>(raw.get_string()) : std::nullopt;
        if (!parsed) throw wrong("integer", raw, path).code("parameter_invalid_integer");
        return *parsed;
    }

    static json::value real(const json::value& raw, const std::string& path) {
        if (raw.is_number()) return raw;
        if (!raw.is_string() || !is_decimal(raw.get_string())) throw wrong("decimal", raw, path);
        if (const auto whole = number<std::int64_t>(raw.get_string())) return *whole;
        return number<double>(raw.get_string()).value_or(0);
    }

    static json::value boolean(const json::value& raw, const std::string& path) {
        if (raw.is_bool()) return raw;
        if (raw.is_string() && raw.get_string() == "true") return true;
        if (raw.is_string() && raw.get_string() == "false") return false;
        throw wrong("boolean", raw, path);
    }

    static json::value decimal(const json::value& raw, const std::string& path) {
        if (!raw.is_string() || !is_decimal(raw.get_string())) throw wrong("decimal", raw, path);
        return raw;
    }

    static json::value enumeration(const Shape& shape, const json::value& raw,
                                   const std::string& path) {
        if (!raw.is_string()) throw wrong("string", raw, path);
        if (std::ranges::find(*shape.values, std::string_view(raw.get_string())) !=
            shape.values->end())
            return raw;
        const auto& values = *shape.values;
        if (values.size() == 1)
            throw invalid(fmt::format("Invalid {}: must be {}", path, values.front()))
                .param(path)
                .unexecuted();
        const std::vector<std::string> first(values.begin(), values.end() - 1);
        throw invalid(fmt::format("Invalid {}: must be one of {}, or {}", path,
                                  fmt::join(first, ", "), values.back()))
            .param(path)
            .unexecuted();
    }

    static json::value array(const Shape& shape, const json::value& raw, const std::string& path) {
        json::array items;
        if (const auto* given = raw.if_array()) {
            for (const auto& item : *given)
                items.push_back(
                    value(*shape.element, item, join(path, std::to_string(items.size()))));
            return items;
        }
        const auto* members = raw.if_object();
        const auto numbered = members ? indexed(*members) : std::nullopt;
        if (!numbered) throw wrong("array", raw, path);
        for (const auto& [index, item] : *numbered)
            items.push_back(value(*shape.element, *item, join(path, std::to_string(index))));
        return items;
    }

    static json::value map(const Shape& shape, const json::value& raw, const std::string& path) {
        const auto* members = raw.if_object();
        if (!members) throw wrong("object", raw, path);
        if (path.ends_with("metadata")) check_metadata(*members, path);
        json::object all;
        for (const auto& [name, item] : *members)
            all[name] = value(*shape.element, item, join(path, name));
        return all;
    }

    static void check_metadata(const json::object& metadata, const std::string& path) {
        const auto refuse = [&path](std::string_view why) {
            throw invalid(why).param(path).unexecuted();
        };
        if (metadata.size() > metadata_keys_max)
            refuse("Metadata can have up to 50 keys, and you have passed more.");
        for (const auto& [name, item] : metadata) {
            if (name.size() > metadata_key_bytes_max)
                refuse("Metadata keys can be up to 40 characters long.");
            if (item.is_string() && item.get_string().size() > metadata_value_bytes_max)
                refuse("Metadata values can be up to 500 characters long.");
        }
    }

    /// The first alternative that fits; text that looks like a number is one where it may be.
    static json::value one_of(const Shape& shape, const json::value& raw, const std::string& path) {
        if (shape.emptyable && raw.is_string() && raw.get_string().empty()) return nullptr;
        std::optional<StripeError> refusal;
        for (const bool text : {false, true}) {
            for (const auto& alternative : shape.alternatives) {
                if ((alternative.kind == Shape::Kind::string) != text) continue;
                try {
                    return value(alternative, raw, path);
                } catch (const StripeError& error) {
                    if (!refusal) refusal = error;
                }
            }
        }
        throw refusal ? *refusal : wrong("value", raw, path);
    }
};

/// Whether the route still knows the parameter, and with such a value.
bool fits(const Fields& params, std::string_view name, const json::value& given) {
    const auto* shape = params.find(name);
    if (!shape) return false;
    try {
        static_cast<void>(Checker::value(*shape, given, std::string(name)));
        return true;
    } catch (const StripeError&) {
        return false;
    }
}

}  // namespace

json::object checked(const Route& route, const json::object& raw, Age age) {
    if (!route.listed) return Checker::untyped(raw).as_object();
    if (age == Age::current) return Checker::object(*route.params, raw, "");
    json::object current;
    json::object old;
    for (const auto& [name, given] : in_todays_words(route, raw))
        (is_old_param(route, name) && !fits(*route.params, name, given) ? old : current)[name] =
            given;
    auto typed = Checker::object(*route.params, current, "");
    for (const auto& [name, given] : old)
        typed[name] = Checker::untyped(given);
    return typed;
}

}  // namespace daybook::sim
