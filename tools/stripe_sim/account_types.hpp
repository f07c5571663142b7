// What kind of account the parameters of POST /v1/accounts ask for.
#pragma once

#include <tools/stripe_sim/json.hpp>

#include <string>

namespace daybook::sim {

struct AccountType {
    std::string type;         ///< express, custom, standard, or none
    json::object controller;  ///< account.controller
};

/// From `type` or from `controller`, which exclude each other; neither means standard.
AccountType account_type_of(const json::object& params);

}  // namespace daybook::sim
