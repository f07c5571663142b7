// Parsing JSON that somebody else wrote, with any number that JSON allows.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

namespace daybook {

/// The document with a 0 in place of each number that simdjson may refuse although it is one (RFC
/// 8259, section 6, sets no limit): a whole number of more than 18 digits, or one with an exponent.
/// Nothing when there is none.
std::optional<std::string> without_huge_numbers(std::string_view json);

/// Parses into `root`, which lives as long as the parser holds this document. Huge numbers, which
/// are no value that Daybook reads, do not make a document unreadable; they are 0 in `root`.
inline simdjson::error_code parse_json(simdjson::dom::parser& parser, std::string_view text,
                                       simdjson::dom::element& root) {
    auto bad = parser.parse(text.data(), text.size()).get(root);
    if (bad != simdjson::SUCCESS)
        if (const auto tamed = without_huge_numbers(text)) bad = parser.parse(*tamed).get(root);
    return bad;
}

}  // namespace daybook
