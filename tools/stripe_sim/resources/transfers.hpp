// Transfers: money from the platform to a connected account, where it arrives as a payment.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <optional>
#include <string>

namespace daybook::sim {

struct TransferOrder {
    std::string destination;  ///< acct_...
    std::string currency;
    std::int64_t amount = 0;
    std::string source_transaction;  ///< the charge that it comes from, or ""
    std::string transfer_group;
    std::string description;
    json::object metadata;
    std::optional<Seconds> available_on;  ///< none: from the available balance, at once
    std::int64_t application_fee = 0;     ///< taken out of the payment on the other side
    json::value payment_description;      ///< of the payment that it becomes
    json::object payment_metadata;
};

/// Makes the transfer, the py_ on the destination, and both sides' balance transactions; emits
/// transfer.created. Whether the balance suffices is the caller's question.
json::object& make_transfer(const Scope& platform, const TransferOrder& order);

/// What a captured destination charge sets off, by its transfer_data and application_fee_amount:
/// the transfer and, if there is one, the application fee. Sets charge.transfer and
/// charge.application_fee.
void move_to_destination(const Scope& platform, json::object& charge,
                         std::optional<Seconds> available_on);

/// Throws unless the account exists and may receive transfers; `param` names it in the refusal.
void check_destination(const Scope& platform, std::string_view account, std::string_view param);

}  // namespace daybook::sim
