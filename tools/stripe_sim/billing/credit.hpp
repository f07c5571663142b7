// Customers' credit balances: what they have ahead of, or owe towards, the next invoice.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::sim {

/// Why a balance moves.
struct CreditMove {
    std::string type;         ///< applied_to_invoice, credit_note, adjustment, ...
    std::int64_t amount = 0;  ///< negative is in the customer's favour
    std::string currency;
    std::string invoice;
    std::string credit_note;
    std::string description;
};

/// Moves the balance, writes the customer balance transaction, emits customer.updated.
json::object& move_credit(const Scope& scope, std::string_view customer, const CreditMove& move);

}  // namespace daybook::sim
