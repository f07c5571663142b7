// The life of a dispute, from the buyer's complaint to the bank's decision.
#pragma once

#include <tools/stripe_sim/routes.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::sim {

/// What the buyer's bank says.
struct Complaint {
    std::string reason = "fraudulent";
    std::int64_t amount = 0;
    bool inquiry = false;  ///< asks first, takes no money
};

/// Opens a dispute on a captured charge; a chargeback withdraws the money and the fee at once.
json::object& open_dispute(const Scope& scope, json::object& charge, const Complaint& complaint);

/// Throws Stripe's refusal when a chargeback on the charge is open or lost.
void check_undisputed(const Scope& scope, const json::object& charge);

/// Whether the dispute waits for the merchant.
bool needs_response(const json::object& dispute);
bool is_inquiry(const json::object& dispute);
bool is_closed(const json::object& dispute);

/// Sends the evidence to the bank, which decides a moment later if its text says how; countering
/// a chargeback costs a fee.
void submit_evidence(const Scope& scope, json::object& dispute);

/// The merchant gives up; an inquiry is just closed.
void concede_dispute(const Scope& scope, json::object& dispute);

/// The bank decides for the merchant: the money comes back, with the fee for countering, and with
/// the dispute fee itself where the pricing is of that older kind.
void win_dispute(const Scope& scope, json::object& dispute, bool fee_returned = false);
void lose_dispute(const Scope& scope, json::object& dispute);

/// An inquiry becomes a chargeback.
void escalate_inquiry(const Scope& scope, json::object& dispute);

/// Registers what test cards and time do.
void add_dispute_tasks(Routes& on);

}  // namespace daybook::sim
