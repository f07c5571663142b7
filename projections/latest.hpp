// The newest version of one object, whatever the order its snapshots arrive in.
#pragma once

#include <projections/event.hpp>

#include <boost/describe.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

// What a snapshot type T may say about itself; whatever it leaves out counts as equal:
//   finality()  beats time: a succeeded payment never becomes pending again
//   rank()      decides within one second of event.created, the finest time that Stripe gives
//   tracked()   a tuple or a vector of what previous_attributes are followed for (Latest alone)
//   tie()       decides when neither rank nor previous_attributes do (Latest alone)
namespace daybook::projections {

template <class T>
std::int64_t finality_of(const T& value) {
    if constexpr (requires { value.finality(); }) return value.finality();
    return 0;
}
template <class T>
std::int64_t rank_of(const T& value) {
    if constexpr (requires { value.rank(); }) return value.rank();
    return 0;
}
template <class T>
std::int64_t tie_of(const T& value) {
    if constexpr (requires { value.tie(); }) return value.tie();
    return 0;
}

/// The greatest snapshot by (finality, second, rank, Event::order): one maximum, so order and
/// multiplicity cannot matter. For objects whose states only move forward within a second.
template <class T>
struct Newest {
    std::int64_t at = 0;
    std::string event;  ///< empty: nothing seen yet
    T value;

    [[nodiscard]] bool seen() const { return !event.empty(); }

    void see(std::int64_t when, std::string_view event_id, T snapshot) {
        if (seen() && key(at, event, value) >= key(when, event_id, snapshot)) return;
        at = when;
        event = event_id;
        value = std::move(snapshot);
    }
    void merge(Newest&& other) {
        if (other.seen()) see(other.at, other.event, std::move(other.value));
    }
    bool operator==(const Newest&) const = default;

private:
    static auto key(std::int64_t when, std::string_view event_id, const T& value) {
        return std::tuple(finality_of(value), when, rank_of(value), event_id);
    }
    BOOST_DESCRIBE_CLASS(Newest, (), (at, event, value), (), ())
};

/// The same for objects that go back and forth, where only previous_attributes can tell which of
/// two snapshots of one second came last. Keeps all snapshots of the two greatest (finality,
/// second); the second one back tells where a change that ends where it began must have ended.
///
/// What the API answered to a change is kept apart: when it was so is known to a second or more,
/// and an event tells of the same change later.
template <class T>
struct Latest {
    struct Version {
        std::int64_t at = 0;
        std::string event;
        T value;
        std::optional<T> before;  ///< the value as previous_attributes say it was
        std::int64_t until = 0;   ///< of an answer alone: made between `at` and here

        bool operator==(const Version&) const = default;
        BOOST_DESCRIBE_CLASS(Version, (), (at, event, value, before, until), (), ())
    };
    std::vector<Version> versions;  ///< ascending by (finality, second, event id)
    std::optional<Version> answer;  ///< the last, by when we had it (Event::order)

    [[nodiscard]] bool seen() const { return !versions.empty() || answer.has_value(); }

    void see(std::int64_t at, std::string_view event_id, T value, std::optional<T> before,
             std::int64_t until = 0) {
        see(Version{at, std::string(event_id), std::move(value), std::move(before), until});
    }
    void merge(Latest&& other) {
        for (auto& version : other.versions)
            see(std::move(version));
        if (other.answer) see(std::move(*other.answer));
    }
    bool operator==(const Latest&) const = default;

    /// The winner; null when nothing was seen.
    [[nodiscard]] const Version* newest() const {
        const auto* told = versions.empty() ? nullptr : winner(versions.size());
        if (!answer) return told;
        return !told || answer_counts(*told) ? &*answer : told;
    }

private:
    static constexpr std::size_t versions_a_second_max = 16;

    using Second = std::pair<std::int64_t, std::int64_t>;
    static Second second(const Version& version) {
        return {finality_of(version.value), version.at};
    }
    static auto key(const Version& version) {
        return std::tuple(finality_of(version.value), version.at, std::string_view(version.event));
    }

    void see(Version version) {
        if (version.until > 0) {
            const auto last = [](const Version& v) {
                return std::pair(finality_of(v.value), std::string_view(v.event));
            };
            if (!answer || last(*answer) < last(version)) answer = std::move(version);
            return;
        }
        const auto place = std::ranges::lower_bound(versions, key(version), {}, key);
        if (place != versions.end() && key(*place) == key(version)) return;
        const auto group = second(version);
        versions.insert(place, std::move(version));
        // What changes oftener than this within one second is beyond telling, and the greatest of a
        // set are the same in whatever order it came.
        const auto same = std::ranges::equal_range(versions, group, {}, second);
        if (same.size() > versions_a_second_max) versions.erase(same.begin());
        const auto top = group_begin(versions.size());
        if (top > 0) versions.erase(versions.begin(), versions.begin() + group_begin(top));
    }

    /// Whether the answer is newer than what events tell. Where the seconds do not say, it is,
    /// unless an event tells of the same change, or of one that follows it.
    [[nodiscard]] bool answer_counts(const Version& told) const {
        const auto place = [](const Version& v) { return finality_of(v.value); };
        if (place(*answer) != place(told)) return place(*answer) > place(told);
        if (answer->until < told.at) return false;
        if (answer->at > told.at) return true;
        if (rank_of(answer->value) != rank_of(told.value))
            return rank_of(answer->value) > rank_of(told.value);
        const auto same = [this](const Version& v) {
            return v.before && v.at >= answer->at && v.value.tracked() == answer->value.tracked();
        };
        return std::ranges::none_of(versions, same) && !follows(told, *answer);
    }

