// Keys are random, so a plain SHA-256 is a safe way to store them.
#include <api/keys.hpp>

#include <ledger/invariant.hpp>
#include <ledger/sha256.hpp>

#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace daybook::api {
namespace {

constexpr std::string_view scopes_known[] = {"admin",           "orders:read",  "entitlements:read",
                                             "accounts:read",   "payouts:read", "events:read",
                                             "projections:read"};

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    invariant(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) ==
              1);
    return bytes;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto space = text.find(' ');
        parts.emplace_back(text.substr(0, space));
        text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    }
    return parts;
}

}  // namespace

std::span<const std::string_view> known_scopes() {
    return scopes_known;
}

CreatedKey create_key(pg::Connection& db, std::string_view label,
                      const std::vector<std::string>& scopes) {
    if (scopes.empty()) throw std::invalid_argument("a key needs at least one scope");
    std::string joined;
    for (const auto& scope : scopes) {
        if (std::ranges::find(scopes_known, scope) == std::end(scopes_known))
            throw std::invalid_argument("there is no scope " + scope);
        joined += (joined.empty() ? "" : " ") + scope;
    }
    CreatedKey created{"key_" + hex(random_bytes(6)), "dbk_" + hex(random_bytes(32))};
    db.run(
        "INSERT INTO ledger.api_keys (key_id, hash, label, scopes) "
        "VALUES ($1, $2, $3, string_to_array($4, ' '))",
        pg::Params().text(created.key_id).binary(key_hash(created.key)).text(label).text(joined));
    return created;
}

std::vector<ApiKey> list_keys(pg::Connection& db) {
    const auto rows = db.run(
        "SELECT key_id, label, array_to_string(scopes, ' '), "
        "to_char(created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), "
        "to_char(revoked_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
        "FROM ledger.api_keys ORDER BY api_keys.created_at DESC, key_id");
    std::vector<ApiKey> keys;
    for (int row = 0; row < rows.rows(); ++row)
        keys.push_back({std::string(rows.text(row, 0)), std::string(rows.text(row, 1)),
                        split(rows.text(row, 2)), std::string(rows.text(row, 3)),
                        std::string(rows.text(row, 4))});
    return keys;
}

bool revoke_key(pg::Connection& db, std::string_view key_id) {
    const auto revoked = db.run(
        "UPDATE ledger.api_keys SET revoked_at = now() WHERE key_id = $1 AND revoked_at IS NULL",
        pg::Params().text(key_id));
    return revoked.affected() == 1;
}

std::string key_hash(std::string_view key) {
    return sha256(key);
}

}  // namespace daybook::api
