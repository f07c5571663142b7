// Stripe's side of an account is a hidden document beside it: what was asked, whether rejected.
#include <tools/stripe_sim/account_state.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/payout_queue.hpp>
#include <tools/stripe_sim/requirements.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr std::string_view review_type = "account_review";

json::object& review_of(const Scope& scope, std::string_view account_id) {
    const auto platform = scope.on("");
    auto* found = scope.world.store.edit("", review_type, account_id);
    if (found) return *found;
    return platform.put({{"id", json::string(account_id)},
                         {"object", json::string(review_type)},
                         {"asked", json::array()},
                         {"rejected", ""}});
}

json::array names(const std::vector<std::string>& list) {
    json::array all;
    for (const auto& name : list)
        if (std::ranges::find(all, json::value(name)) == all.end()) all.emplace_back(name);
    return all;
}

/// What is to be told about an account, sorted by urgency.
struct Standing {
    std::vector<std::string> past_due;
    std::vector<std::string> currently_due;
    std::vector<std::string> eventually_due;
    std::vector<std::string> pending;
    json::array errors;
    json::value deadline;
    std::string_view rejected;
    bool submitted = false;   ///< the form was filled in once
    bool lacks_bank = false;  ///< nothing but an external account is missing since then
    bool requested = false;   ///< any capability

    [[nodiscard]] bool blocked() const {
        return !rejected.empty() || !pending.empty() || (!past_due.empty() && !lacks_bank);
    }
    [[nodiscard]] std::string disabled_reason() const {
        if (!rejected.empty()) return std::string(rejected);
        if (!past_due.empty()) return "requirements.past_due";
        if (!pending.empty()) return "requirements.pending_verification";
        return requested ? "" : "action_required.requested_capabilities";
    }
    [[nodiscard]] json::object requirements(std::string_view disabled) const {
        return {{"alternatives", json::array()},
                {"current_deadline", deadline},
                {"currently_due", names(currently_due)},
                {"disabled_reason", text_or_null(disabled)},
                {"errors", errors},
                {"eventually_due", names(eventually_due)},
                {"past_due", names(past_due)},
                {"pending_verification", names(pending)}};
    }
};

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

void add_asked(const json::array& asked, Seconds now, Standing& standing) {
    for (const auto& one : asked) {
        const std::string field(text(one.as_object(), "field"));
        const auto deadline = integer(one.as_object(), "deadline");
        standing.currently_due.push_back(field);
        if (deadline <= now) {
            standing.past_due.push_back(field);
            standing.lacks_bank = false;
        } else if (standing.deadline.is_null() || deadline < standing.deadline.as_int64()) {
            standing.deadline = deadline;
        }
    }
}

Standing standing_of(const Scope& owner, const json::object& account) {
    const auto& review = review_of(owner, text(account, "id"));
    auto needs = needs_of(owner, account);
    Standing standing;
    standing.rejected = text(review, "rejected");
    standing.submitted = flag(account, "details_submitted") || needs.missing.empty();
    const bool bank_alone =
        needs.missing == std::vector<std::string>{"external_account"} && needs.unverified.empty();
    standing.lacks_bank = standing.submitted && bank_alone;
    append(standing.past_due, needs.missing);
    append(standing.past_due, needs.unverified);
    standing.currently_due = standing.past_due;
    add_asked(array(review, "asked"), owner.now(), standing);
    standing.eventually_due = standing.currently_due;
    append(standing.eventually_due, needs.eventually);
    standing.pending = std::move(needs.pending);
    standing.errors = std::move(needs.errors);
    return standing;
}

std::string_view capability_status(const json::object& account, const json::object& capability,
                                   const Standing& standing) {
    if (!flag(capability, "requested")) return "unrequested";
    // A Standard account takes transfers before it was onboarded.
    const bool at_once = text(account, "type") == "standard" &&
                         text(capability, "id") == "transfers" && standing.rejected.empty();
    if (at_once || !standing.blocked()) return "active";
    return standing.pending.empty() ? "inactive" : "pending";
}

/// The capabilities by name.
std::vector<std::string> capabilities_of(const Scope& owner) {
    std::vector<std::string> all;
    owner.world.store.each(owner.account, "capability", [&](const json::object& capability) {
        all.emplace_back(text(capability, "id"));
    });
    return all;
}

