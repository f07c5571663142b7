// The search language: clauses joined by AND or OR, never both, as at Stripe.
#include <tools/stripe_sim/list.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace daybook::sim {
namespace {

constexpr std::size_t clauses_max = 10;

struct Clause {
    bool negated = false;
    std::string field;     ///< dotted
    std::string metadata;  ///< the key, when field is metadata
    std::string_view comparison;
    std::string value;  ///< "" with `null`
    bool null = false;
};

class SearchParser {
public:
    explicit SearchParser(std::string_view query) : rest_(query) {}

    std::function<bool(const json::object&)> parse() {
        std::vector<Clause> clauses;
        bool any = false;
        for (;;) {
            clauses.push_back(clause());
            if (clauses.size() > clauses_max) fail();
            blanks();
            if (rest_.empty()) break;
            const bool is_or = take_word("OR");
            if (!is_or) take_word("AND");
            if (clauses.size() > 1 && is_or != any) fail();
            any = is_or;
        }
        return [clauses = std::move(clauses), any](const json::object& document) {
            const auto holds = [&document](const Clause& one) { return matches(one, document); };
            return any ? std::ranges::any_of(clauses, holds) : std::ranges::all_of(clauses, holds);
        };
    }

private:
    [[noreturn]] static void fail() {
        throw invalid(
            "We were unable to parse your search query. Try using the format "
            "`metadata[\"key\"]:\"value\"` to query for metadata or key:\"value\" to query for "
            "other "
            "fields.")
            .param("query")
            .unexecuted();
    }

    void blanks() {
        while (rest_.starts_with(' '))
            rest_.remove_prefix(1);
    }

    bool take(std::string_view token) {
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(token.size());
        return true;
    }

    bool take_word(std::string_view word) {
        if (rest_.size() < word.size()) return false;
        const auto same = std::ranges::equal(rest_.substr(0, word.size()), word,
                                             [](char a, char b) { return (a & ~0x20) == b; });
        if (same) rest_.remove_prefix(word.size());
        return same;
    }

    std::string quoted() {
        const char quote = rest_.empty() ? '\0' : rest_.front();
        if (quote != '"' && quote != '\'') fail();
        std::string text;
        for (rest_.remove_prefix(1); !rest_.empty(); rest_.remove_prefix(1)) {
            if (rest_.front() == quote) {
                rest_.remove_prefix(1);
                return text;
            }
            if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
            text += rest_.front();
        }
        fail();
    }

    Clause clause() {
        Clause made;
        blanks();
        made.negated = take("-");
        const auto end = rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.");
        if (end == 0 || end == std::string_view::npos) fail();
        made.field = rest_.substr(0, end);
        rest_.remove_prefix(end);
        if (made.field == "metadata") {
            if (!take("[")) fail();
            made.metadata = quoted();
            if (!take("]")) fail();
        }
        constexpr std::string_view comparisons[] = {":", "~", ">=", "<=", ">", "<"};
        const auto* found = std::ranges::find_if(comparisons, [this](auto c) { return take(c); });
        if (found == std::end(comparisons)) fail();
        made.comparison = *found;
        if (take_word("NULL")) {
            made.null = true;
        } else if (rest_.starts_with('"') || rest_.starts_with('\'')) {
            made.value = quoted();
        } else {
            const auto stop = std::min(rest_.find(' '), rest_.size());
            made.value = rest_.substr(0, stop);
            rest_.remove_prefix(stop);
            if (made.value.empty()) fail();
        }
        return made;
    }

    static bool compares(const Clause& one, const json::value& value) {
        if (const auto* number = value.if_int64()) {
            std::int64_t other = 0;
            const auto* end = one.value.data() + one.value.size();
            if (std::from_chars(one.value.data(), end, other).ptr != end) return false;
            if (one.comparison == ">") return *number > other;
            if (one.comparison == "<") return *number < other;
            if (one.comparison == ">=") return *number >= other;
            if (one.comparison == "<=") return *number <= other;
            return *number == other;
        }
        if (const auto* truth = value.if_bool()) return (*truth ? "true" : "false") == one.value;
        const auto* string = value.if_string();
        if (!string) return false;
        return one.comparison == "~" ? std::string_view(*string).contains(one.value)
                                     : std::string_view(*string) == one.value;
    }

    static bool matches(const Clause& one, const json::object& document) {
        const json::value* value = nullptr;
        if (one.metadata.empty())
            value = at(document, one.field);
        else
            value = sim::object(document, "metadata").if_contains(one.metadata);
        const bool holds = one.null ? value == nullptr : value && compares(one, *value);
        return holds != one.negated;
    }

    std::string_view rest_;
};

}  // namespace

std::function<bool(const json::object&)> parse_search(std::string_view query) {
    return SearchParser(query).parse();
}

}  // namespace daybook::sim
