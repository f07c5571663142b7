// Bearer keys are looked up by their hash and remembered for a moment.
#include <api/auth.hpp>

#include <api/keys.hpp>
#include <api/problem.hpp>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/beast/core/detail/base64.hpp>

namespace daybook::api {
namespace {

constexpr std::chrono::seconds remembered_for{2};
constexpr std::size_t known_max = 1024;
constexpr std::size_t key_bytes_max = 256;

/// What follows the scheme, whose name is case-insensitive (RFC 9110, 11.1); empty for another.
std::string_view credentials(std::string_view authorization, std::string_view scheme) {
    if (!boost::istarts_with(authorization, scheme)) return {};
    authorization.remove_prefix(scheme.size());
    const auto start = authorization.find_first_not_of(' ');
    return start == std::string_view::npos ? std::string_view() : authorization.substr(start);
}

/// The user of "user:password" in base64.
std::string basic_user(std::string_view encoded) {
    namespace base64 = boost::beast::detail::base64;
    if (encoded.size() > 2 * key_bytes_max) return {};
    // decoded_size() counts whole groups of four, decode() writes what a last part of one holds.
    std::string plain(base64::decoded_size(encoded.size() + 3), '\0');
    const auto [written, read] = base64::decode(plain.data(), encoded.data(), encoded.size());
    plain.resize(written);
    return plain.substr(0, plain.find(':'));
}

/// Of the key that the request bears. Throws Refused for what cannot be one.
std::string hash_in(const Request& request) {
    const auto key = key_of(request);
    if (key.empty()) throw Refused(Problem::key_missing);
    if (!key.starts_with("dbk_") || key.size() > key_bytes_max) throw Refused(Problem::key_refused);
    return key_hash(key);
}

}  // namespace

std::string key_of(const Request& request) {
    const auto bearer = credentials(request.authorization, "bearer ");
    if (!bearer.empty()) return std::string(bearer);
    return basic_user(credentials(request.authorization, "basic "));
}

Caller KeyCache::identify(const Request& request, pg::Connection& db) {
    const auto hash = hash_in(request);
    if (auto known = remembered(hash)) return std::move(*known);
    auto caller = caller_of(hash, db);
    if (caller.scopes.empty()) throw Refused(Problem::key_refused);
    return caller;
}

std::optional<Caller> KeyCache::remembered(const Request& request) {
    return remembered(hash_in(request));
}

std::optional<Caller> KeyCache::remembered(const std::string& hash) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(hash);
    if (found == known_.end() || found->second.until <= std::chrono::steady_clock::now())
        return std::nullopt;
    return found->second.caller;
}

Caller KeyCache::require(const Request& request, std::string_view scope, pg::Connection& db) {
    auto caller = identify(request, db);
    if (auto reason = why_not(caller.scopes, scope)) throw Refused(Problem::scope_missing, *reason);
    return caller;
}

Caller KeyCache::caller_of(const std::string& hash, pg::Connection& db) {
    const auto rows = db.run(
        "SELECT key_id, array_to_string(scopes, ' ') FROM ledger.api_keys "
        "WHERE hash = $1 AND revoked_at IS NULL",
        pg::Params().binary(hash));
    if (rows.rows() == 0) return {};
    Caller caller{std::string(rows.text(0, 0)), scopes_in(rows.text(0, 1))};
    const std::lock_guard lock(mutex_);
    if (known_.size() >= known_max) known_.clear();
    known_[hash] = {caller, std::chrono::steady_clock::now() + remembered_for};
    return caller;
}

}  // namespace daybook::api