/// Brings the capabilities up to date; returns what those that moved were before.
std::vector<json::object> move_capabilities(const Scope& owner, json::object& account,
                                            const Standing& standing) {
    std::vector<json::object> moved;
    json::object shown;
    for (const auto& name : capabilities_of(owner)) {
        auto& capability = owner.edit("capability", name);
        const json::object before(capability);
        const auto status = capability_status(account, capability, standing);
        const bool active = status == "active" || status == "unrequested";
        capability["status"] = status;
        owner.fill(capability, "requirements",
                   standing.requirements(active ? "" : "requirements.fields_needed"));
        if (status != "unrequested") shown[name] = json::string(status);
        if (text(before, "status") != status) moved.push_back(before);
    }
    account["capabilities"] = std::move(shown);
    return moved;
}

std::vector<json::object> review(const Scope& scope, json::object& account) {
    const auto owner = owner_of(scope, text(account, "id"));
    if (owner.is_platform()) return {};
    auto standing = standing_of(owner, account);
    for (const auto& name : capabilities_of(owner))
        if (flag(owner.get("capability", name), "requested")) standing.requested = true;
    auto moved = move_capabilities(owner, account, standing);
    account["details_submitted"] = standing.submitted;
    account["charges_enabled"] =
        text(account, "capabilities.card_payments") == "active" && !standing.blocked();
    account["payouts_enabled"] =
        standing.requested && !standing.blocked() && standing.past_due.empty();
    owner.fill(account, "requirements", standing.requirements(standing.disabled_reason()));
    return moved;
}

void tell_moved(const Scope& owner, const std::vector<json::object>& moved) {
    for (const auto& before : moved)
        owner.emit_changed("capability.updated", before,
                           owner.get("capability", text(before, "id")));
}

bool answers(std::string_view path, std::string_view field) {
    return path == field || (path.starts_with(field) && path.substr(field.size()).starts_with('.'));
}

}  // namespace

Scope owner_of(const Scope& scope, std::string_view account_id) {
    return scope.on(account_id == scope.world.platform_id ? "" : account_id);
}

json::object& change_account(const Scope& scope, std::string_view account_id,
                             const std::function<void(json::object&)>& change) {
    auto& account = scope.on("").edit("account", account_id, "account");
    const auto owner = owner_of(scope, account_id);
    const json::object before(account);
    if (change) change(account);
    const auto moved = review(scope, account);
    owner.emit_changed("account.updated", before, account);
    tell_moved(owner, moved);
    if (flag(account, "payouts_enabled")) await_run(owner, true);
    return account;
}

void review_account(const Scope& scope, json::object& account) {
    tell_moved(owner_of(scope, text(account, "id")), review(scope, account));
}

void ask_account(const Scope& scope, std::string_view account_id,
                 const std::vector<std::string>& fields, Seconds deadline) {
    auto& asked = review_of(scope, account_id)["asked"].as_array();
    for (const auto& field : fields)
        asked.push_back({{"field", field}, {"deadline", deadline}});
    if (deadline > scope.now())
        scope.on("").later(deadline - scope.now(), "account.deadline", account_id);
    change_account(scope, account_id);
}

void account_told(const Scope& scope, std::string_view account_id,
                  const std::vector<std::string>& paths) {
    auto& asked = review_of(scope, account_id)["asked"].as_array();
    json::array left;
    for (auto& one : asked) {
        const auto field = text(one.as_object(), "field");
        const bool told =
            std::ranges::any_of(paths, [&](const auto& path) { return answers(path, field); });
        if (!told) left.push_back(std::move(one));
    }
    asked = std::move(left);
}

void reject_account(const Scope& scope, std::string_view account_id, std::string_view reason) {
    review_of(scope, account_id)["rejected"] = json::string(reason);
    change_account(scope, account_id);
}

void request_capability(const Scope& owner, std::string_view account_id, std::string_view name,
                        bool requested) {
    auto* capability = owner.world.store.edit(owner.account, "capability", name);
    if (!capability) {
        auto made = owner.begin("capability", "");
        made["id"] = json::string(name);
        made["account"] = json::string(account_id);
        made["status"] = "unrequested";
        capability = &owner.put(std::move(made));
    }
    if (flag(*capability, "requested") == requested) return;
    (*capability)["requested"] = requested;
    (*capability)["requested_at"] = requested ? json::value(owner.now()) : json::value(nullptr);
}

}  // namespace daybook::sim
