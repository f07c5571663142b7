#include <projections/rebuild.hpp>

#include <projections/bulk.hpp>
#include <projections/feed.hpp>
#include <projections/layout.hpp>
#include <projections/projector.hpp>

#include <ledger/log.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <mutex>
#include <thread>

namespace daybook::projections {
namespace {

using namespace std::chrono_literals;

/// How long a reader may have to wait for a swap, and how often we ask for the lock.
constexpr char swap_lock_timeout[] = "SET LOCAL lock_timeout = '50ms'";
constexpr int swap_tries_max = 600;
constexpr auto swap_pause = 50ms;
constexpr std::int64_t near_enough = 1000;

std::string shadow_schema(const Projection& projection) {
    return fmt::format("rebuild_{}", projection.name);
}

/// One rebuild of a projection at a time: its guard holds a session lock on a connection of its
/// own. A crash frees it; it protects work in progress, not the books.
class Guard {
public:
    Guard(const LogOptions& log, const Projection& projection) : db_(log.conninfo) {
        const auto held =
            db_.run("SELECT pg_try_advisory_lock(hashtext('daybook.rebuild.' || $1), $2::int)",
                    pg::Params().text(projection.name).number(log.log_id));
        if (!held.boolean(0, 0)) throw RebuildRunning(projection.name);
    }

private:
    pg::Connection db_;
};

void clear_shadow(pg::Connection& db, const Place& place) {
    pg::Transaction transaction(db);
    db.run("DROP SCHEMA IF EXISTS " + pg::quoted(place.schema) + " CASCADE");
    delete_checkpoint(db, place);
    db.run("DELETE FROM ledger.exceptions WHERE log_id = $1 AND schema_name = $2",
           pg::Params().number(place.log_id).text(place.schema));
    transaction.commit();
}

/// Folds what was appended since, until the shadow stands at `target` or behind it.
void catch_up(Projector& shadow, Feed& feed, std::int64_t target, const OnProgress& progress) {
    feed.advance(target);
    while (shadow.checkpoint().position < target) {
        if (progress) progress({"catch up", shadow.checkpoint().position, target});
        const auto batch =
            feed.next(shadow.checkpoint().position, std::chrono::steady_clock::now() + 10s);
        if (batch) shadow.apply(*batch);
    }
}

/// Puts the shadow's tables in the place of the live ones. False: a reader held a lock too long.
bool try_swap(pg::Connection& db, const Place& live, Projector& shadow, Feed& feed,
              const Projection& projection, bool livemode) {
    pg::Transaction transaction(db);
    db.run(swap_lock_timeout);
    try {
        // From here on the live projector cannot commit; it will find its fence outdated.
        const auto before = read_checkpoint(db, live, true);
        catch_up(shadow, feed, before ? before->position : 0, {});
        const Place place{live.log_id, shadow_schema(projection), projection.name};
        const auto old_schema = fmt::format("replaced_{}", projection.name);
        db.run("DROP SCHEMA IF EXISTS " + pg::quoted(old_schema) + " CASCADE");
        db.run("CREATE SCHEMA " + pg::quoted(old_schema));
        const auto live_tables = db.run(
            "SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename = ANY"
            " (string_to_array($2, ','))",
            pg::Params().text(live.schema).text(
                fmt::format("{}", fmt::join(table_names(projection), ","))));
        for (int row = 0; row < live_tables.rows(); ++row)
            db.run(fmt::format("ALTER TABLE {}.{} SET SCHEMA {}", pg::quoted(live.schema),
                               pg::quoted(live_tables.text(row, 0)), pg::quoted(old_schema)));
        for (const auto& table : table_names(projection))
            db.run(fmt::format("ALTER TABLE {}.{} SET SCHEMA {}", pg::quoted(place.schema),
                               pg::quoted(table), pg::quoted(live.schema)));
        auto next = shadow.checkpoint();
        next.version = projection.version;
        next.livemode = livemode;
        next.fence = (before ? before->fence : 0) + 1;
        delete_checkpoint(db, live);
        delete_checkpoint(db, place);
        insert_checkpoint(db, live, next);
        db.run("DELETE FROM ledger.exceptions WHERE log_id = $1 AND schema_name = $2"
               " AND projection = $3",
               pg::Params().number(live.log_id).text(live.schema).text(live.projection));
        db.run("UPDATE ledger.exceptions SET schema_name = $2 WHERE log_id = $1"
               " AND schema_name = $4 AND projection = $3",
               pg::Params()
                   .number(live.log_id)
                   .text(live.schema)
                   .text(live.projection)
                   .text(place.schema));
        db.run("DROP SCHEMA " + pg::quoted(place.schema));
        transaction.commit();
    } catch (const pg::Error& error) {
        if (error.sqlstate() != "55P03" && error.sqlstate() != "40P01") throw;
        return false;
    }
    // The old tables are out of every reader's way; dropping them may take its time.
    db.run(fmt::format("DROP SCHEMA IF EXISTS \"replaced_{}\" CASCADE", projection.name));
    return true;
}

void swap(const LogOptions& log, Folded& folded, const OnProgress& progress) {
    const auto& projection = *folded.projection;
    const Place live{log.log_id, std::string(live_schema), projection.name};
    const Place place{log.log_id, shadow_schema(projection), projection.name};
    pg::Connection db(log.conninfo);
    pg::Connection shadow_db(log.conninfo);
    std::vector<std::string_view> types(projection.types.begin(), projection.types.end());
    Feed feed({log.conninfo, log.log_id, log.livemode, types});
    Projector shadow(shadow_db, projection, place, read_checkpoint(shadow_db, place).value());
    for (;;) {
        const auto head = head_position(db, log.log_id);
        if (head - shadow.checkpoint().position < near_enough) break;
        catch_up(shadow, feed, head, progress);
    }
    if (progress) progress({"swap", 0, 0});
    for (int tries = 1; !try_swap(db, live, shadow, feed, projection, log.livemode); ++tries) {
        if (tries == swap_tries_max)
            throw pg::Error("55P03", fmt::format("the tables of {} are never free for a swap:"
                                                 " a reader holds them",
                                                 projection.name));
        std::this_thread::sleep_for(swap_pause);
    }
    folded.position = shadow.checkpoint().position;
    folded.digest = shadow.checkpoint().digest;
    folded.set_aside += static_cast<std::int64_t>(shadow.set_aside());
}

}  // namespace

RebuildRunning::RebuildRunning(std::string_view projection)
    : std::runtime_error(fmt::format("{} is being rebuilt by another process", projection)) {}

std::vector<Folded> rebuild(const LogOptions& log, std::vector<const Projection*> projections,
                            const OnProgress& progress) {
    std::vector<std::unique_ptr<Guard>> guards;
    pg::Connection db(log.conninfo);
    for (const auto* projection : projections) {
        guards.push_back(std::make_unique<Guard>(log, *projection));
        const Place place{log.log_id, shadow_schema(*projection), projection->name};
        clear_shadow(db, place);
        db.run("CREATE SCHEMA " + pg::quoted(place.schema));
        db.run(fmt::format("GRANT USAGE ON SCHEMA {} TO daybook_reader", pg::quoted(place.schema)));
    }
    const auto upto = head_position(db, log.log_id);
    auto folds = bulk_fold(log, projections, upto, progress);
    auto written = bulk_write_all(log, upto, std::move(folds),
                                  [](const Projection& p) { return shadow_schema(p); }, progress);
    for (auto& folded : written)
        swap(log, folded, progress);
    return written;
}

}  // namespace daybook::projections
