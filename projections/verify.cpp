#include <projections/verify.hpp>

#include <projections/bulk.hpp>
#include <projections/checkpoint.hpp>
#include <projections/layout.hpp>

#include <ledger/pg/binary.hpp>

#include <algorithm>
#include <utility>

namespace daybook::projections {
namespace {

VerifiedLog verify_log(pg::Connection& db, std::int32_t log_id) {
    const auto row = db.run(
        "SELECT h.position, count(e.position), coalesce(max(e.position), 0),"
        " count(*) FILTER (WHERE sha256(e.payload) <> e.payload_sha256)"
        " FROM ledger.heads h LEFT JOIN ledger.events e ON e.log_id = h.log_id"
        " WHERE h.log_id = $1 GROUP BY h.position",
        pg::Params().number(log_id));
    if (row.rows() == 0) return {};
    return {row.number(0, 0), row.number(0, 1), row.number(0, 2), row.number(0, 3)};
}

/// Those that are there, as SQL names them.
std::vector<std::string> names_of_tables(pg::Connection& db,
                                         const std::vector<const Projection*>& projections) {
    std::vector<std::string> names;
    for (const auto* projection : projections)
        for (const auto& table : projection->tables)
            names.push_back(pg::quoted(live_schema) + "." + pg::quoted(table.name));
    std::erase_if(names, [&db](const std::string& name) {
        return db.run("SELECT to_regclass($1)", pg::Params().text(name)).null(0, 0);
    });
    return names;
}

/// COPY hands out a row's fields just as the fold encodes them.
Digest digest_of_tables(pg::Connection& db, const Place& place, const Projection& projection) {
    Digest digest;
    for (const auto& table : projection.tables) {
        const auto sql = "COPY (SELECT " + column_list(table, false) + " FROM " +
                         pg::quoted(place.schema) + "." + pg::quoted(table.name) +
                         " WHERE log_id = " + std::to_string(place.log_id) +
                         ") TO STDOUT (FORMAT binary)";
        db.copy_out(sql, [&](std::string_view fields) { digest.add(table.name, fields); });
    }
    return digest;
}

}  // namespace

bool Verified::ok() const {
    return log.ok() && std::ranges::all_of(projections, &VerifiedProjection::ok);
}

Verified verify(const LogOptions& log, std::vector<const Projection*> projections,
                const OnProgress& progress) {
    pg::Connection db(log.conninfo, std::chrono::seconds(0));
    Verified verified;
    verified.log = verify_log(db, log.log_id);
    std::vector<Checkpoint> checkpoints;
    {
        // One snapshot: what the checkpoints say and what the tables hold belong together.
        // The locks come first, and take none: no swap comes between what is read in it.
        const auto locked = names_of_tables(db, projections);
        pg::Transaction transaction(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        for (const auto& table : locked)
            db.run("LOCK TABLE " + table + " IN ACCESS SHARE MODE");
        for (const auto* projection : projections) {
            const Place place{log.log_id, std::string(live_schema), projection->name};
            // Before the first `serve` there are no tables, which is what nothing folds to.
            const auto found = read_checkpoint(db, place);
            const auto tables = found ? digest_of_tables(db, place, *projection) : Digest();
            checkpoints.push_back(found.value_or(Checkpoint{}));
            verified.projections.push_back({projection->name,
                                            checkpoints.back().position,
                                            checkpoints.back().digest.hex(),
                                            tables.hex(),
                                            {}});
        }
        transaction.commit();
    }
    // Projections that stand at the same position share one scan.
    for (std::size_t i = 0; i < projections.size(); ++i) {
        if (!verified.projections[i].refolded.empty()) continue;
        std::vector<const Projection*> together;
        for (std::size_t j = i; j < projections.size(); ++j)
            if (checkpoints[j].position == checkpoints[i].position)
                together.push_back(projections[j]);
        for (auto& fold : bulk_fold(log, groups_of(together), checkpoints[i].position, progress))
            for (const auto& folded : bulk_digests(std::move(fold), checkpoints[i].position))
                if (const auto found = std::ranges::find(verified.projections,
                                                         std::string_view(folded.projection->name),
                                                         &VerifiedProjection::name);
                    found != verified.projections.end())
                    found->refolded = folded.digest.hex();
    }
    return verified;
}

}  // namespace daybook::projections
