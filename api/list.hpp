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
    /// The column that names the connected account which a row is about. A key that is kept to
    /// accounts gets the rows of those alone, and nothing at all of a list without such a column.
    std::string_view account{};
    /// Parameters that the handler sees to itself.
    std::span<const std::string_view> further = of_projections;

    static constexpr std::string_view of_projections[] = {"replay", "after"};
};

/// Which row a record is.
struct RecordShape {
    std::string_view table;      ///< relative to the projection's schema
    std::string_view id;         ///< the column that is the {id} of the request
    std::string_view account{};  ///< as ListShape has it
    /// The id is unique within an account only: ?account= says which; the platform's comes first.
    bool per_account = false;
};

/// A condition that the handler adds itself.
struct Condition {
    std::string sql;  ///< about columns of t; ends where the value goes
    std::string value;
};

/// Answers {data, has_more, next_cursor}. Throws Refused for parameters it does not know, bad
/// values and foreign cursors.
Response list(const Request& request, Context& context, const ListShape& shape,
              std::vector<Condition> conditions = {});

/// The one row that is the {id} of the request; throws Refused without one, or for parameters that
/// a record does not take.
pg::Result find_row(const Request& request, Context& context, const RecordShape& shape);

/// Answers that row.
Response record(const Request& request, Context& context, const RecordShape& shape);

/// Throws Refused for a key that is kept to connected accounts: what is asked is about none.
void refuse_if_kept(const Context& context);

/// The same unless the key may see this account (empty: the platform).
void refuse_unless_about(const Context& context, std::string_view account);

/// Throws Refused for a parameter that is not among these.
void allow_parameters(const Request& request, std::initializer_list<std::string_view> names);

/// The schema to read: `app`, or that of the replay that the request names. Throws Refused when
/// there is no such replay.
std::string schema_of(const Request& request, Context& context);

}  // namespace daybook::api
