// Every event ever emitted: appended, numbered, compressed in chunks.
#pragma once

#include <tools/stripe_sim/clock.hpp>
#include <tools/stripe_sim/json.hpp>
#include <tools/stripe_sim/packer.hpp>
#include <tools/stripe_sim/text_map.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace daybook::sim {

/// What is known of an event without unpacking it.
struct EventHead {
    std::string id;
    std::string_view type;     ///< of those kept here, as long-lived as the Events
    std::string_view account;  ///< "" is the platform; likewise
    Seconds created = 0;
    std::int32_t pending_webhooks = 0;  ///< deliveries that nobody has acknowledged yet
};

struct EventQuery {
    std::int64_t limit = 10;
    std::string starting_after;
    std::string ending_before;
    std::optional<Seconds> created_from;  ///< inclusive
    std::optional<Seconds> created_to;    ///< inclusive
    std::vector<std::string> types;       ///< "charge.*" and "*" are allowed; none is all
    std::optional<bool> delivery_success;
};

struct EventPage {
    std::vector<std::size_t> numbers;
    bool has_more = false;
};

/// Whether `type` is `pattern`, or is matched by its trailing "*".
bool event_type_matches(std::string_view pattern, std::string_view type);

class Events {
public:
    /// Called with the number of each event right after it was appended, in the order of addition.
    using Listener = std::function<void(std::size_t number)>;
    void listen(Listener listener) { listeners_.push_back(std::move(listener)); }

    /// From now on an event is gone as soon as there is another one, and is not found by its id:
    /// for who wants what the listeners get, and no more.
    void keep_none() { keeps_ = false; }

    /// From now on what is appended waits, until it is released or dropped.
    void hold() { holds_ = true; }
    void release();
    void drop_held();

    /// `text` is the whole event object in one line, of which `head` tells. Returns its number: 0,
    /// 1, 2, ...
    std::size_t append(const EventHead& head, std::string_view text);
    /// The same for an event as a document, without the listeners hearing of it.
    void restore(std::string_view account, const json::object& event);

    [[nodiscard]] std::size_t count() const { return gone_ + heads_.size(); }
    [[nodiscard]] const EventHead& head(std::size_t number) const { return heads_[number - gone_]; }
    [[nodiscard]] std::optional<std::size_t> find(std::string_view account,
                                                  std::string_view id) const;

    /// The event as it is now, pending_webhooks included.
    [[nodiscard]] json::object get(std::size_t number) const;
    /// Its JSON in one line, with pending_webhooks as it was when it was appended.
    [[nodiscard]] std::string_view text(std::size_t number) const;

    /// Says how many deliveries are outstanding.
    void set_pending(std::size_t number, std::int32_t pending) {
        heads_[number - gone_].pending_webhooks = pending;
    }

    /// Newest first, of one account, none older than `oldest`.
    [[nodiscard]] EventPage page(std::string_view account, const EventQuery& query,
                                 Seconds oldest) const;

private:
    struct Chunk {
        std::string packed;
        std::vector<std::uint32_t> ends;  ///< of each event's text in the unpacked chunk
    };

    std::string_view interned(std::string_view text);
    void drop_all();
    std::size_t add(const EventHead& head, std::string_view text);
    [[nodiscard]] bool fits(const EventHead& head, const EventQuery& query, Seconds oldest) const;
    void close_chunk();

    bool keeps_ = true;
    bool holds_ = false;
    std::vector<std::pair<EventHead, std::string>> held_;
    std::size_t gone_ = 0;  ///< of those that were not to be kept
    std::deque<EventHead> heads_;
    TextMap<std::vector<std::uint32_t>> by_account_;
    std::unordered_map<std::string_view, std::uint32_t> by_id_;
    TextMap<std::string> names_;
    std::vector<Chunk> chunks_;
    std::string open_;  ///< the texts that are not packed yet
    std::vector<std::uint32_t> open_ends_;
    mutable Packer packer_;
    mutable std::size_t unpacked_ = static_cast<std::size_t>(-1);  ///< the chunk in unpacked_text_
    mutable std::string unpacked_text_;
    std::vector<Listener> listeners_;
};

}  // namespace daybook::sim
