#include <projections/bulk.hpp>

#include <projections/feed.hpp>
#include <projections/layout.hpp>
#include <projections/projector.hpp>
#include <projections/stripe/codec.hpp>
#include <projections/ticker.hpp>
#include <projections/worker.hpp>

#include <ledger/background.hpp>
#include <ledger/log.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <future>

namespace daybook::projections {
namespace {

constexpr std::size_t queue_batches_max = 8;
constexpr std::size_t batch_events = 512;
/// What one connection reads before it looks for more; no snapshot stays open for longer.
constexpr std::int64_t slice_positions = 20'000;

using SharedBatch = std::shared_ptr<const Batch>;

void fold_batch(BulkFold& bulk, const Batch& batch) {
    for (const auto& event : batch.events) {
        if (!bulk.group->handles(event.type)) continue;
        const auto set_aside = [&](std::string error) {
            bulk.set_aside.emplace(event.position,
                                   BulkFold::SetAside{std::string(event.id), std::move(error)});
        };
        if (!event.error.empty()) {
            set_aside(std::string(event.error));
            continue;
        }
        try {
            bulk.fold->apply(event);
        } catch (const std::exception& error) {
            set_aside(error.what());
        }
    }
}

using Folder = Worker<SharedBatch>;

/// Reads and parses slices of the log and hands them out to the folders, until none is left.
/// Thread-safe: several threads run it, each over a connection of its own.
class Scan {
public:
    Scan(const LogOptions& log, std::int64_t upto, std::vector<std::string_view> types,
         std::vector<std::unique_ptr<Folder>>& folders, const OnProgress& progress)
        : log_(log),
          upto_(upto),
          types_(std::move(types)),
          folders_(folders),
          ticker_(progress, "fold", upto) {}

    void run() {
        try {
            pg::Connection db(log_.conninfo, std::chrono::seconds(0));
            for (auto after = next_.fetch_add(slice_positions); after < upto_;
                 after = next_.fetch_add(slice_positions))
                read(db, after, std::min(upto_, after + slice_positions));
        } catch (...) {
            next_ = upto_;  // nobody need go on
            throw;
        }
    }

private:
    void read(pg::Connection& db, std::int64_t after, std::int64_t upto) {
        std::shared_ptr<Batch> batch;
        const auto hand_out = [&] {
            for (auto& folder : folders_)
                folder->push(batch);
            batch.reset();
        };
        // Parsing where the bytes come in, while they are hot, beats a thread more for it.
        thread_local stripe::Codec codec;
        scan(db, log_.log_id, {after, upto, log_.livemode, types_}, [&](const LogRow& row) {
            if (!batch) {
                batch = std::make_shared<Batch>();
                batch->events.reserve(batch_events);
            }
            codec.read(row, batch->arena, batch->events);
            if (batch->events.size() >= batch_events) hand_out();
        });
        if (batch) hand_out();
        ticker_.add(upto - after);
    }

    const LogOptions& log_;
    const std::int64_t upto_;
    const std::vector<std::string_view> types_;
    std::vector<std::unique_ptr<Folder>>& folders_;
    Ticker ticker_;
    std::atomic<std::int64_t> next_ = 0;
};

std::vector<BulkFold> fold_all(const LogOptions& log, const Groups& groups, std::int64_t upto,
                               const OnProgress& progress) {
    std::vector<BulkFold> folds;
    for (const auto* group : groups)
        folds.push_back({group, group->fold(), {}});

    std::vector<std::unique_ptr<Folder>> folders;
    for (auto& fold : folds)
        folders.push_back(std::make_unique<Folder>(
            queue_batches_max, [&fold](const SharedBatch& batch) { fold_batch(fold, *batch); }));

    Scan scan(log, upto, types_of(groups), folders, progress);
    auto other = std::async(std::launch::async, [&] { scan.run(); });
    scan.run();
    other.get();
    for (auto& folder : folders)
        folder->finish();
    return folds;
}

}  // namespace

std::vector<BulkFold> bulk_fold(const LogOptions& log, const Groups& groups, std::int64_t upto,
                                const OnProgress& progress) {
    return in_background([&] { return fold_all(log, groups, upto, progress); });
}

std::vector<Folded> nothing_folded(const BulkFold& bulk, std::int64_t position) {
    std::vector<Folded> members;
    for (const auto* member : bulk.group->members())
        members.push_back(
            {member, position, {}, 0, static_cast<std::int64_t>(bulk.set_aside.size())});
    return members;
}

void count_rows(const Group& group, const RowSink& rows, std::vector<Folded>& members) {
    for (const auto& [index, row] : rows.entries()) {
        const auto& table = group.tables()[index];
        auto& member = members[group.member_of(index)];
        member.digest.add(table.name, business_fields(table, row.bytes()));
        ++member.rows;
    }
}

std::vector<Folded> bulk_digests(BulkFold bulk, std::int64_t position) {
    auto members = nothing_folded(bulk, position);
    bulk.fold->drain([&](std::string_view, const Resting&, const RowSink& rows) {
        count_rows(*bulk.group, rows, members);
    });
    return members;
}

}  // namespace daybook::projections
