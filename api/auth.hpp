// Who asks: the API key of a request and what it may do.
#pragma once

#include <api/http.hpp>
#include <api/scopes.hpp>
#include <ledger/pg/connection.hpp>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace daybook::api {

/// The key behind a request: what actions record of it, and what it may do.
struct Caller {
    std::string key_id;  ///< key_…
    Scopes scopes;
};

/// The key that the request bears, in plain; empty when it bears none.
std::string key_of(const Request& request);

/// Remembers valid keys for two seconds, so that a busy client costs no look-up per request and a
/// revoked key is soon refused. Thread-safe.
///
/// A key comes as Authorization: Bearer dbk_…, or as the user of Basic, which is what curl -u and
/// some of Stripe's clients send.
class KeyCache {
public:
    /// Throws Refused unless the request bears a valid key.
    Caller identify(const Request& request, pg::Connection& db);

    /// The same without the database: null when the key was not looked up within two seconds.
    std::optional<Caller> remembered(const Request& request);

    /// Throws Refused also when the key lacks this scope. Its restrictions to a mode or to accounts
    /// are left to who knows what the request touches (api/scopes.hpp).
    Caller require(const Request& request, std::string_view scope, pg::Connection& db);

private:
    struct Known {
        Caller caller;
        std::chrono::steady_clock::time_point until;
    };
    std::optional<Caller> remembered(const std::string& hash);
    Caller caller_of(const std::string& hash, pg::Connection& db);

    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;
};

}  // namespace daybook::api
