#include <projections/projector.hpp>

#include <projections/changes.hpp>
#include <projections/layout.hpp>

#include <ledger/pg/binary.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace daybook::projections {
namespace {
/// Resting entities kept in memory between batches: events of one purchase come close together.
constexpr std::size_t kept_entities_max = 4'000;
}  // namespace

Projector::Projector(pg::Connection& db, Site site, std::vector<Checkpoint> checkpoints)
    : db_(db),
      site_(std::move(site)),
      group_(*site_.group),
      checkpoints_(std::move(checkpoints)),
      position_(checkpoints_.front().position),
      fold_(group_.fold()) {
    fold_->over_source();
}

void Projector::apply(const Batches& batches) {
    if (batches.empty() || batches.back()->upto <= position_) return;
    Events events;
    std::uint64_t passed = 0;
    for (const auto& batch : batches) {
        for (const auto& event : batch->events) {
            if (event.position <= position_) continue;
            if (event.type != action_object) ++passed;
            if (group_.handles(event.type)) events.push_back(&event);
        }
    }
    position_ = batches.back()->upto;
    if (!events.empty()) {
        const auto poisoned = fold(events);
        commit(events, poisoned);
        fold_->settle(kept_entities_max);
    }
    events_ += passed;
}

void Projector::flush() {
    if (!flushed()) commit({}, {});
}

/// Folds until every row that the batch touches is in memory. A pure fold may be run again.
Projector::Poisoned Projector::fold(const Events& events) {
    Poisoned poisoned;
    while (!fold_once(events, poisoned))
        fold_->revert();
    return poisoned;
}

bool Projector::fold_once(const Events& events, Poisoned& poisoned) {
    for (const auto* event : events) {
        if (poisoned.contains(event->position)) continue;
        try {
            if (!event->error.empty()) throw std::runtime_error(std::string(event->error));
            fold_->apply(*event);
        } catch (const std::exception& error) {
            // With rows missing the fold saw blanks, so its word counts only once they are there.
            if (auto missing = fold_->take_missing(); !missing.empty())
                load(std::move(missing));
            else
                poisoned.emplace(event->position, error.what());
            return false;
        }
    }
    auto missing = fold_->take_missing();
    if (missing.empty()) return true;
    load(std::move(missing));
    return false;
}

void Projector::load(std::vector<std::string> keys) {
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
    pg::ArrayBuilder array(pg::oid::text);
    for (const auto& key : keys)
        array.element(key);
    pg::Params params;
    params.number(site_.log_id).binary(array.take_bytes(), pg::oid::text_array);
    const auto found = db_.run(select_states_sql(group_, site_.schema), params, true);
    for (auto& key : keys)
        fold_->load(std::move(key), {});
    for (int row = 0; row < found.rows(); ++row)
        fold_->load(std::string(found.text(row, 0)),
                    {std::string(found.text(row, 2)), std::string(found.text(row, 1))});
}

int Projector::send_set_aside(const Events& events, const Poisoned& poisoned) {
    for (const auto& [position, error] : poisoned) {
        const auto* event = *std::ranges::find(events, position, &Event::position);
        spdlog::error("{}: event {} at position {} is set aside: {}", group_.name(), event->id,
                      position, error);
        for (const auto* member : group_.members())
            db_.send(
                "INSERT INTO ledger.exceptions (log_id, schema_name, projection, position,"
                " event_id, error) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT"
                " (log_id, schema_name, projection, position) DO NOTHING",
                pg::Params()
                    .number(site_.log_id)
                    .text(site_.schema)
                    .text(member->name)
                    .number(position)
                    .text(event->id)
                    .text(error));
    }
    return static_cast<int>(poisoned.size() * group_.members().size());
}

void Projector::commit(const Events& events, const Poisoned& poisoned) {
    Changes changes(group_);
    changes.collect(*fold_);
    auto next = checkpoints_;
    for (std::size_t member = 0; member < next.size(); ++member) {
        next[member].position = position_;
        next[member].digest = changes.applied_to(checkpoints_[member].digest, member);
    }

    db_.enter_pipeline();
    db_.send("BEGIN", {});
    db_.send("SET LOCAL synchronous_commit = off", {});
    // First of all, because it locks: whoever swaps or takes over waits for us, or we for them.
    for (std::size_t member = 0; member < next.size(); ++member)
        send_checkpoint(db_, site_.place(*group_.members()[member]), checkpoints_[member],
                        next[member]);
    int answers = send_set_aside(events, poisoned);
    answers += changes.send(db_, site_.schema, site_.log_id);
    db_.flush();
    db_.next();
    db_.next();
    bool ours = true;
    for (std::size_t member = 0; member < next.size(); ++member)
        ours = db_.next().affected() == 1 && ours;
    for (; answers > 0; --answers)
        db_.next();
    db_.send(ours ? "COMMIT" : "ROLLBACK", {});
    db_.sync();
    db_.next();
    db_.synced();
    db_.leave_pipeline();
    if (!ours) throw LostLease(group_.name());

    set_aside_total_ += poisoned.size();
    checkpoints_ = std::move(next);
}

}  // namespace daybook::projections
