// One account's part of the world: what resource code reads, changes, posts and emits through.
#pragma once

#include <tools/stripe_sim/clock.hpp>
#include <tools/stripe_sim/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

class World;

/// A part of what a balance transaction costs.
struct FeeDetail {
    std::string type;  ///< stripe_fee, application_fee, tax, ...
    std::int64_t amount = 0;
    std::string description;
};

/// A movement of money on one account's balance.
struct Posting {
    std::string type;                ///< charge, refund, transfer, ...
    std::string reporting_category;  ///< charge, refund, platform_earning, ...
    std::string currency;
    std::int64_t amount = 0;  ///< signed gross
    std::vector<FeeDetail> fees;
    std::string source;  ///< the id of the object that it is about
    std::string description;
    std::optional<Seconds> available_on;  ///< none: at once
    std::string settle_in;                ///< "": what the account settles `currency` in
};

/// The platform (account "") or one connected account. Cheap to make; not kept beyond a request.
class Scope {
public:
    Scope(World& in, std::string of) : world(in), account(std::move(of)) {}

    [[nodiscard]] Seconds now() const;
    [[nodiscard]] Scope on(std::string_view other) const { return {world, std::string(other)}; }
    [[nodiscard]] bool is_platform() const { return account.empty(); }
    /// acct_..., also for the platform.
    [[nodiscard]] std::string account_id() const;

    // --- documents: they stay where they are until the request or task ends -------------------
    [[nodiscard]] const json::object* find(std::string_view type, std::string_view id) const;
    /// Throws Stripe's 404 that names `param`.
    [[nodiscard]] const json::object& get(std::string_view type, std::string_view id,
                                          std::string_view param = "id") const;
    /// The same to be changed.
    [[nodiscard]] json::object& edit(std::string_view type, std::string_view id,
                                     std::string_view param = "id") const;

    /// A blank document with a new id, created now; not stored yet. An empty prefix: no id yet.
    [[nodiscard]] json::object begin(std::string_view type, std::string_view prefix) const;
    /// Assigns a member, with null for what its shape always has and `value` lacks.
    void fill(json::object& document, std::string_view name, json::value value) const;
    /// Stores a document under its own "object" and "id".
    json::object& put(json::object document) const;
    void erase(std::string_view type, std::string_view id) const;

    // --- events -------------------------------------------------------------------------------
    /// Appends an event with a snapshot of `document`. Its request is the current one, if any.
    void emit(std::string_view type, const json::object& document) const;
    /// The same with previous_attributes: what differs in `before`. Emits even if nothing does.
    void emit_changed(std::string_view type, const json::object& before,
                      const json::object& document) const;

    // --- money --------------------------------------------------------------------------------
    /// Writes a balance transaction and moves the balance; returns the stored document. Amounts are
    /// converted when the account settles in another currency than the posting's.
    const json::object& post(const Posting& posting) const;

    // --- time ---------------------------------------------------------------------------------
    /// Runs the task of this kind about `id`, in this scope, `delay` seconds from now. It cannot be
    /// called off: the task looks whether there is still something to do.
    void later(Seconds delay, std::string_view kind, std::string_view id) const;

    World& world;
    std::string account;
};

}  // namespace daybook::sim
