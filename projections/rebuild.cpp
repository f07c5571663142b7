#include <projections/rebuild.hpp>

#include <projections/bulk_write.hpp>
#include <projections/feed.hpp>
#include <projections/layout.hpp>
#include <projections/projector.hpp>

#include <ledger/log.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <random>
#include <thread>

namespace daybook::projections {
namespace {

using namespace std::chrono_literals;

/// How long readers may have to wait for a swap: while it waits itself, for one of them or for
/// autovacuum, and while it works. Where that is never enough, it may take longer.
std::chrono::milliseconds swap_takes_max(int tries) {
    return 50ms * (1 + std::min(tries, 500) / 100);
}
/// Who holds the tables for long, as `daybook verify` does, is asked less and less often, since
/// each time the readers behind it wait, too.
std::chrono::milliseconds swap_pause(int tries) {
    return std::min(50ms * (1 + tries / 20), 2000ms);
}
constexpr auto swap_patience = 1h;
constexpr std::int64_t near_enough = 1000;
constexpr int catch_up_rounds_max = 10;

std::string shadow_schema(const Group& group) {
    return fmt::format("rebuild_{}", group.name());
}

/// One rebuild of a group at a time: a lease on the shadow's row, renewed while we work. A crash
/// lets it run out; what it left behind is cleared by whoever comes next.
class Guard {
public:
    Guard(const LogOptions& log, Place place)
        : db_(log.conninfo),
          place_(std::move(place)),
          owner_(fmt::format("rebuild-{}-{}", getpid(), std::random_device{}())) {
        const auto mine = db_.run(
            "INSERT INTO ledger.projections AS p (log_id, schema_name, name, version, livemode,"
            " position, digest, lease_owner, lease_until) VALUES ($1, $2, $3, 0, false, 0, $4, $5,"
            " clock_timestamp() + make_interval(secs => $6::int))"
            " ON CONFLICT (log_id, schema_name, name) DO UPDATE SET fence = p.fence + 1,"
            " lease_owner = excluded.lease_owner, lease_until = excluded.lease_until"
            " WHERE p.lease_until IS NULL OR p.lease_until < clock_timestamp() RETURNING fence",
            pg::Params()
                .number(place_.log_id)
                .text(place_.schema)
                .text(place_.projection)
                .binary(Digest().bytes())
                .text(owner_)
                .number(lease_lasts.count()));
        if (mine.rows() == 0) throw RebuildRunning(place_.projection);
        renewal_ = std::jthread([this](std::stop_token stop) { renew(stop); });
    }
    ~Guard() {
        renewal_.request_stop();
        wake_.notify_all();
        renewal_.join();
        try {  // still there only when the rebuild failed
            db_.run("DELETE FROM ledger.projections WHERE log_id = $1 AND lease_owner = $2",
                    pg::Params().number(place_.log_id).text(owner_));
        } catch (const pg::Error& error) {
            spdlog::warn("the lease of a rebuild runs out by itself: {}", error.what());
        }
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

private:
    void renew(const std::stop_token& stop) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        while (!wake_.wait_for(lock, stop, lease_lasts / 3, [] { return false; })) {
            if (stop.stop_requested()) return;
            try {
                renew_leases(db_, place_.log_id, owner_);
            } catch (const pg::Error& error) {
                spdlog::warn("cannot renew the lease of a rebuild: {}", error.what());
                return;
            }
        }
    }

