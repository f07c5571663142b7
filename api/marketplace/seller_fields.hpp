// A fee of its own, for a seller or a product: how it is given and where it is kept.
#pragma once

#include <api/form.hpp>
#include <api/input.hpp>
#include <ledger/fee.hpp>

#include <optional>

namespace daybook::api {

/// The member `fee`: {"percent": 8.5, "fixed": 30}. Null when it is absent or wrong.
std::optional<FeeRate> read_fee(Input& in);

/// Whether a PATCH sets or removes it, which is the platform's to decide, whosever the object is.
bool names_fee(Input& in);

/// Writes it into the metadata of the object at Stripe, from where it comes back with every
/// snapshot, so that it needs no table of its own and survives a rebuild.
void add_fee(Form& form, const FeeRate& rate);

/// The opposite: the rates of the configuration apply again.
void remove_fee(Form& form);

}  // namespace daybook::api
