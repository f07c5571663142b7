// Builds one SELECT from a list's shape, the filters of the request and its cursor.
#include <api/list.hpp>

#include <api/cursor.hpp>
#include <api/problem.hpp>
#include <api/rows.hpp>
#include <api/time.hpp>
#include <ledger/json_text.hpp>
#include <ledger/whole_number.hpp>

#include <fmt/ranges.h>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::int64_t limit_default = 20;
constexpr std::int64_t limit_max = 100;
constexpr std::size_t replay_name_bytes_max = 40;

[[noreturn]] void refuse_value(std::string_view parameter, std::string_view expected) {
    throw Refused(Problem::invalid_parameter,
                  std::string(parameter).append(" must be ").append(expected));
}

/// The value of a filter as Postgres reads it.
std::string filter_value(const Filter& filter, const std::string& given) {
    switch (filter.value) {
        case Value::text:
            if (given.empty()) refuse_value(filter.parameter, "text that is not empty");
            if (!filter.words.empty() &&
                std::ranges::find(filter.words, given) == filter.words.end())
                refuse_value(filter.parameter,
                             fmt::format("one of {}", fmt::join(filter.words, ", ")));
            return given;
        case Value::boolean:
            if (given != "true" && given != "false")
                refuse_value(filter.parameter, "true or false");
            return given;
        case Value::number:
            if (!whole_number(given)) refuse_value(filter.parameter, "a whole number");
            return given;
        case Value::time: {
            const auto time = parse_time(given);
            if (!time) refuse_value(filter.parameter, "Unix seconds or an RFC 3339 time");
            return std::to_string(*time);
        }
    }
    return given;
}

std::int64_t limit_of(const Request& request) {
    const auto* given = request.parameter("limit");
    if (!given) return limit_default;
    const auto limit = whole_number(*given);
    if (!limit || *limit < 1 || *limit > limit_max)
        refuse_value("limit", "a whole number from 1 to 100");
    return *limit;
}

void check_parameters(const Request& request, const std::vector<std::string_view>& known) {
    for (const auto& [name, value] : request.query) {
        if (std::ranges::find(known, name) == known.end()) {
            std::string detail = name + " is not a parameter of this list; it takes";
            for (const auto parameter : known)
                detail.append(" ").append(parameter);
            throw Refused(Problem::unknown_parameter, known.empty() ? name : detail);
        }
        const auto same = [&name](const auto& other) { return other.first == name; };
        if (std::ranges::count_if(request.query, same) > 1)
            throw Refused(Problem::invalid_parameter, name + " is given more than once");
    }
}

/// Puts a SELECT together with its parameters in step.
class Statement {
public:
    explicit Statement(std::string sql) : sql_(std::move(sql)) {}

    Statement& add(std::string_view sql) {
        sql_ += sql;
        return *this;
    }
    Statement& bind(std::string_view value) {
        params_.text(value);
        sql_ += '$' + std::to_string(params_.size());
        return *this;
    }
    pg::Result run(pg::Connection& db) const { return db.run(sql_, params_); }

private:
    std::string sql_;
    pg::Params params_;
};

std::string joined(std::span<const std::string_view> names, std::string_view suffix) {
    std::string text;
    for (const auto name : names) {
        if (!text.empty()) text += ", ";
        text.append("t.").append(name).append(suffix);
    }
    return text;
}

void add_cursor(Statement& statement, const ListShape& shape, const std::string& cursor) {
    const auto after = read_cursor(cursor, shape.table, shape.key.size());
    if (!after) throw Refused(Problem::invalid_cursor);
    for (std::size_t i = 0; i < after->size(); ++i) {
        const auto& field = (*after)[i];
        const auto type = shape.types[i];
        const bool null = field.empty() && i == 0 && type == "timestamptz";
        if (!null && ((type == "timestamptz" && !parse_rfc3339(field)) ||
                      (type == "bigint" && !whole_number(field))))
            throw Refused(Problem::invalid_cursor);
    }
    auto names = shape.key;
    std::span<const std::string> values = *after;
    auto types = shape.types;
    const bool among_nulls = types.front() == "timestamptz" && values.front().empty();
    statement.add(" AND (");
    if (among_nulls) {
        // NULLs come first in a descending order; all that is not NULL lies behind them.
        statement.add(joined(names.first(1), "")).add(" IS NOT NULL OR ");
        names = names.subspan(1);
        values = values.subspan(1);
        types = types.subspan(1);
    }
    statement.add("(").add(joined(names, "")).add(shape.descending ? ") < (" : ") > (");
    for (std::size_t i = 0; i < values.size(); ++i) {
        statement.add(i == 0 ? "" : ", ").bind(values[i]).add("::").add(types[i]);
    }
    statement.add("))");
}

void add_filters(Statement& statement, const Request& request, std::span<const Filter> filters) {
    for (const auto& filter : filters) {
        const auto* given = request.parameter(filter.parameter);
        if (!given) continue;
        statement.add(" AND t.").add(filter.condition);
        // The platform's own rows have no account.
        const bool of_platform = filter.condition == "account_id = " && *given == "platform";
        const auto value = of_platform ? std::string() : filter_value(filter, *given);
        switch (filter.value) {
            case Value::text: statement.bind(value); break;
            case Value::boolean: statement.bind(value).add("::boolean"); break;
            case Value::number: statement.bind(value).add("::bigint"); break;
            case Value::time:
                statement.add("'epoch'::timestamptz + ").bind(value).add(" * interval '1 us'");
                break;
        }
    }
}

