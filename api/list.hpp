// Lists: filters, cursor, limit and keyset pagination, the same for every resource.
#pragma once

#include <api/context.hpp>
#include <api/http.hpp>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

/// What a filter's value must be.
enum class Value { text, boolean, number, time };

/// A query parameter that narrows a list: `condition` goes before its value in the SQL.
struct Filter {
    std::string_view parameter;
    std::string_view condition;  ///< for example "status = "
    Value value = Value::text;
    /// All that it can be, where the words are ours; Stripe's own lists of words may grow.
    std::span<const std::string_view> words{};
};

/// How a list is ordered: the columns of `key`, of the SQL types in `types`, all one way. A leading
/// timestamp may be NULL; such rows come first in descending order.
struct ListShape {
    std::string_view columns = "t.*";
    std::string_view table;  ///< relative to the projection's schema unless it names another
    std::span<const std::string_view> key;
    std::span<const std::string_view> types;
    bool descending = true;
    std::span<const Filter> filters{};
    /// Parameters that the handler sees to itself.
    std::span<const std::string_view> further = of_projections;

    static constexpr std::string_view of_projections[] = {"replay"};
};

/// A condition that the handler adds itself.
struct Condition {
    std::string sql;  ///< ends where the value goes
    std::string value;
};

/// Answers {data, has_more, next_cursor}. Throws Refused for parameters it does not know, bad
/// values and foreign cursors.
Response list(const Request& request, Context& context, const ListShape& shape,
              std::vector<Condition> conditions = {});

/// The one row of `table` whose `column` is the {id} of the request; throws Refused without one.
pg::Result find_row(const Request& request, Context& context, std::string_view table,
                    std::string_view column);

/// Throws Refused for a parameter that is not among these.
void allow_parameters(const Request& request, std::initializer_list<std::string_view> names);

/// The schema to read: `app`, or that of the replay that the request names. Throws Refused when
/// there is no such replay.
std::string schema_of(const Request& request, Context& context);

}  // namespace daybook::api
