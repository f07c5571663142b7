#include <projections/projectors.hpp>

#include <projections/layout.hpp>
#include <projections/prepare.hpp>
#include <projections/projector.hpp>
#include <projections/rebuild.hpp>
#include <projections/turns.hpp>
#include <projections/waiters.hpp>

#include <ledger/log.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <thread>

namespace daybook::projections {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// A projector under steady load commits this often at most, so that batches fill and a
/// dozen projectors do not commit once for every event; one event by itself is folded at once.
constexpr auto batch_pace = 250ms;
constexpr auto standby_look = 1000ms;
/// The same while somebody waits for what another node folds.
constexpr auto standby_hurry = 20ms;
/// A checkpoint that no row depends on is written when the log pauses for so long, or this often.
constexpr auto flush_pause = 50ms;
constexpr auto flush_every = 1000ms;
constexpr auto retry_after = 500ms;
constexpr auto poll_every = 1000ms;
constexpr auto notified_pause = 25ms;
constexpr auto renew_every = 1500ms;
/// Who is so many events behind does not pause between batches.
constexpr std::int64_t behind_from = 1000;

struct Stopping {};  ///< thrown where a rebuild tells how far it is

}  // namespace

class Projectors::Impl {
public:
    explicit Impl(ProjectorOptions options)
        : options_(std::move(options)),
          feed_({options_.conninfo, options_.log_id, options_.livemode, types_of(all_groups())}) {
        for (const auto* group : all_groups())
            lanes_.push_back(std::make_unique<Lane>(*group));
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
        for (auto& lane : lanes_)
            lane->hurry.notify_all();
        feed_.interrupt();
        for (auto& lane : lanes_)
            lane->thread.join();
        watcher_.join();
        builder_.join();
    }

    void wake(std::int64_t head) {
        feed_.advance(head);
        if (waiting_ == 0) return;
        const std::scoped_lock lock(mutex_);
        for (auto& lane : lanes_)
            if (!lane->waiters.empty()) lane->hurry.notify_one();
    }

    std::int64_t position(std::string_view projection) const {
        const auto* lane = find(projection);
        return lane ? lane->position.load() : 0;
    }

    void when_at(std::string_view projection, std::int64_t position, Clock::time_point deadline,
                 std::function<void()> done) {
        auto* lane = find(projection);
        if (!lane) return;
        {
            const std::scoped_lock lock(mutex_);
            // Counted before the look at the position, which moves without this lock.
            if (lane->waiters.empty()) ++waiting_;
            if (lane->position < position) {
                lane->waiters.add(position, deadline, std::move(done));
                lane->hurry.notify_one();
                return;
            }
            if (lane->waiters.empty()) --waiting_;
        }
        done();
    }

    std::vector<ProjectorStatus> status() const {
        std::vector<ProjectorStatus> all;
        const auto head = feed_.head();
        for (const auto& lane : lanes_) {
            ProjectorStatus now;
            now.state = lane->state.load();
            now.position = lane->position;
            now.lag = std::max<std::int64_t>(0, head - lane->position);
            now.events = lane->events;
            now.batches = lane->batches;
            now.set_aside = lane->set_aside;
            if (now.state == "live" && now.set_aside > 0) now.state = "degraded";
            for (const auto* member : lane->group.members()) {
                now.name = member->name;
                now.version = member->version;
                all.push_back(now);
            }
        }
        return all;
    }

private:
    /// One group on this node. The thread writes, status() reads.
    struct Lane {
        explicit Lane(const Group& of) : group(of) {}
        const Group& group;
        std::thread thread;
        std::atomic<const char*> state = "standby";
        std::atomic<std::int64_t> position = 0;
        std::atomic<std::uint64_t> events = 0, batches = 0, set_aside = 0;
        std::atomic<std::int64_t> fence = 0;  ///< as the watcher saw it last
        std::atomic<bool> outdated = false;   ///< what it knows may be of before a failover
        std::condition_variable hurry;
        Waiters waiters;  // under mutex_
    };

