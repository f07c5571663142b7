// API keys: made once, shown once, stored as a hash, revoked for good.
#pragma once

#include <api/scopes.hpp>
#include <ledger/pg/connection.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

struct ApiKey {
    std::string key_id;  ///< key_…; names the key without giving it away
    std::string label;
    Scopes scopes;
    std::string created_at;  ///< RFC 3339, UTC
    std::string revoked_at;  ///< empty while it is valid
};

struct CreatedKey {
    std::string key_id;
    std::string key;  ///< dbk_…; cannot be shown again
};

/// Throws std::invalid_argument with what mistake_in() says of the scopes. These functions use the
/// caller's connection and throw pg::Error.
CreatedKey create_key(pg::Connection& db, std::string_view label, const Scopes& scopes);

/// All keys, valid and revoked, newest first.
std::vector<ApiKey> list_keys(pg::Connection& db);

/// False when there is no valid key of this id. A running service notices within two seconds.
bool revoke_key(pg::Connection& db, std::string_view key_id);

/// SHA-256 of the key: what the table holds. 32 bytes.
std::string key_hash(std::string_view key);

}  // namespace daybook::api
