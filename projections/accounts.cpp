// The accounts projection: whether each connected account can sell, be paid, and what it lacks.
#include <projections/latest.hpp>
#include <projections/projection.hpp>
#include <projections/stripe/json_list.hpp>

#include <algorithm>

namespace daybook::projections {

namespace {

constexpr Column columns[] = {{"account_id", Type::text, Use::key},
                              {"readiness"},
                              {"country"},
                              {"email"},
                              {"account_type"},
                              {"charges_enabled", Type::boolean},
                              {"payouts_enabled", Type::boolean},
                              {"details_submitted", Type::boolean},
                              {"transfers_status"},
                              {"card_payments_status"},
                              {"capabilities", Type::json},
                              {"currently_due", Type::json},
                              {"past_due", Type::json},
                              {"eventually_due", Type::json},
                              {"pending_verification", Type::json},
                              {"requirement_errors", Type::json},
                              {"current_deadline", Type::timestamp},
                              {"disabled_reason"},
                              {"external_account_id"},
                              {"external_account_last4"},
                              {"external_account_status"},
                              {"deauthorized", Type::boolean},
                              {"deauthorized_at", Type::timestamp},
                              {"metadata", Type::json},
                              {"created_at", Type::timestamp},
                              {"events", Type::json, Use::trace}};
constexpr const char* indexes[] = {"readiness", "current_deadline"};
constexpr Table tables[] = {{"accounts", columns, indexes}};

constexpr std::string_view types[] = {"account.updated",
                                      "capability.updated",
                                      "account.external_account.created",
                                      "account.external_account.updated",
                                      "account.external_account.deleted",
                                      "account.application.authorized",
                                      "account.application.deauthorized",
                                      "action.succeeded",
                                      action_object};

constexpr std::size_t positions_max = 100;

using Texts = std::vector<std::string>;
using Statuses = std::vector<std::pair<std::string, std::string>>;  ///< sorted: capability, status

struct AccountState {
    std::string country, email, type, disabled_reason, errors = "[]", metadata = "{}";
    std::int64_t current_deadline = 0, created = 0;
    bool charges_enabled = false, payouts_enabled = false, details_submitted = false;
    Texts currently_due, past_due, eventually_due, pending_verification;
    Statuses capabilities;
    [[nodiscard]] auto tracked() const {
        return std::tie(charges_enabled, payouts_enabled, details_submitted, disabled_reason,
                        current_deadline, currently_due, past_due, eventually_due,
                        pending_verification, capabilities, metadata);
    }
    bool operator==(const AccountState&) const = default;
    BOOST_DESCRIBE_CLASS(AccountState, (),
                         (country, email, type, disabled_reason, errors, metadata, current_deadline,
                          created, charges_enabled, payouts_enabled, details_submitted,
                          currently_due, past_due, eventually_due, pending_verification,
                          capabilities),
                         (), ())
};

struct CapabilityState {
    std::string status;
    [[nodiscard]] auto tracked() const { return std::tie(status); }
    bool operator==(const CapabilityState&) const = default;
    BOOST_DESCRIBE_CLASS(CapabilityState, (), (status), (), ())
};

struct ExternalState {
    std::string kind, last4, bank_name, status;
    bool is_default = false, deleted = false;
    [[nodiscard]] std::int64_t finality() const { return deleted ? 1 : 0; }
    BOOST_DESCRIBE_CLASS(ExternalState, (), (kind, last4, bank_name, status, is_default, deleted),
                         (), ())
};

/// Losing access is the safer reading of both within one second.
struct AccessState {
    bool deauthorized = false;
    [[nodiscard]] std::int64_t rank() const { return deauthorized ? 1 : 0; }
    BOOST_DESCRIBE_CLASS(AccessState, (), (deauthorized), (), ())
};

struct AccountFacts {
    Latest<AccountState> account;
    std::map<std::string, Latest<CapabilityState>> capabilities;
    std::map<std::string, Newest<ExternalState>> external_accounts;
    Newest<AccessState> access;
    std::vector<std::int64_t> positions;
    BOOST_DESCRIBE_CLASS(AccountFacts, (),
                         (account, capabilities, external_accounts, access, positions), (), ())
};

AccountState state_of(const stripe::Account& from) {
    const auto texts = [](const std::vector<std::string_view>& views) {
        return Texts(views.begin(), views.end());
    };
    AccountState state{.country = std::string(from.country),
                       .email = std::string(from.email),
                       .type = std::string(from.type),
                       .disabled_reason = std::string(from.disabled_reason),
                       .errors = std::string(from.errors),
                       .metadata = stripe::json_object(from.metadata),
                       .current_deadline = from.current_deadline,
                       .created = from.created,
                       .charges_enabled = from.charges_enabled,
                       .payouts_enabled = from.payouts_enabled,
                       .details_submitted = from.details_submitted,
                       .currently_due = texts(from.currently_due),
                       .past_due = texts(from.past_due),
                       .eventually_due = texts(from.eventually_due),
                       .pending_verification = texts(from.pending_verification),
                       .capabilities = {}};
    for (const auto& [name, status] : from.capabilities)
        state.capabilities.emplace_back(name, status);
    return state;
}

/// Adds what one event says; overloaded by the kind of object.
struct Adder {
    const Event& event;
    AccountFacts& facts;