    [[nodiscard]] Lane* find(std::string_view projection) const {
        for (const auto& lane : lanes_)
            for (const auto* member : lane->group.members())
                if (member->name == projection) return lane.get();
        return nullptr;
    }

    /// Sleeps; true when it is time to stop.
    bool stopped_within(Clock::duration limit) {
        std::unique_lock lock(mutex_);
        return stop_.wait_for(lock, limit, [this] { return stopping_; });
    }

    /// The same, but not while somebody waits for what this projection could fold at once.
    bool stopped_within(Lane& lane, Clock::duration limit) {
        std::unique_lock lock(mutex_);
        lane.hurry.wait_for(lock, limit, [&] {
            return stopping_ || lane.waiters.want_more(lane.position, feed_.head());
        });
        return stopping_;
    }

    /// The same where another node folds: it can only look more often.
    bool stopped_while_standing_by(Lane& lane) {
        std::unique_lock lock(mutex_);
        if (lane.waiters.empty())
            lane.hurry.wait_for(lock, standby_look,
                                [&] { return stopping_ || !lane.waiters.empty(); });
        else
            lane.hurry.wait_for(lock, standby_hurry, [&] { return stopping_; });
        return stopping_;
    }

    void moved(Lane& lane, std::int64_t position) {
        lane.position = position;
        if (waiting_ == 0) return;
        std::vector<Waiters::Done> reached;
        {
            const std::scoped_lock lock(mutex_);
            if (lane.waiters.empty()) return;
            reached = lane.waiters.reached(position);
            if (lane.waiters.empty()) --waiting_;
        }
        for (const auto& done : reached)
            done();
    }

    void run(Lane& lane) {
        for (auto pause = Clock::duration::zero(); !stopped_within(pause);) {
            pause = retry_after;
            try {
                pg::Connection db(options_.conninfo);
                follow(lane, db);
            } catch (const LostLease& lost) {
                spdlog::info("{}", lost.what());
                lane.state = "standby";
                pause = Clock::duration::zero();  // it may well be free again
            } catch (const std::exception& error) {
                spdlog::warn("projector {} starts over: {}", lane.group.name(), error.what());
                lane.state = "stopped";
            }
        }
    }

    void follow(Lane& lane, pg::Connection& db) {
        const Site site{options_.log_id, std::string(live_schema), &lane.group};
        for (;;) {
            if (auto ours = acquire_leases(db, site, options_.node, options_.livemode)) {
                feed_.forget();
                Projector projector(db, site, *std::move(ours));
                fold_on(lane, projector);
                release_leases(db, site, options_.node);
                return;
            }
            look(lane, db, site);
            if (stopped_while_standing_by(lane)) return;
        }
    }

    /// Where the tables stand that others fold.
    void look(Lane& lane, pg::Connection& db, const Site& site) {
        const char* state = "standby";
        auto position = std::numeric_limits<std::int64_t>::max();
        for (const auto* member : lane.group.members()) {
            const auto theirs = read_checkpoint(db, site.place(*member));
            if (!theirs) return;
            position = std::min(position, theirs->position);
            if (theirs->version < member->version || theirs->livemode != options_.livemode)
                state = "rebuilding";
        }
        moved(lane, position);
        lane.state = state;
    }