/// A key that is kept to accounts sees their rows only.
void add_accounts(Statement& statement, const Context& context, std::string_view column) {
    const auto accounts = accounts_of(context.caller.scopes);
    if (accounts.empty()) return;
    if (column.empty()) refuse_if_kept(context);
    statement.add(" AND t.").add(column);
    if (accounts.size() == 1) {  // an index in the order of the list serves one, not an array
        statement.add(" = ").bind(std::string(accounts.front()));
        return;
    }
    statement.add(" = ANY(");
    statement.bind(fmt::format("{{{}}}", fmt::join(accounts, ","))).add("::text[])");
}

std::string qualified(const std::string& schema, std::string_view table) {
    if (table.find('.') != std::string_view::npos) return std::string(table);
    return pg::quoted(schema).append(".").append(table);
}

}  // namespace

Response list(const Request& request, Context& context, const ListShape& shape,
              std::vector<Condition> conditions) {
    std::vector<std::string_view> known = {"cursor", "limit"};
    known.insert(known.end(), shape.further.begin(), shape.further.end());
    for (const auto& filter : shape.filters)
        known.push_back(filter.parameter);
    check_parameters(request, known);
    const auto limit = limit_of(request);

    // The key travels behind the row, as text to the microsecond, for the cursor.
    std::string key_columns;
    for (const auto name : shape.key)
        key_columns.append(", t.").append(name).append("::text");
    Statement statement("SELECT " + std::string(shape.columns) + key_columns + " FROM " +
                        qualified(schema_of(request, context), shape.table) +
                        " t WHERE t.log_id = " + std::to_string(context.node.log_id));
    for (const auto& condition : conditions)
        statement.add(" AND ").add(condition.sql).bind(condition.value);
    add_accounts(statement, context, shape.account);
    add_filters(statement, request, shape.filters);
    if (const auto* cursor = request.parameter("cursor")) add_cursor(statement, shape, *cursor);
    statement.add(" ORDER BY ").add(joined(shape.key, shape.descending ? " DESC" : ""));
    statement.add(" LIMIT " + std::to_string(limit + 1));

    const auto rows = statement.run(context.db);
    const int shown = std::min(rows.rows(), static_cast<int>(limit));
    const int key_width = static_cast<int>(shape.key.size());
    JsonArray data;
    for (int row = 0; row < shown; ++row)
        data.add(row_json(rows, row, rows.columns() - key_width));
    JsonObject page;
    page.raw("data", data.str()).boolean("has_more", rows.rows() > shown);
    if (rows.rows() > shown) {
        std::vector<std::string> key;
        for (int column = rows.columns() - key_width; column < rows.columns(); ++column)
            key.emplace_back(rows.text(shown - 1, column));
        page.text("next_cursor", make_cursor(shape.table, key));
    } else {
        page.null("next_cursor");
    }
    Response response;
    response.body = page.str();
    return response;
}

pg::Result find_row(const Request& request, Context& context, const RecordShape& shape) {
    if (shape.per_account)
        allow_parameters(request, {"replay", "after", "account"});
    else
        allow_parameters(request, {"replay", "after"});
    Statement statement("SELECT t.* FROM " + qualified(schema_of(request, context), shape.table) +
                        " t WHERE t.log_id = " + std::to_string(context.node.log_id) + " AND t.");
    statement.add(shape.id).add(" = ").bind(request.id);
    add_accounts(statement, context, shape.account);
    if (const auto* account = request.parameter("account"))
        statement.add(" AND t.account_id = ").bind(*account);
    if (shape.per_account) statement.add(" ORDER BY t.account_id LIMIT 1");
    auto row = statement.run(context.db);
    if (row.rows() == 0) throw Refused(Problem::no_such_record);
    return row;
}

Response record(const Request& request, Context& context, const RecordShape& shape) {
    Response response;
    response.body = row_json(find_row(request, context, shape), 0);
    return response;
}

void refuse_if_kept(const Context& context) {
    refuse_unless_about(context, {});
}

void refuse_unless_about(const Context& context, std::string_view account) {
    const auto accounts = accounts_of(context.caller.scopes);
    if (accounts.empty() || std::ranges::find(accounts, account) != accounts.end()) return;
    throw Refused(Problem::scope_missing, "the key is kept to some connected accounts");
}

void allow_parameters(const Request& request, std::initializer_list<std::string_view> names) {
    check_parameters(request, names);
}

std::string schema_of(const Request& request, Context& context) {
    const auto* replay = request.parameter("replay");
    if (!replay) return "app";
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (replay->empty() || replay->size() > replay_name_bytes_max ||
        !std::ranges::all_of(*replay, plain))
        refuse_value("replay", "a name of 1 to 40 of a-z, 0-9 and _");
    const auto known = context.db.run("SELECT FROM ledger.replays WHERE log_id = $1 AND name = $2",
                                      pg::Params().number(context.node.log_id).text(*replay));
    if (known.rows() == 0) throw Refused(Problem::no_such_replay, *replay);
    return "replay_" + *replay;
}

}  // namespace daybook::api
