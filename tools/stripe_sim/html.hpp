// Small pages: text into markup, and markup into a template.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace daybook::sim {

/// Text that may stand between tags and in quoted attributes.
std::string html_escaped(std::string_view text);

/// A template with each {{name}} replaced by its markup.
std::string html_filled(
    std::string_view page,
    std::initializer_list<std::pair<std::string_view, std::string_view>> values);

}  // namespace daybook::sim