    void fold_on(Lane& lane, Projector& projector) {
        lane.state = "live";
        moved(lane, projector.position());
        spdlog::info("projector {} goes on from position {}", lane.group.name(),
                     projector.position());
        const auto set_aside_before = lane.set_aside.load();
        const auto events_before = lane.events.load();
        auto flushed = Clock::now();
        for (bool stopped = stopped_within(0ms); !stopped;) {
            const auto started = Clock::now();
            const auto patience = projector.flushed() ? standby_look : flush_pause;
            const auto batches = feed_.next(projector.position(), started + patience);
            if (!batches.empty()) {
                const Turn turn(turns_, batch_pace);
                projector.apply(batches);
            } else if (lane.fence > projector.fence() || lane.outdated.exchange(false)) {
                throw LostLease(lane.group.name());  // what a commit would have told us
            }
            moved(lane, projector.position());
            if (batches.empty() || Clock::now() - flushed > flush_every) projector.flush();
            if (projector.flushed()) flushed = Clock::now();
            lane.events = events_before + projector.events();
            lane.set_aside = set_aside_before + projector.set_aside();
            if (!batches.empty()) ++lane.batches;
            const bool behind = feed_.head() - lane.position >= behind_from;
            const auto took = Clock::now() - started;
            stopped = stopped_within(lane, behind || batches.empty() ? 0ms : batch_pace - took);
        }
        projector.flush();
    }

    /// Keeps the leases and looks where the log ends; NOTIFY only makes it look sooner.
    void watch() {
        do {
            try {
                pg::Connection db(options_.conninfo);
                if (options_.listen) db.run("LISTEN daybook_log");
                for (auto renewed = Clock::time_point(); !stopped_within(notified_pause);) {
                    look_at_head(db);
                    if (Clock::now() - renewed > renew_every) {
                        renew_leases(db, options_.log_id, options_.node);
                        const auto now = fences(db, options_.log_id, live_schema);
                        for (auto& lane : lanes_)
                            if (const auto found = now.find(lane->group.members().front()->name);
                                found != now.end())
                                lane->fence = found->second;
                        renewed = Clock::now();
                    }
                    db.wait_for_notify(poll_every);
                }
                return;
            } catch (const std::exception& error) {
                spdlog::warn("cannot look at the log's head: {}", error.what());
                for (auto& lane : lanes_)
                    lane->outdated = true;
            }
        } while (!stopped_within(retry_after));
    }

    void look_at_head(pg::Connection& db) {
        std::vector<std::int64_t> reached;
        for (const auto& lane : lanes_)
            reached.push_back(lane->position);
        const auto head = head_position(db, options_.log_id);
        for (std::size_t i = 0; i < lanes_.size(); ++i)
            if (reached[i] > head) lanes_[i]->outdated = true;
        feed_.advance(head);
    }

    /// Makes what does not exist and rebuilds what an older version made; then it is done.
    void build() {
        do {
            try {
                pg::Connection db(options_.conninfo);
                const auto stale = prepare_tables(db, options_);
                if (stale.empty()) return;
                for (const auto* projection : stale)
                    spdlog::info("rebuilding {} for version {}; the old tables serve meanwhile",
                                 projection->name, projection->version);
                rebuild({options_.conninfo, options_.log_id, options_.livemode}, stale,
                        [this](const Progress&) {
                            if (stopped_within(0ms)) throw Stopping();
                        });
                return;
            } catch (const Stopping&) {
                spdlog::info("a rebuild was given up; it begins anew at the next start");
                return;
            } catch (const RebuildRunning& running) {
                spdlog::info("{}", running.what());
            } catch (const std::exception& error) {
                spdlog::warn("cannot prepare the projections yet: {}", error.what());
            }
        } while (!stopped_within(standby_look));
    }

    const ProjectorOptions options_;
    Feed feed_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;         // under mutex_
    std::atomic<int> waiting_ = 0;  ///< how many lanes have waiters
    /// One folds at a time: a dozen at once would keep whoever waits for an answer from the cores.
    /// But none waits long for one that hangs.
    Turns turns_{1};
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
std::int64_t Projectors::position(std::string_view projection) const {
    return impl_->position(projection);
}
void Projectors::when_at(std::string_view projection, std::int64_t position,
                         std::chrono::steady_clock::time_point deadline,
                         std::function<void()> done) {
    impl_->when_at(projection, position, deadline, std::move(done));
}

}  // namespace daybook::projections
