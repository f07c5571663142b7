// What an account link leaves behind for the onboarding page.
#pragma once

#include <string_view>

namespace daybook::sim {

/// The hidden document of a link, on the platform, by the token of its URL: account, collect,
/// expires_at, refresh_url, return_url, used.
constexpr std::string_view onboarding_link = "onboarding_link";

}  // namespace daybook::sim
