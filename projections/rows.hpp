// The keyed rows a fold works on. It neither knows nor cares where they live.
#pragma once

#include <projections/pack.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::projections {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};

template <class Value>
using ByText = boost::unordered_flat_map<std::string, Value, TextHash, std::equal_to<>>;

/// The states of a projection's entities by key, and forwards from other names to those keys.
/// One thread at a time.
///
/// A fold reads and writes through `at` and `home` alone. When a row is not in memory the source
/// (live: the database) is asked through `on_miss`; the runtime then loads what was missing and
/// folds the batch anew, so a fold must not have effects other than on its rows.
template <class State>
class Rows {
public:
    enum class Rest : char { absent, packed, forward };
    struct Slot {
        std::unique_ptr<State> state;  ///< awake: what `at` hands out
        std::string text;              ///< asleep: the packed state; or the key it forwards to
        Rest rest = Rest::absent;      ///< what `text` is
        bool known = false;            ///< false: only a placeholder for a row not loaded yet
        bool touched = false;
    };

    /// The state of this key, made blank when it does not exist. Valid until it is taken out,
    /// forwarded or let rest.
    State& at(std::string_view key) {
        Slot& slot = touch(key);
        if (!slot.state) {
            slot.state = std::make_unique<State>();
            awake_.emplace_back(key);
        }
        slot.rest = Rest::absent;
        slot.text.clear();
        return *slot.state;
    }

    /// The key that this name leads to: itself unless it was forwarded. Valid until the next call.
    std::string_view home(std::string_view name) {
        const Slot& found = slot(name);
        return found.rest == Rest::forward ? std::string_view(found.text) : name;
    }

    /// From now on `name` means `key`. The entity under `name`, if any, is gone.
    void forward(std::string_view name, std::string_view key) {
        Slot& slot = touch(name);
        slot.state.reset();
        slot.rest = Rest::forward;
        slot.text = key;
    }

    /// Takes the entity out and leaves nothing under its key.
    std::unique_ptr<State> take(std::string_view key) {
        Slot& slot = touch(key);
        if (slot.rest == Rest::forward) return nullptr;
        return std::move(slot.state);
    }

    /// Packs the states that were not asked for lately, so that very many fit into memory. Between
    /// events only: references that `at` gave are gone.
    void let_rest(std::size_t awake_max) {
        while (awake_.size() > awake_max) {
            const auto found = slots_.find(awake_.front());
            awake_.pop_front();
            if (found == slots_.end() || !found->second.state) continue;
            found->second.text = packed(*found->second.state);
            found->second.rest = Rest::packed;
            found->second.state.reset();
        }
    }

    // --- for the runtime -------------------------------------------------------------------------
    std::function<void(std::string_view key, Slot& slot)> on_miss;  ///< unset: memory is all
    ByText<Slot>& slots() { return slots_; }
    void clear() {
        slots_.clear();
        awake_.clear();
    }

private:
    Slot& slot(std::string_view key) {
        auto found = slots_.find(key);
        if (found == slots_.end()) found = slots_.emplace(std::string(key), Slot{}).first;
        Slot& slot = found->second;
        if (!slot.known) {
            if (on_miss)
                on_miss(key, slot);
            else
                slot.known = true;
        }
        if (slot.rest == Rest::packed) {
            slot.state = std::make_unique<State>(unpacked<State>(slot.text));
            slot.text.clear();
            slot.rest = Rest::absent;
            awake_.emplace_back(key);
        }
        return slot;
    }
    Slot& touch(std::string_view key) {
        Slot& found = slot(key);
        found.touched = true;
        return found;
    }

    ByText<Slot> slots_;
    std::deque<std::string> awake_;  ///< keys in the order they woke up
};

}  // namespace daybook::projections
