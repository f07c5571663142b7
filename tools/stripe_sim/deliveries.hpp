// Webhooks without their sockets: which event goes where, in which order, signed how, how often.
#pragma once

#include <tools/stripe_sim/clock.hpp>
#include <tools/stripe_sim/json.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

class World;

struct SigningSecret {
    std::string secret;                  ///< whsec_...
    std::optional<Seconds> valid_until;  ///< none: until it is replaced
};

/// Where events are sent: what a webhook endpoint and an event destination have in common.
struct Target {
    std::string id;     ///< we_... or ed_...
    std::string owner;  ///< the account that made it; "" is the platform
    std::string url;
    std::vector<std::string> types;  ///< patterns
    bool own = true;                 ///< takes events of its owner
    bool connect = false;            ///< takes events of connected accounts
    bool thin = false;               ///< v2 events that name the object instead of showing it
    bool enabled = true;
    bool configured = false;  ///< came from the command line or the service, not from a request
    std::string api_version;  ///< "" is the simulator's own
    std::vector<SigningSecret> secrets;  ///< the newest first; each signs
};

/// One event on its way to one target.
struct Delivery {
    std::uint32_t event = 0;
    std::uint8_t tries = 0;    ///< that failed
    bool copy = false;         ///< a duplicate: nobody waits for its answer
    bool forged = false;       ///< its first try carries a wrong signature
    bool bare = false;         ///< without balance transactions
    std::uint8_t version = 0;  ///< a faulty rendering: its place in known_versions(), 0 is none
    Seconds first = 0;         ///< virtual time of its first try
};

/// A request to a receiver, complete but for its Host.
struct Outgoing {
    std::string url;
    std::string signature;  ///< the value of Stripe-Signature
    std::string body;
};

/// Holds numbers of events, not events, so that a million of them may wait.
///
/// A try counts when it is answered with 2xx. After a failure the next one follows by and by, in
/// virtual time, over three days. What a disabled target has in its queue waits for it to be
/// enabled again, as long as those three days are not over.
class Deliveries {
public:
    explicit Deliveries(World& world) : world_(world) {}

    // --- targets --------------------------------------------------------------------------------
    /// Adds it, or changes the one of the same id.
    void put(Target target);
    void erase(std::string_view id);
    [[nodiscard]] const Target* find(std::string_view id) const;
    /// In the order of their ids.
    [[nodiscard]] std::vector<const Target*> targets() const;
    /// A new secret; the old ones keep signing beside it for `overlap` seconds.
    void rotate(std::string_view id, std::string secret, Seconds overlap);

    // --- events ---------------------------------------------------------------------------------
    /// Hears of every event, by its number.
    void note(std::size_t number);
    /// Sends one event again to one target, whether or not it would take it.
    void resend(std::string_view id, std::size_t number);
    /// Sends it again to every target that takes it.
    void resend(std::size_t number);
    /// Whose time came goes back to those that are ready.
    void retry(std::string_view id);
    /// Lets go what was held back to be reordered.
    void release();
    [[nodiscard]] bool holds() const;

    // --- for who sends --------------------------------------------------------------------------
    /// Called with a target's id whenever something of it becomes ready.
    void on_ready(std::function<void(const std::string&)> callback);
    /// The next one to send, if any; it is under way until finish().
    std::optional<Delivery> take(std::string_view id);
    [[nodiscard]] Outgoing outgoing(const Target& target, const Delivery& delivery) const;
    void finish(std::string_view id, const Delivery& delivery, bool acknowledged);
    [[nodiscard]] std::size_t ready(std::string_view id) const;
    /// All that is not acknowledged and not given up.
    [[nodiscard]] std::size_t outstanding() const;

    /// Per target: where it points to, and how much is in which part of its queue.
    [[nodiscard]] json::array shown() const;

    // --- saved states ---------------------------------------------------------------------------
    [[nodiscard]] json::array saved() const;
    void resume(const json::array& saved);

private:
    struct Queue {
        Target target;
        std::deque<Delivery> ready;
        std::map<Seconds, std::vector<Delivery>> waiting;  ///< by when they are due
        std::multimap<std::uint64_t, Delivery> held;       ///< by the event they come before
        std::vector<Delivery> under_way;
    };

    [[nodiscard]] bool wants(const Target& target, std::string_view type,
                             std::string_view account) const;
    void admit(Queue& queue, std::size_t number, std::string_view type);
    void release_up_to(Queue& queue, std::uint64_t place);
    void wait(Queue& queue, const Delivery& delivery, Seconds due);
    void settle(const Delivery& delivery);
    void announce(const Queue& queue) const;
    [[nodiscard]] Queue* queue(std::string_view id);

    World& world_;
    std::map<std::string, Queue, std::less<>> queues_;
    std::function<void(const std::string&)> on_ready_;
};

/// The value of Stripe-Signature for `body` at `unix_time`: one v1 for each secret, and the v0 that
/// test events carry to be ignored.
std::string signature_of(std::string_view body, const std::vector<std::string>& secrets,
                         std::int64_t unix_time);

}  // namespace daybook::sim
