#include <ledger/sealer.hpp>

#include <ledger/background.hpp>
#include <ledger/log.hpp>
#include <ledger/segments.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace daybook {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto look_every = 5s;
constexpr auto after_failure = 60s;
constexpr std::int64_t positions_at_once = 10'000;
constexpr std::int64_t calm_per_second = 1'000;

class Work {
public:
    Work(std::string conninfo, std::int32_t log_id)
        : conninfo_(std::move(conninfo)), log_id_(log_id) {}

    void run(const std::stop_token& stop) {
        give_way();
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any stopped;
        Clock::duration pause = look_every;
        while (!stopped.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); })) {
            try {
                const auto began = Clock::now();
                // As long as there is more to do, half of the time is for others.
                pause = seal_if_calm() ? Clock::now() - began : look_every;
            } catch (const std::exception& error) {
                spdlog::warn("the log is not being sealed: {}", error.what());
                db_.reset();
                reading_.reset();
                pause = after_failure;
            }
        }
    }

private:
    /// Whether anything was sealed.
    bool seal_if_calm() {
        if (!db_) db_.emplace(conninfo_);
        const auto sealed = calm() ? sealed_upto(*db_, log_id_) : *head_;
        if (*head_ - sealed < segment_events_max) {
            reading_.reset();
            return false;
        }
        if (!reading_) reading_.emplace(conninfo_);
        return seal(*reading_, *db_, log_id_, std::min(*head_, sealed + positions_at_once)) > 0;
    }

    /// Whether little was appended since the last look.
    bool calm() {
        const auto before = std::exchange(head_, head_position(*db_, log_id_));
        const auto since = std::exchange(looked_at_, Clock::now());
        const auto milliseconds =
            std::chrono::duration_cast<std::chrono::milliseconds>(looked_at_ - since).count();
        return before && (*head_ - *before) * 1000 <= calm_per_second * milliseconds;
    }

    const std::string conninfo_;
    const std::int32_t log_id_;
    std::optional<pg::Connection> db_, reading_;  ///< the second one while there is work
    std::optional<std::int64_t> head_;
    Clock::time_point looked_at_;
};

}  // namespace

Sealer::Sealer(std::string conninfo, std::int32_t log_id)
    : thread_([work = std::make_unique<Work>(std::move(conninfo), log_id)](
                  const std::stop_token& stop) { work->run(stop); }) {}

Sealer::~Sealer() = default;

}  // namespace daybook
