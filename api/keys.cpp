// Keys are random, so a plain SHA-256 is a safe way to store them.
#include <api/keys.hpp>

#include <ledger/invariant.hpp>
#include <ledger/sha256.hpp>

#include <openssl/rand.h>

#include <stdexcept>

namespace daybook::api {
namespace {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    invariant(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) ==
              1);
    return bytes;
}

}  // namespace

CreatedKey create_key(pg::Connection& db, std::string_view label, const Scopes& scopes) {
    if (auto mistake = mistake_in(scopes)) throw std::invalid_argument(*mistake);
    std::string joined;
    for (const auto& scope : scopes)
        joined += (joined.empty() ? "" : " ") + scope;
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
                        scopes_in(rows.text(row, 2)), std::string(rows.text(row, 3)),
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