    /// Where the group of equal seconds that ends before `end` begins.
    [[nodiscard]] std::ptrdiff_t group_begin(std::ptrdiff_t end) const {
        auto begin = end - 1;
        while (begin > 0 && second(at(begin - 1)) == second(at(end - 1)))
            --begin;
        return begin;
    }
    [[nodiscard]] std::ptrdiff_t group_begin(std::size_t end) const {
        return group_begin(static_cast<std::ptrdiff_t>(end));
    }
    [[nodiscard]] const Version& at(std::ptrdiff_t index) const {
        return versions[static_cast<std::size_t>(index)];
    }

    /// Whether `later` says by its previous_attributes that it changed something of `earlier`.
    static bool follows(const Version& later, const Version& earlier) {
        if (!later.before) return false;
        const auto& now = later.value.tracked();
        const auto& before = later.before->tracked();
        const auto& then = earlier.value.tracked();
        if (now == before) return false;
        const auto fits = [](const auto& is, const auto& was, const auto& there) {
            return is == was || was == there;
        };
        if constexpr (requires { now.begin(); }) {
            for (std::size_t i = 0; i < now.size(); ++i)
                if (!fits(now[i], before[i], then[i])) return false;
            return true;
        } else {
            return [&]<std::size_t... I>(std::index_sequence<I...>) {
                return (fits(std::get<I>(now), std::get<I>(before), std::get<I>(then)) && ...);
            }(std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<decltype(now)>>>());
        }
    }

    using Candidates = std::vector<const Version*>;

    /// Narrows down to those that `fit`, unless none does.
    template <class Fits>
    static bool narrow(Candidates& candidates, const Fits& fit) {
        Candidates fitting;
        for (const auto* candidate : candidates)
            if (fit(*candidate)) fitting.push_back(candidate);
        if (fitting.empty()) return false;
        candidates = std::move(fitting);
        return true;
    }

    /// How much oftener a walk arrives at each value than it leaves it.
    class Surplus {
    public:
        void add(const T& value, int change) {
            const auto same = [&](const auto& one) {
                return one.first->tracked() == value.tracked();
            };
            const auto found = std::ranges::find_if(counts_, same);
            if (found == counts_.end())
                counts_.emplace_back(&value, change);
            else
                found->second += change;
        }
        /// Where the walk ends, if all its changes hang together; else null.
        [[nodiscard]] const T* end(bool start_known) const {
            const T* end = nullptr;
            int starts = start_known ? 1 : 0;
            for (const auto& [value, count] : counts_) {
                if (count == 0) continue;
                if (count == 1 && !end)
                    end = value;
                else if (count != -1 || ++starts > 1)
                    return nullptr;
            }
            return starts == 1 ? end : nullptr;
        }

    private:
        std::vector<std::pair<const T*, int>> counts_;
    };

    /// The value that the changes of a second lead to, one after the other, from where it started:
    /// its creation, the end of the second before, or else a snapshot that tells of no change. Null
    /// when some of them are not known.
    static const T* walk_end(const Candidates& all, const Version* earlier) {
        Surplus surplus;
        bool changes = false;
        bool created = false;
        const auto* start = earlier;
        for (const auto* version : all) {
            const bool creation = version->event.starts_with(order_of_creation);
            // What the API answered to a creation may have gone a part of the way already.
            created |= creation;
            if (creation || (!version->before && !earlier && !created)) start = version;
            if (!version->before) continue;
            changes = true;
            surplus.add(version->value, 1);
            surplus.add(*version->before, -1);
        }
        if (!changes) return nullptr;
        if (start) {
            auto from = surplus;
            from.add(start->value, 1);
            if (const auto* end = from.end(true)) return end;
        }
        return surplus.end(false);
    }

    /// The winner of the group that ends before `end`.
    [[nodiscard]] const Version* winner(std::size_t end) const {
        const auto begin = group_begin(end);
        Candidates all;
        for (auto index = begin; index < static_cast<std::ptrdiff_t>(end); ++index)
            all.push_back(&at(index));
        if (all.size() == 1) return all.front();

        std::int64_t rank = 0;
        for (const auto* version : all)
            rank = std::max(rank, rank_of(version->value));
        auto left = all;
        narrow(left, [&](const Version& v) { return rank_of(v.value) == rank; });
        const auto* earlier = begin > 0 ? winner(static_cast<std::size_t>(begin)) : nullptr;
        const auto is = [](const T& value) {
            return [&](const Version& v) { return v.value.tracked() == value.tracked(); };
        };
        if (const auto* end_value = walk_end(all, earlier)) {
            narrow(left, is(*end_value));
        } else {
            const auto unfollowed = [&](const Version& v) {
                return std::ranges::none_of(all,
                                            [&](const auto* other) { return follows(*other, v); });
            };
            if (!narrow(left, unfollowed) && earlier) narrow(left, is(earlier->value));
        }
        return *std::ranges::max_element(left, {}, [](const auto* v) {
            return std::tuple(tie_of(v->value), v->before.has_value(), std::string_view(v->event));
        });
    }

    BOOST_DESCRIBE_CLASS(Latest, (), (versions, answer), (), ())
};

}  // namespace daybook::projections
