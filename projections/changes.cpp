#include <projections/changes.hpp>

#include <projections/layout.hpp>

#include <ledger/pg/binary.hpp>

namespace daybook::projections {
namespace {

/// Cuts encoded rows into one array a column: a COPY field and an array element look the same.
class ColumnArrays {
public:
    explicit ColumnArrays(std::span<const Column> columns) : columns_(columns) {
        for (const auto& column : columns)
            arrays_.emplace_back(element_oid(column.type));
    }

    void add(std::string_view row) {
        for (auto& array : arrays_) {
            const auto field = leading_fields(row, 1);
            array.field(field);
            row.remove_prefix(field.size());
        }
        ++rows_;
    }

    [[nodiscard]] bool empty() const { return rows_ == 0; }

    pg::Params params(std::int32_t log_id) {
        pg::Params params;
        params.number(log_id);
        for (std::size_t i = 0; i < arrays_.size(); ++i)
            params.binary(arrays_[i].take_bytes(), array_oid(columns_[i].type));
        return params;
    }

private:
    std::span<const Column> columns_;
    std::vector<pg::ArrayBuilder> arrays_;
    std::size_t rows_ = 0;
};

}  // namespace

Changes::Changes(const Group& group) : group_(group), tables_(group.tables().size()) {}

void Changes::collect(Fold& fold) {
    RowSink sink;
    const auto add = [&](std::string_view key, const Resting& resting, std::string Pair::* side) {
        sink.clear();
        fold.derive(key, resting, sink);
        for (const auto& [table, row] : sink.entries()) {
            const auto row_key = leading_fields(row.bytes(), key_columns(group_.tables()[table]));
            tables_[table][std::string(row_key)].*side = row.bytes();
        }
    };
    fold.each_touched([&](const Fold::Change& change) {
        states_.insert_or_assign(std::string(change.key), change.after);
        add(change.key, change.before, &Pair::before);
        add(change.key, change.after, &Pair::after);
    });
    for (auto& rows : tables_)
        std::erase_if(rows, [](const auto& row) { return row.second.before == row.second.after; });
}

Digest Changes::applied_to(Digest digest, std::size_t member) const {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        if (group_.member_of(i) != member) continue;
        const auto& table = group_.tables()[i];
        for (const auto& [key, row] : tables_[i]) {
            if (!row.before.empty()) digest.remove(table.name, business_fields(table, row.before));
            if (!row.after.empty()) digest.add(table.name, business_fields(table, row.after));
        }
    }
    return digest;
}

int Changes::send(pg::Connection& db, std::string_view schema, std::int32_t log_id) const {
    int answers = send_states(db, schema, log_id);
    for (std::size_t table = 0; table < tables_.size(); ++table)
        answers += send_table(db, schema, log_id, table);
    return answers;
}

int Changes::send_table(pg::Connection& db, std::string_view schema, std::int32_t log_id,
                        std::size_t index) const {
    const auto& table = group_.tables()[index];
    ColumnArrays gone(table.columns.first(key_columns(table)));
    ColumnArrays written(table.columns);
    for (const auto& [key, row] : tables_[index])
        row.after.empty() ? gone.add(key) : written.add(row.after);
    int answers = 0;
    if (!gone.empty()) {
        db.send(delete_sql(table, schema).c_str(), gone.params(log_id));
        ++answers;
    }
    if (!written.empty()) {
        db.send(upsert_sql(table, schema).c_str(), written.params(log_id));
        ++answers;
    }
    return answers;
}

int Changes::send_states(pg::Connection& db, std::string_view schema, std::int32_t log_id) const {
    pg::ArrayBuilder gone(pg::oid::text), keys(pg::oid::text), forwards(pg::oid::text),
        states(pg::oid::bytea);
    bool any_gone = false;
    bool any = false;
    for (const auto& [key, resting] : states_) {
        if (resting.absent()) {
            gone.element(key);
            any_gone = true;
            continue;
        }
        keys.element(key);
        forwards.text_or_null(resting.forward);
        states.text_or_null(resting.state);
        any = true;
    }
    if (any_gone) {
        pg::Params params;
        params.number(log_id).binary(gone.take_bytes(), pg::oid::text_array);
        db.send(delete_state_sql(group_, schema).c_str(), params);
    }
    if (any) {
        pg::Params params;
        params.number(log_id).binary(keys.take_bytes(), pg::oid::text_array);
        params.binary(forwards.take_bytes(), pg::oid::text_array);
        params.binary(states.take_bytes(), pg::oid::bytea_array);
        db.send(upsert_state_sql(group_, schema).c_str(), params);
    }
    return (any_gone ? 1 : 0) + (any ? 1 : 0);
}

}  // namespace daybook::projections