    template <class Other>
    void operator()(const Other&) const {}
    void operator()(const stripe::Account& account) const {
        std::optional<AccountState> before;
        if (!account.before.empty()) before = state_of(account.before.front());
        facts.account.see(event.created, event.order, state_of(account), std::move(before),
                          event.until);
    }
    void operator()(const stripe::Capability& capability) const {
        std::optional<CapabilityState> before;
        if (!capability.status_before.empty())
            before = CapabilityState{std::string(capability.status_before)};
        facts.capabilities[std::string(capability.id)].see(event.created, event.order,
                                                           {std::string(capability.status)},
                                                           std::move(before), event.until);
    }
    void operator()(const stripe::ExternalAccount& account) const {
        facts.external_accounts[std::string(account.id)].see(
            event.created, event.order,
            {.kind = std::string(account.kind),
             .last4 = std::string(account.last4),
             .bank_name = std::string(account.bank_name),
             .status = std::string(account.status),
             .is_default = account.is_default,
             .deleted = event.type.ends_with(".deleted")});
    }
    void operator()(const stripe::Authorization& change) const {
        facts.access.see(event.created, event.order, {.deauthorized = !change.authorized});
    }
};

/// An account snapshot holds all capabilities, so it decides over events that are no younger.
Statuses capabilities_of(const AccountFacts& facts) {
    const auto* account = facts.account.newest();
    std::map<std::string, std::string> statuses;
    if (account)
        statuses.insert(account->value.capabilities.begin(), account->value.capabilities.end());
    for (const auto& [name, versions] : facts.capabilities) {
        const auto* version = versions.newest();
        if (!account || version->at > account->at || !statuses.contains(name))
            statuses[name] = version->value.status;
    }
    return {statuses.begin(), statuses.end()};
}

std::string_view status_of(const Statuses& capabilities, std::string_view name) {
    for (const auto& [capability, status] : capabilities)
        if (capability == name) return status;
    return {};
}

/// One word to branch on; the first that holds:
///   deauthorized          the seller cut the platform off; calls for the account fail
///   rejected              Stripe or the platform rejected the account for good
///   disabled              stopped for a reason that no form can cure, such as a review
///   onboarding            the seller has not finished the form; what is due is part of it
///   restricted            something is past due, or money cannot be received or paid out
///   pending_verification  the same, but Stripe is still checking and the seller can only wait
///   action_required       all works now, yet something is due or wrong and will stop it later
///   ready
std::string_view readiness_of(const AccountFacts& facts, const AccountState& account,
                              const Statuses& capabilities) {
    if (facts.access.seen() && facts.access.value.deauthorized) return "deauthorized";
    const std::string_view stop = account.disabled_reason;
    if (stop.starts_with("rejected.")) return "rejected";
    const bool curable = stop.starts_with("requirements.") || stop.starts_with("action_required.");
    if (!stop.empty() && !curable) return "disabled";
    if (!account.details_submitted) return "onboarding";
    if (!account.past_due.empty() || stop == "requirements.past_due") return "restricted";
    const auto transfers = status_of(capabilities, "transfers");
    const bool receives = transfers.empty() ? account.charges_enabled : transfers == "active";
    if (!receives || !account.payouts_enabled) {
        const bool checking = transfers == "pending" || !account.pending_verification.empty() ||
                              stop == "requirements.pending_verification";
        return checking && account.currently_due.empty() ? "pending_verification" : "restricted";
    }
    const bool wanted = !account.currently_due.empty() || account.current_deadline > 0 ||
                        account.errors != "[]" || !stop.empty();
    return wanted ? "action_required" : "ready";
}

std::string json_object(const Statuses& statuses) {
    JsonObject object;
    for (const auto& [name, status] : statuses)
        object.text(name, status);
    return object.str();
}

struct Rules {
    using State = AccountFacts;

