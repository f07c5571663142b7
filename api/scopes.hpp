// What a key may do: plain scopes, finer ones for the gateway, and restrictions that only narrow.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

/// The words of one key, each checked by mistake_in() when the key was made.
///
/// A key needs at least one word that grants: `admin` (everything), a plain scope of
/// known_scopes(), or `gateway:<method or *>:<path with *>`, where * stands for any text. These
/// narrow what the others grant: `only:testmode`, `only:livemode`, and `account:acct_…`, which may
/// be repeated and keeps the key to these connected accounts, away from the platform's own objects.
using Scopes = std::vector<std::string>;

/// The words of a text that has one space between them.
Scopes scopes_in(std::string_view text);

/// Every plain scope. `gateway:write` contains `gateway:read`, as with Stripe's restricted keys.
std::span<const std::string_view> known_scopes();

/// How the finer words are formed, for help texts.
std::span<const std::string_view> scope_forms();

/// What is wrong with these as the scopes of a key, in words for who asked; null when nothing is.
std::optional<std::string> mistake_in(const Scopes& scopes);

/// What a request touches, as the restrictions judge it.
struct Reach {
    std::string_view account;  ///< the connected account; empty for the platform itself
    bool livemode = false;
};

/// Why a key of these scopes may not do what needs the plain scope `needed`; null when it may. The
/// first is about the scope alone, the second also about what is touched.
std::optional<std::string> why_not(const Scopes& scopes, std::string_view needed);
std::optional<std::string> why_not(const Scopes& scopes, std::string_view needed,
                                   const Reach& reach);

/// The same for a call of the gateway. `path` is as sent, without its query; a path that could be
/// read in two ways (dot segments, escaped slashes) is refused to keys that are bound to paths.
/// A call of /v1/accounts/acct_… without Stripe-Account is about that account.
std::optional<std::string> why_not_call(const Scopes& scopes, std::string_view method,
                                        std::string_view path, const Reach& reach);

/// Why a key may not be used in this mode; null when it may.
std::optional<std::string> why_not_mode(const Scopes& scopes, bool livemode);

/// The connected accounts that the key is kept to; empty when it is not.
std::vector<std::string_view> accounts_of(const Scopes& scopes);

}  // namespace daybook::api
