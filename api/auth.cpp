// Bearer keys are looked up by their hash and remembered for a moment.
#include <api/auth.hpp>

#include <api/keys.hpp>
#include <api/problem.hpp>

#include <boost/algorithm/string/predicate.hpp>

namespace daybook::api {
namespace {

constexpr std::chrono::seconds remembered_for{2};
constexpr std::size_t known_max = 1024;
constexpr std::size_t key_bytes_max = 256;

/// The key that follows the scheme, which is case-insensitive (RFC 9110, 11.1).
std::string_view bearer_of(std::string_view authorization) {
    constexpr std::string_view scheme = "bearer ";
    if (!boost::istarts_with(authorization, scheme)) return {};
    authorization.remove_prefix(scheme.size());
    const auto start = authorization.find_first_not_of(' ');
    return start == std::string_view::npos ? std::string_view() : authorization.substr(start);
}

bool holds(std::string_view scopes, std::string_view scope) {
    return scopes.find(std::string(" ").append(scope).append(" ")) != std::string_view::npos;
}

}  // namespace

void KeyCache::require(const Request& request, std::string_view scope, pg::Connection& db) {
    const auto key = bearer_of(request.authorization);
    if (key.empty()) throw Refused(Problem::key_missing);
    if (!key.starts_with("dbk_") || key.size() > key_bytes_max) throw Refused(Problem::key_refused);
    const auto scopes = scopes_of(key_hash(key), db);
    if (scopes.empty()) throw Refused(Problem::key_refused);
    if (!holds(scopes, scope) && !holds(scopes, "admin"))
        throw Refused(Problem::scope_missing, "this needs the scope " + std::string(scope));
}

std::string KeyCache::scopes_of(const std::string& hash, pg::Connection& db) {
    const auto now = std::chrono::steady_clock::now();
    {
        const std::lock_guard lock(mutex_);
        const auto found = known_.find(hash);
        if (found != known_.end() && found->second.until > now) return found->second.scopes;
    }
    const auto rows = db.run(
        "SELECT ' ' || array_to_string(scopes, ' ') || ' ' FROM ledger.api_keys "
        "WHERE hash = $1 AND revoked_at IS NULL",
        pg::Params().binary(hash));
    if (rows.rows() == 0) return {};
    std::string scopes(rows.text(0, 0));
    const std::lock_guard lock(mutex_);
    if (known_.size() >= known_max) known_.clear();
    known_[hash] = {scopes, now + remembered_for};
    return scopes;
}

}  // namespace daybook::api