    static void apply(const Event& event, Rows<State>& rows) {
        // Without an account it is the platform's own, which sells nothing here.
        const bool ours = std::holds_alternative<stripe::Account>(event.object) ||
                          std::holds_alternative<stripe::Capability>(event.object) ||
                          std::holds_alternative<stripe::ExternalAccount>(event.object) ||
                          std::holds_alternative<stripe::Authorization>(event.object);
        if (event.account.empty() || !ours) return;
        auto& facts = rows.at(event.account);
        std::visit(Adder{event, facts}, event.object);
        const auto place = std::ranges::lower_bound(facts.positions, event.position);
        if (place == facts.positions.end() || *place != event.position)
            facts.positions.insert(place, event.position);
        if (facts.positions.size() > positions_max) facts.positions.erase(facts.positions.begin());
    }

    static void derive(std::string_view key, const State& facts, RowSink& sink) {
        static const AccountState unseen;
        const auto* version = facts.account.newest();
        const auto& account = version ? version->value : unseen;
        const auto capabilities = capabilities_of(facts);
        const bool deauthorized = facts.access.seen() && facts.access.value.deauthorized;
        std::string_view external_id;
        static const ExternalState no_external;
        const auto* external = &no_external;
        std::int64_t external_at = 0;
        for (const auto& [id, known] : facts.external_accounts) {
            if (known.value.deleted) continue;
            const auto place = std::pair(known.value.is_default, known.at);
            if (!external_id.empty() && place < std::pair(external->is_default, external_at))
                continue;
            external_id = id;
            external = &known.value;
            external_at = known.at;
        }
        sink.row(0)
            .text(key)
            .text(readiness_of(facts, account, capabilities))
            .text_or_null(account.country)
            .text_or_null(account.email)
            .text_or_null(account.type)
            .boolean(account.charges_enabled)
            .boolean(account.payouts_enabled)
            .boolean(account.details_submitted)
            .text_or_null(status_of(capabilities, "transfers"))
            .text_or_null(status_of(capabilities, "card_payments"))
            .json(json_object(capabilities))
            .json(stripe::json_list(account.currently_due))
            .json(stripe::json_list(account.past_due))
            .json(stripe::json_list(account.eventually_due))
            .json(stripe::json_list(account.pending_verification))
            .json(account.errors)
            .time_or_null(account.current_deadline)
            .text_or_null(account.disabled_reason)
            .text_or_null(external_id)
            .text_or_null(external->last4)
            .text_or_null(external->status)
            .boolean(deauthorized)
            .time_or_null(deauthorized ? facts.access.at : 0)
            .json(account.metadata)
            .time_or_null(account.created)
            .json(stripe::json_list(facts.positions));
    }
};

}  // namespace

extern const Projection accounts;
const Projection accounts = {"accounts", 5, tables, types, make_fold<Rules>};

}  // namespace daybook::projections
