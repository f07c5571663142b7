// Reads connected accounts, capabilities, external accounts and payouts.
#include <projections/stripe/readers.hpp>

#include <algorithm>

namespace daybook::projections::stripe {

namespace {

void read_requirements(Json json, Account& out, Fields& fields) {
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("currently_due"): out.currently_due = fields.texts(value); break;
            case key("past_due"): out.past_due = fields.texts(value); break;
            case key("eventually_due"): out.eventually_due = fields.texts(value); break;
            case key("pending_verification"): out.pending_verification = fields.texts(value); break;
            case key("disabled_reason"): out.disabled_reason = fields.text(value); break;
            case key("current_deadline"):
                out.current_deadline = Fields::integer(value, "requirements.current_deadline");
                break;
            case key("errors"):
                out.errors = value.is_array() ? fields.keep(simdjson::minify(value)) : "[]";
                break;
            default: break;
        }
    });
}

/// previous_attributes name single capabilities, so each overwrites its own entry only.
void read_capabilities(Json json, Account& out, Fields& fields) {
    simdjson::dom::object object;
    if (json.get(object) != simdjson::SUCCESS) return;
    for (const auto entry : object) {
        const auto status = fields.text(entry.value);
        const auto found = std::ranges::find(out.capabilities, entry.key,
                                             &std::pair<std::string_view, std::string_view>::first);
        if (found != out.capabilities.end())
            found->second = status;
        else
            out.capabilities.emplace_back(fields.keep(entry.key), status);
    }
    std::erase_if(out.capabilities, [](const auto& entry) { return entry.second.empty(); });
    std::ranges::sort(out.capabilities);
}

/// Overwrites what `json` names: the whole object at first, then previous_attributes on a copy.
void read_account_fields(Json json, Account& out, Fields& fields) {
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("country"): out.country = fields.text(value); break;
            case key("email"): out.email = fields.text(value); break;
            case key("type"): out.type = fields.text(value); break;
            case key("created"): out.created = Fields::integer(value, "account.created"); break;
            case key("charges_enabled"): out.charges_enabled = Fields::boolean(value); break;
            case key("payouts_enabled"): out.payouts_enabled = Fields::boolean(value); break;
            case key("details_submitted"): out.details_submitted = Fields::boolean(value); break;
            case key("requirements"): read_requirements(value, out, fields); break;
            case key("capabilities"): read_capabilities(value, out, fields); break;
            case key("metadata"): merge_metadata(value, out.metadata, fields); break;
            default: break;
        }
    });
}

}  // namespace

Account read_account(Json json, const MaybeJson& previous, Fields fields) {
    Account out;
    read_account_fields(json, out, fields);
    require(!out.id.empty(), "account.id");
    if (previous && previous->is_object()) {
        auto before = out;
        read_account_fields(*previous, before, fields);
        out.before.push_back(std::move(before));
    }
    return out;
}

Capability read_capability(Json json, const MaybeJson& previous, Fields fields) {
    Capability out;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("account"): out.account = fields.id(value); break;
            case key("status"): out.status = fields.text(value); break;
            default: break;
        }
    });
    require(!out.id.empty(), "capability.id");
    require(!out.status.empty(), "capability.status");
    out.status_before = fields.id(previous, "status");
    return out;
}

ExternalAccount read_external_account(Json json, Fields fields) {
    ExternalAccount out;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("account"): out.account = fields.id(value); break;
            case key("object"): out.kind = fields.text(value); break;
            case key("last4"): out.last4 = fields.text(value); break;
            case key("bank_name"): out.bank_name = fields.text(value); break;
            case key("status"): out.status = fields.text(value); break;
            case key("default_for_currency"): out.is_default = Fields::boolean(value); break;
            default: break;
        }
    });
    require(!out.id.empty(), "external_account.id");
    return out;
}

Payout read_payout(Json json, Fields fields) {
    Payout out;
    std::optional<std::int64_t> amount;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("status"): out.status = fields.text(value); break;
            case key("currency"): out.currency = fields.text(value); break;
            case key("method"): out.method = fields.text(value); break;
            case key("type"): out.type = fields.text(value); break;
            case key("failure_code"): out.failure_code = fields.text(value); break;
            case key("failure_message"): out.failure_message = fields.text(value); break;
            case key("destination"): out.destination = fields.id(value); break;
            case key("balance_transaction"): out.balance_transaction = fields.id(value); break;
            case key("failure_balance_transaction"):
                out.failure_balance_transaction = fields.id(value);
                break;
            case key("reconciliation_status"):
                out.reconciliation_status = fields.text(value);
                break;
            case key("trace_id"): out.trace_id = fields.id(value, "value"); break;
            case key("amount"): amount = Fields::optional_integer(value, "payout.amount"); break;
            case key("arrival_date"):
                out.arrival_date = Fields::integer(value, "payout.arrival_date");
                break;
            case key("created"): out.created = Fields::integer(value, "payout.created"); break;
            case key("automatic"): out.automatic = Fields::boolean(value); break;
            default: break;
        }
    });
    require(!out.id.empty(), "payout.id");
    require(amount.has_value(), "payout.amount");
    require(!out.currency.empty(), "payout.currency");
    require(!out.status.empty(), "payout.status");
    out.amount = *amount;
    return out;
}

}  // namespace daybook::projections::stripe
