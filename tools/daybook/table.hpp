// Tables for people: aligned columns on a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace daybook::tools {

class TextTable {
public:
    /// A heading that starts with `>` aligns its column to the right: numbers.
    explicit TextTable(std::vector<std::string> headings);

    /// As many cells as headings.
    void add(std::vector<std::string> cells);
    [[nodiscard]] bool empty() const { return rows_.size() == 1; }
    /// The headings, and the rows below them, each line ended.
    [[nodiscard]] std::string str() const;

private:
    std::vector<std::vector<std::string>> rows_;
    std::vector<bool> right_;
};

/// 1234567 as 1,234,567.
std::string grouped(std::int64_t number);

}  // namespace daybook::tools
