// A fold in progress: the rows of one projection in memory, behind a type-erased face.
#pragma once

#include <projections/event.hpp>
#include <projections/pack.hpp>
#include <projections/rows.hpp>
#include <projections/table.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::projections {

/// One entity as it rests in the state table: packed state or a forward; both empty: not there.
struct Resting {
    std::string state;
    std::string forward;
    [[nodiscard]] bool absent() const { return state.empty() && forward.empty(); }
    bool operator==(const Resting&) const = default;
};

/// One thread at a time. Two ways to use it: in memory (rebuild, replay, tests: apply everything,
/// then `drain`), or over a source (live: apply a batch, `missing` rows are loaded and the batch is
/// applied anew, then `each_touched`).
class Fold {
public:
    virtual ~Fold() = default;

    /// Derives the rows of `other` too, a fold over the same states; the first of its tables has
    /// this index.
    virtual void also(const Fold& other, std::size_t first_table) = 0;

    /// Folds one event. Throws when the fold cannot take it; then no row was changed.
    virtual void apply(const Event& event) = 0;

    /// From now on rows that were not loaded are reported by `missing`.
    virtual void over_source() = 0;
    /// Keys that were asked for and not known since the last call.
    virtual std::vector<std::string> take_missing() = 0;
    virtual void load(std::string key, Resting resting) = 0;
    /// Forgets changes since the last `settle`, keeps what was loaded.
    virtual void revert() = 0;
    /// Makes the changes the new baseline; forgets everything when more than `keep_max` are held.
    virtual void settle(std::size_t keep_max) = 0;

    struct Change {
        std::string_view key;
        const Resting& before;
        const Resting& after;
    };
    /// Every entity whose resting form differs from the baseline, in key order.
    virtual void each_touched(const std::function<void(const Change&)>& change) = 0;
    /// The rows of an entity in its resting form; none for a forward or an absent one.
    virtual void derive(std::string_view key, const Resting& resting, RowSink& sink) const = 0;
    /// Hands over every entity and forward in memory with its rows, in key order (an index over
    /// rows that come sorted costs a fraction of the sort), and forgets it.
    virtual void drain(
        const std::function<void(std::string_view key, const Resting&, RowSink&)>& entity) = 0;
};

template <class State>
class FoldOver final : public Fold {
    using Slot = typename Rows<State>::Slot;
    using Apply = void (*)(const Event&, Rows<State>&);
    using Derive = void (*)(std::string_view key, const State&, RowSink&);

public:
    FoldOver(Apply apply, Derive derive) : apply_(apply), derivations_{{derive, 0}} {}

    void also(const Fold& other, std::size_t first_table) override {
        const auto& same = dynamic_cast<const FoldOver&>(other);
        derivations_.emplace_back(same.derivations_.front().first, first_table);
    }

    void apply(const Event& event) override {
        rows_.let_rest(awake_max);
        apply_(event, rows_);
    }

    void over_source() override {
        rows_.on_miss = [this](std::string_view key, Slot& slot) {
            if (const auto found = baseline_.find(key); found != baseline_.end()) {
                wake(found->second, slot);
            } else {
                missing_.emplace_back(key);
            }
        };
    }

    std::vector<std::string> take_missing() override { return std::exchange(missing_, {}); }

    void load(std::string key, Resting resting) override {
        baseline_.insert_or_assign(std::move(key), std::move(resting));
    }

    void revert() override { rows_.clear(); }

    void settle(std::size_t keep_max) override {
        if (baseline_.size() > keep_max) {
            baseline_.clear();
        } else {
            for (auto& [key, slot] : rows_.slots())
                if (slot.touched) baseline_.insert_or_assign(key, rest(slot));
        }
        rows_.clear();
    }

    void each_touched(const std::function<void(const Change&)>& change) override {
        std::vector<std::string_view> keys;
        for (auto& [key, slot] : rows_.slots())
            if (slot.touched) keys.push_back(key);
        std::sort(keys.begin(), keys.end());
        for (const auto key : keys) {
            const auto after = rest(rows_.slots().find(key)->second);
            const auto found = baseline_.find(key);
            static const Resting nothing;
            const auto& before = found == baseline_.end() ? nothing : found->second;
            if (!(before == after)) change({key, before, after});
        }
    }

    void derive(std::string_view key, const Resting& resting, RowSink& sink) const override {
        if (!resting.state.empty()) derive(key, unpacked<State>(resting.state), sink);
    }

    void drain(
        const std::function<void(std::string_view, const Resting&, RowSink&)>& entity) override {
        std::vector<std::pair<std::string_view, Slot*>> slots;
        slots.reserve(rows_.slots().size());
        for (auto& [key, slot] : rows_.slots())
            slots.emplace_back(key, &slot);
        std::sort(slots.begin(), slots.end());  // keys are unique: the pointers never decide
        RowSink sink;
        for (const auto& [key, slot] : slots) {
            const auto resting = rest(std::move(*slot));
            if (resting.absent()) continue;
            sink.clear();
            if (slot->state)
                derive(key, *slot->state, sink);
            else
                derive(key, resting, sink);
            entity(key, resting, sink);
            slot->state.reset();
        }
        rows_.clear();
    }

private:
    using Rest = typename Rows<State>::Rest;

    void derive(std::string_view key, const State& state, RowSink& sink) const {
        for (const auto& [derive, first_table] : derivations_) {
            sink.count_from(first_table);
            derive(key, state, sink);
        }
    }

    static Resting rest(const Slot& slot) {
        if (slot.state) return {packed(*slot.state), {}};
        return rest(Slot{nullptr, slot.text, slot.rest});
    }
    /// Takes the text, not the state.
    static Resting rest(Slot&& slot) {
        if (slot.state) return {packed(*slot.state), {}};
        Resting resting;
        if (slot.rest == Rest::packed) resting.state = std::move(slot.text);
        if (slot.rest == Rest::forward) resting.forward = std::move(slot.text);
        return resting;
    }
    static void wake(const Resting& resting, Slot& slot) {
        slot.rest = !resting.state.empty()     ? Rest::packed
                    : !resting.forward.empty() ? Rest::forward
                                               : Rest::absent;
        slot.text = slot.rest == Rest::packed ? resting.state : resting.forward;
        slot.known = true;
    }

    /// Events of one entity come close together, so a few thousand awake ones serve nearly all.
    static constexpr std::size_t awake_max = 2048;

    const Apply apply_;
    std::vector<std::pair<Derive, std::size_t>> derivations_;  ///< and their first tables
    Rows<State> rows_;
    ByText<Resting> baseline_;
    std::vector<std::string> missing_;
};

}  // namespace daybook::projections