    pg::Connection db_;  // the renewal thread's until it is joined
    const Place place_;
    const std::string owner_;
    std::condition_variable_any wake_;
    std::jthread renewal_;
};

void clear_shadow(pg::Connection& db, const Place& place) {
    pg::Transaction transaction(db);
    db.run("DROP SCHEMA IF EXISTS " + pg::quoted(place.schema) + " CASCADE");
    db.run("DELETE FROM ledger.exceptions WHERE log_id = $1 AND schema_name = $2",
           pg::Params().number(place.log_id).text(place.schema));
    transaction.commit();
}

/// Folds what was appended since, until the shadow stands at `target` or behind it.
void catch_up(Projector& shadow, Feed& feed, std::int64_t target, const OnProgress& progress) {
    feed.advance(target);
    while (shadow.position() < target) {
        if (progress) progress({"catch up", shadow.position(), target});
        shadow.apply(feed.next(shadow.position(), std::chrono::steady_clock::now() + 10s));
    }
}

/// The tables that a swap replaces: also the states that a member kept before it shared them.
std::string names_of(const Group& group) {
    std::string names;
    for (const auto& table : physical_tables(group))
        names += table.name + ',';
    for (const auto* member : group.members())
        names += fmt::format("{}_state,", member->name);
    return names;
}

/// Of the members that have one.
std::vector<Checkpoint> checkpoints_of(pg::Connection& db, const Site& site, bool lock = false) {
    std::vector<Checkpoint> found;
    for (const auto* member : site.group->members())
        if (auto checkpoint = read_checkpoint(db, site.place(*member), lock))
            found.push_back(*std::move(checkpoint));
    return found;
}

/// The greatest position and the greatest fence; 0 where there are none.
Checkpoint furthest(const std::vector<Checkpoint>& checkpoints) {
    Checkpoint all;
    for (const auto& each : checkpoints) {
        all.position = std::max(all.position, each.position);
        all.fence = std::max(all.fence, each.fence);
    }
    return all;
}

/// Takes the live tables out, puts the shadow's in: one statement, because whoever reads the tables
/// waits for its end, and each round trip more is a wait for a busy processor more.
void exchange_tables(pg::Connection& db, const Site& live, const Site& shadow,
                     std::string_view old_schema, std::chrono::milliseconds takes_max) {
    const auto tables = db.run(
        "SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename = ANY"
        " (string_to_array($2, ','))",
        pg::Params().text(live.schema).text(names_of(*live.group)));
    std::string locked;
    std::string moved;
    const auto move = [&](std::string_view table, std::string_view from, std::string_view to) {
        moved += fmt::format("ALTER TABLE {}.{} SET SCHEMA {};\n", pg::quoted(from),
                             pg::quoted(table), pg::quoted(to));
    };
    for (int row = 0; row < tables.rows(); ++row) {
        locked += fmt::format("{}{}.{}", row == 0 ? "LOCK TABLE " : ", ", pg::quoted(live.schema),
                              pg::quoted(tables.text(row, 0)));
        move(tables.text(row, 0), live.schema, old_schema);
    }
    if (!locked.empty()) locked += " IN ACCESS EXCLUSIVE MODE;\n";
    for (const auto& table : physical_tables(*live.group))
        move(table.name, shadow.schema, live.schema);
    db.run(fmt::format("SET LOCAL statement_timeout = '{}ms'", takes_max.count()));
    db.run(fmt::format("DO $exchange$ BEGIN\n{}{}DROP SCHEMA {};\nEND $exchange$", locked, moved,
                       pg::quoted(shadow.schema)));
}

/// Gives a member's checkpoint and exceptions in the shadow the place of those it had.
void swap_member(pg::Connection& db, const Place& live, const Place& shadow, const Checkpoint& next,
                 bool keep_lease) {
    delete_checkpoint(db, shadow);
    db.run(
        "UPDATE ledger.projections SET fence = $4,"
        " lease_until = CASE WHEN $5 THEN lease_until END,"
        " lease_owner = CASE WHEN $5 THEN lease_owner END"
        " WHERE log_id = $1 AND schema_name = $2 AND name = $3",
        pg::Params()
            .number(live.log_id)
            .text(live.schema)
            .text(live.projection)
            .number(next.fence)
            .boolean(keep_lease));
    write_checkpoint(db, live, next);
    db.run(
        "DELETE FROM ledger.exceptions WHERE log_id = $1 AND schema_name = $2"
        " AND projection = $3",
        pg::Params().number(live.log_id).text(live.schema).text(live.projection));
    db.run(
        "UPDATE ledger.exceptions SET schema_name = $2 WHERE log_id = $1"
        " AND schema_name = $4 AND projection = $3",
        pg::Params()
            .number(live.log_id)
            .text(live.schema)
            .text(live.projection)
            .text(shadow.schema));
}

/// Puts the shadow's tables in the place of the live ones. False: a reader held a lock too long.
bool try_swap(pg::Connection& db, const Site& live, const Site& place, Projector& shadow,
              Feed& feed, bool livemode, std::chrono::milliseconds takes_max) {
    const auto& group = *live.group;
    const auto old_schema = fmt::format("replaced_{}", group.name());
    pg::Transaction transaction(db);
    // Readers wait until the commit is through, so it does not wait for the disk. Dropping the old
    // tables does, and a crash before that leaves the old ones in their place.
    db.run("SET LOCAL synchronous_commit = off");
    // It waits for the shadow, which may have much to catch up with.
    db.run("SET LOCAL idle_in_transaction_session_timeout = '10min'");
    try {
        // From here on the live projector cannot commit; it will find its fence outdated.
        const auto replaced = checkpoints_of(db, live, true);
        const auto before = furthest(replaced);
        catch_up(shadow, feed, before.position, {});
        // Whoever took the shadow over raised its fence: its tables are not what we folded.
        if (furthest(checkpoints_of(db, place, true)).fence != shadow.fence())
            throw LostLease(group.name());
        // Whoever holds the leases goes on, once it has seen that the fence is another; unless
        // these are no longer its tables to fold. All or none: so are leases taken.
        const bool keep = std::ranges::equal(
            replaced, group.members(), [&](const Checkpoint& old, const Projection* member) {
                return old.version == member->version && old.livemode == livemode;
            });
        for (std::size_t i = 0; i < group.members().size(); ++i) {
            const auto& member = *group.members()[i];
            swap_member(
                db, live.place(member), place.place(member),
                {shadow.position(), shadow.digest(i), member.version, livemode, before.fence + 1},
                keep);
        }
        db.run("DROP SCHEMA IF EXISTS " + pg::quoted(old_schema) + " CASCADE");
        db.run("CREATE SCHEMA " + pg::quoted(old_schema));
        exchange_tables(db, live, place, old_schema, takes_max);
        transaction.commit();
    } catch (const pg::Error& error) {
        if (error.sqlstate() != "57014" && error.sqlstate() != "40P01") throw;
        return false;
    }
    // The old tables are out of every reader's way; dropping them may take its time.
    db.run("DROP SCHEMA IF EXISTS " + pg::quoted(old_schema) + " CASCADE");
    return true;
}

/// Brings one shadow close to live and puts it in its place. `folded` are the group's members.
void swap(const LogOptions& log, const Group& group, std::span<Folded> folded, Feed& feed,
          const OnProgress& progress) {
    const Site live{log.log_id, std::string(live_schema), &group};
    const Site place{log.log_id, shadow_schema(group), &group};
    pg::Connection db(log.conninfo);
    pg::Connection shadow_db(log.conninfo);
    std::vector<Checkpoint> written;
    for (const auto* member : group.members())
        written.push_back(read_checkpoint(shadow_db, place.place(*member)).value());
    Projector shadow(shadow_db, place, std::move(written));
    // Live goes on meanwhile, so each round has less to do; when it goes on as fast as we do, the
    // swap itself makes it wait for the rest.
    for (int round = 0; round < catch_up_rounds_max; ++round) {
        const auto target = furthest(checkpoints_of(db, live)).position;
        if (target - shadow.position() < near_enough) break;
        catch_up(shadow, feed, target, progress);
    }
    const auto until = std::chrono::steady_clock::now() + swap_patience;
    for (int tries = 0;
         !try_swap(db, live, place, shadow, feed, log.livemode, swap_takes_max(tries)); ++tries) {
        if (std::chrono::steady_clock::now() >= until)
            throw pg::Error("55P03", fmt::format("the tables of {} are never free for a swap:"
                                                 " a reader holds them",
                                                 group.name()));
        if (progress) progress({"swap", 0, 0});
        std::this_thread::sleep_for(swap_pause(tries));
    }
    for (std::size_t i = 0; i < folded.size(); ++i) {
        folded[i].position = shadow.position();
        folded[i].digest = shadow.digest(i);
        folded[i].set_aside += static_cast<std::int64_t>(shadow.set_aside());
    }
}

/// Side by side: what live appends meanwhile is read and parsed once for all, and none has to catch
/// up with the time that the others took. Throws what the first of them threw, when all are done.
void swap_all(const LogOptions& log, const Groups& groups, std::span<Folded> all,
              const OnProgress& progress) {
    Feed feed({log.conninfo, log.log_id, log.livemode, types_of(groups)});
    std::mutex mutex;
    const OnProgress one_at_a_time = [&](const Progress& now) {
        const std::scoped_lock lock(mutex);
        if (progress) progress(now);
    };
    std::vector<std::future<void>> swaps;
    for (const auto* group : groups) {
        const auto members = all.first(group->members().size());
        all = all.subspan(members.size());
        swaps.push_back(std::async(std::launch::async, [&, group, members] {
            swap(log, *group, members, feed, one_at_a_time);
        }));
    }
    for (auto& done : swaps)
        done.wait();
    for (auto& done : swaps)
        done.get();
}

}  // namespace

RebuildRunning::RebuildRunning(std::string_view projection)
    : std::runtime_error(fmt::format("{} is being rebuilt by another process", projection)) {}

std::vector<Folded> rebuild(const LogOptions& log, std::vector<const Projection*> projections,
                            const OnProgress& progress) {
    std::vector<std::unique_ptr<Guard>> guards;
    pg::Connection db(log.conninfo);
    const auto groups = groups_of(projections);
    for (const auto* group : groups) {
        const Place place{log.log_id, shadow_schema(*group), group->members().front()->name};
        guards.push_back(std::make_unique<Guard>(log, place));
        clear_shadow(db, place);
        db.run("CREATE SCHEMA " + pg::quoted(place.schema));
        db.run(fmt::format("GRANT USAGE ON SCHEMA {} TO daybook_reader", pg::quoted(place.schema)));
    }
    const auto upto = head_position(db, log.log_id);
    auto folds = bulk_fold(log, groups, upto, progress);
    auto written = bulk_write(
        log, upto, std::move(folds), [](const Group& group) { return shadow_schema(group); },
        progress);
    swap_all(log, groups, written, progress);
    return written;
}

}  // namespace daybook::projections
