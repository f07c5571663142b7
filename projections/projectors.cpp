#include <projections/projectors.hpp>

#include <projections/layout.hpp>
#include <projections/projector.hpp>
#include <projections/rebuild.hpp>

#include <ledger/log.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace daybook::projections {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// A projector under steady load commits this often at most, so that batches fill and four
/// projectors do not commit once for every event; one event by itself is folded at once.
constexpr auto batch_pace = 250ms;
constexpr auto standby_look = 1000ms;
constexpr auto retry_after = 500ms;
constexpr auto poll_every = 1000ms;
constexpr auto notified_pause = 25ms;
constexpr auto renew_every = 1500ms;
/// A projection that is new to a log longer than this is built in bulk, not event by event.
constexpr std::int64_t live_start_max = 20'000;

std::vector<std::string_view> all_types() {
    std::vector<std::string_view> types;
    for (const auto* projection : all_projections())
        types.insert(types.end(), projection->types.begin(), projection->types.end());
    std::ranges::sort(types);
    types.erase(std::ranges::unique(types).begin(), types.end());
    return types;
}

}  // namespace

class Projectors::Impl {
public:
    explicit Impl(ProjectorOptions options)
        : options_(std::move(options)),
          feed_({options_.conninfo, options_.log_id, options_.livemode, all_types()}) {
        for (const auto* projection : all_projections())
            lanes_.push_back(std::make_unique<Lane>(*projection));
        for (auto& lane : lanes_)
            lane->thread = std::thread([this, &lane = *lane] { run(lane); });
        watcher_ = std::thread([this] { watch(); });
        builder_ = std::thread([this] { build(); });
    }

    ~Impl() {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
        }
        stop_.notify_all();
        feed_.interrupt();
        for (auto& lane : lanes_)
            lane->thread.join();
        watcher_.join();
        builder_.join();
    }

    void wake(std::int64_t head) { feed_.advance(head); }

    std::vector<ProjectorStatus> status() const {
        std::vector<ProjectorStatus> all;
        const auto head = feed_.head();
        for (const auto& lane : lanes_) {
            ProjectorStatus now;
            now.name = lane->projection.name;
            now.version = lane->projection.version;
            now.state = lane->state.load();
            now.position = lane->position;
            now.lag = std::max<std::int64_t>(0, head - lane->position);
            now.events = lane->events;
            now.batches = lane->batches;
            now.set_aside = lane->set_aside;
            if (now.state == "live" && now.set_aside > 0) now.state = "degraded";
            all.push_back(std::move(now));
        }
        return all;
    }

