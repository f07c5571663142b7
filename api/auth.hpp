// Who asks: the API key of a request and what it may do.
#pragma once

#include <api/http.hpp>
#include <ledger/pg/connection.hpp>

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace daybook::api {

/// Remembers valid keys for two seconds, so that a busy client costs no look-up per request and a
/// revoked key is soon refused. Thread-safe.
class KeyCache {
public:
    /// Throws Refused unless the request bears a valid key with this scope, or with admin.
    void require(const Request& request, std::string_view scope, pg::Connection& db);

private:
    struct Known {
        std::string scopes;  ///< each between spaces
        std::chrono::steady_clock::time_point until;
    };
    std::string scopes_of(const std::string& hash, pg::Connection& db);

    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;
};

}  // namespace daybook::api
