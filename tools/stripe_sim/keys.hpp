// API keys: which are let in, and how a refusal hides them.
#pragma once

#include <string>
#include <string_view>

namespace daybook::sim {

struct Key {
    bool publishable = false;
};

/// Reads an Authorization header, Bearer or Basic. `publishable_allowed` lets pk_ keys pass. Throws
/// StripeError 401.
Key key_of(std::string_view authorization, bool publishable_allowed);

/// "sk_test_abc123xyz" as "sk_test_*****3xyz".
std::string masked(std::string_view key);

}  // namespace daybook::sim
