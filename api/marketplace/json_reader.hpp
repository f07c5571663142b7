// Reads single values out of a JSON text: Stripe's answers and what a plan decided.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

/// A parsed text, or a value inside one; empty when it is not JSON. Every look-up is by JSON
/// pointer and gives nothing when there is nothing of that type. Not thread-safe.
class JsonReader {
public:
    explicit JsonReader(std::string_view text);

    [[nodiscard]] std::string text(std::string_view pointer) const;  ///< empty for none
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view pointer) const;
    [[nodiscard]] bool boolean(std::string_view pointer) const;  ///< false for none
    /// The value there as JSON text, numbers and all as they are; "null" for none.
    [[nodiscard]] std::string raw(std::string_view pointer) const;
    /// The value there; looking into it goes on from there.
    [[nodiscard]] JsonReader inner(std::string_view pointer) const;
    /// The items of an array, or of Stripe's list at `data`.
    [[nodiscard]] std::vector<JsonReader> items(std::string_view pointer) const;
    [[nodiscard]] bool has(std::string_view pointer) const;  ///< there, and not null

private:
    using Element = simdjson::dom::element;
    JsonReader(std::shared_ptr<simdjson::dom::parser> parser, std::optional<Element> root)
        : parser_(std::move(parser)), root_(root) {}
    [[nodiscard]] std::optional<Element> at(std::string_view pointer) const;

    std::shared_ptr<simdjson::dom::parser> parser_;
    std::optional<Element> root_;
};

}  // namespace daybook::api
