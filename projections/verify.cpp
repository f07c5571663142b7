#include <projections/verify.hpp>

#include <projections/bulk.hpp>
#include <projections/checkpoint.hpp>
#include <projections/layout.hpp>
#include <projections/replay.hpp>
#include <projections/ticker.hpp>

#include <ledger/log_rows.hpp>
#include <ledger/pg/binary.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace daybook::projections {
namespace {

VerifiedLog verify_rows(pg::Connection& db, std::int32_t log_id, const OnProgress& progress) {
    VerifiedLog verified;
    const auto ends = db.run(
        "SELECT position, (SELECT coalesce(max(position), 0) FROM ledger.events"
        " WHERE log_id = $1) FROM ledger.heads WHERE log_id = $1",
        pg::Params().number(log_id));
    if (ends.rows() == 0) return verified;
    verified.head = ends.number(0, 0);
    verified.highest = ends.number(0, 1);
    Ticker ticker(progress, "hash", verified.highest);
    for (std::int64_t after = 0; after < verified.highest; after += positions_per_snapshot) {
        const auto upto = std::min(verified.highest, after + positions_per_snapshot);
        const auto slice = db.run(
            "SELECT count(*), count(*) FILTER (WHERE sha256(payload) <> payload_sha256)"
            " FROM ledger.events WHERE log_id = $1 AND position > $2 AND position <= $3",
            pg::Params().number(log_id).number(after).number(upto));
        verified.events += slice.number(0, 0);
        verified.altered += slice.number(0, 1);
        ticker.add(upto - after);
    }
    return verified;
}

VerifiedLog verify_log(pg::Connection& db, const LogOptions& log, const OnProgress& progress) {
    auto verified = verify_rows(db, log.log_id, progress);
    pg::Connection segments(log.conninfo, std::chrono::seconds(0));
    Ticker ticker(progress, "compare", sealed_upto(db, log.log_id));
    verified.segments =
        verify_segments(segments, db, log.log_id, [&](std::int64_t events) { ticker.add(events); });
    return verified;
}

std::int64_t count_set_aside(pg::Connection& db, const Place& place) {
    return db
        .run(
            "SELECT count(*) FROM ledger.exceptions WHERE log_id = $1 AND schema_name = $2"
            " AND projection = $3",
            pg::Params().number(place.log_id).text(place.schema).text(place.projection))
        .number(0, 0);
}

}  // namespace

bool Verified::ok() const {
    return log.ok() && std::ranges::all_of(projections, &VerifiedProjection::ok);
}

Verified verify(const LogOptions& log, std::vector<const Projection*> projections,
                std::string_view set, const OnProgress& progress) {
    const auto schema = schema_of(set);
    pg::Connection db(log.conninfo, std::chrono::seconds(0));
    require_set(db, log.log_id, set);
    const bool whichever = projections.empty();
    if (whichever) projections.assign(all_projections().begin(), all_projections().end());
    Verified verified;
    {
        const Snapshot snapshot(db, names_of_tables(db, schema, projections));
        std::erase_if(projections, [&](const Projection* projection) {
            const Place place{log.log_id, schema, projection->name};
            // Before the first `serve` there are no tables, which is what nothing folds to.
            const auto found = read_checkpoint(db, place);
            if (!found && set != "live") {
                if (whichever) return true;
                throw std::invalid_argument(
                    fmt::format("the replay '{}' does not hold {}", set, projection->name));
            }
            const auto stands = found.value_or(Checkpoint{.version = projection->version});
            const bool readable = !found || has_columns(db, schema, *projection);
            const auto tables =
                found && readable ? digest_of_tables(db, place, *projection) : Digest();
            verified.projections.push_back({.name = projection->name,
                                            .position = stands.position,
                                            .version = stands.version,
                                            .same_rules = stands.version == projection->version,
                                            .readable = readable,
                                            .set_aside = count_set_aside(db, place),
                                            .stored = stands.digest.hex(),
                                            .tables = readable ? tables.hex() : std::string(),
                                            .refolded = {}});
            return false;
        });
    }
    verified.log = verify_log(db, log, progress);
    // Projections that stand at the same position share one scan.
    for (std::size_t i = 0; i < projections.size(); ++i) {
        if (!verified.projections[i].refolded.empty()) continue;
        const auto position = verified.projections[i].position;
        std::vector<const Projection*> together;
        for (std::size_t j = i; j < projections.size(); ++j)
            if (verified.projections[j].position == position) together.push_back(projections[j]);
        for (auto& fold : bulk_fold(log, groups_of(together), position, progress))
            for (const auto& folded : bulk_digests(std::move(fold), position))
                if (const auto found = std::ranges::find(verified.projections,
                                                         std::string_view(folded.projection->name),
                                                         &VerifiedProjection::name);
                    found != verified.projections.end())
                    found->refolded = folded.digest.hex();
    }
    return verified;
}

}  // namespace daybook::projections