private:
    /// One projection on this node. The thread writes, status() reads.
    struct Lane {
        explicit Lane(const Projection& of) : projection(of) {}
        const Projection& projection;
        std::thread thread;
        std::atomic<const char*> state = "standby";
        std::atomic<std::int64_t> position = 0;
        std::atomic<std::uint64_t> events = 0, batches = 0, set_aside = 0;
    };

    /// Sleeps; true when it is time to stop.
    bool stopped_within(Clock::duration limit) {
        std::unique_lock lock(mutex_);
        return stop_.wait_for(lock, limit, [this] { return stopping_; });
    }

    void run(Lane& lane) {
        do {
            try {
                pg::Connection db(options_.conninfo);
                follow(lane, db);
            } catch (const LostLease& lost) {
                spdlog::info("{}", lost.what());
                lane.state = "standby";
            } catch (const std::exception& error) {
                spdlog::warn("projector {} starts over: {}", lane.projection.name, error.what());
                lane.state = "stopped";
            }
        } while (!stopped_within(retry_after));
    }

    void follow(Lane& lane, pg::Connection& db) {
        const auto& projection = lane.projection;
        const Place place{options_.log_id, std::string(live_schema), projection.name};
        for (;;) {
            const auto mine =
                acquire_lease(db, place, options_.node, projection.version, options_.livemode);
            if (mine) {
                Projector projector(db, projection, place, *mine);
                fold_on(lane, projector);
                release_lease(db, place, options_.node);
                return;
            }
            if (const auto theirs = read_checkpoint(db, place)) {
                lane.position = theirs->position;
                lane.state =
                    theirs->version < projection.version || theirs->livemode != options_.livemode
                        ? "rebuilding"
                        : "standby";
            }
            if (stopped_within(standby_look)) return;
        }
    }

    void fold_on(Lane& lane, Projector& projector) {
        lane.state = "live";
        lane.position = projector.checkpoint().position;
        spdlog::info("projector {} goes on from position {}", lane.projection.name,
                     projector.checkpoint().position);
        const auto set_aside_before = lane.set_aside.load();
        const auto events_before = lane.events.load();
        while (!stopped_within(0ms)) {
            const auto started = Clock::now();
            const auto batch = feed_.next(projector.checkpoint().position, started + standby_look);
            if (!batch) continue;
            projector.apply(*batch);
            lane.position = projector.checkpoint().position;
            lane.events = events_before + projector.events();
            lane.set_aside = set_aside_before + projector.set_aside();
            ++lane.batches;
            const bool behind = feed_.head() - lane.position >= live_start_max / 20;
            if (!behind && stopped_within(batch_pace - (Clock::now() - started))) return;
        }
    }

    /// Keeps the leases and looks where the log ends; NOTIFY only makes it look sooner.
    void watch() {
        do {
            try {
                pg::Connection db(options_.conninfo);
                if (options_.listen) db.run("LISTEN daybook_log");
                for (auto renewed = Clock::time_point(); !stopped_within(notified_pause);) {
                    feed_.advance(head_position(db, options_.log_id));
                    if (Clock::now() - renewed > renew_every) {
                        renew_leases(db, options_.log_id, options_.node);
                        renewed = Clock::now();
                    }
                    db.wait_for_notify(poll_every);
                }
                return;
            } catch (const std::exception& error) {
                spdlog::warn("cannot look at the log's head: {}", error.what());
            }
        } while (!stopped_within(retry_after));
    }

    /// Makes what does not exist and rebuilds what an older version made; then it is done.
    void build() {
        do {
            try {
                pg::Connection db(options_.conninfo);
                std::vector<const Projection*> stale;
                for (const auto& lane : lanes_)
                    if (prepare(db, lane->projection)) stale.push_back(&lane->projection);
                if (stale.empty()) return;
                for (const auto* projection : stale)
                    spdlog::info("rebuilding {} for version {}; the old tables serve meanwhile",
                                 projection->name, projection->version);
                rebuild({options_.conninfo, options_.log_id, options_.livemode}, stale);
                return;
            } catch (const RebuildRunning& running) {
                spdlog::info("{}", running.what());
            } catch (const std::exception& error) {
                spdlog::warn("cannot prepare the projections yet: {}", error.what());
            }
        } while (!stopped_within(standby_look));
    }

    /// True when the projection needs a rebuild.
    bool prepare(pg::Connection& db, const Projection& projection) {
        const Place place{options_.log_id, std::string(live_schema), projection.name};
        pg::Transaction transaction(db);
        db.run("SELECT pg_advisory_xact_lock(hashtext('daybook.projections'))");
        const auto found = read_checkpoint(db, place);
        bool stale =
            found &&
            (found->version < projection.version ||
             (found->version == projection.version && found->livemode != options_.livemode));
        if (!found) {
            for (const auto& table : physical_tables(projection)) {
                create_table(db, table, live_schema);
                create_indexes(db, table, live_schema);
            }
            stale = head_position(db, options_.log_id) > live_start_max;
            Checkpoint fresh;
            fresh.version = stale ? 0 : projection.version;
            fresh.livemode = options_.livemode;
            write_checkpoint(db, place, fresh);
        }
        transaction.commit();
        return stale;
    }

    const ProjectorOptions options_;
    Feed feed_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;  // under mutex_
    std::thread watcher_;
    std::thread builder_;
};

Projectors::Projectors(ProjectorOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
Projectors::~Projectors() = default;
void Projectors::wake(std::int64_t head) {
    impl_->wake(head);
}
std::vector<ProjectorStatus> Projectors::status() const {
    return impl_->status();
}

}  // namespace daybook::projections
