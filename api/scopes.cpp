// Judging scopes: pure functions over words, so that every rule is tested without a key.
#include <api/scopes.hpp>

#include <api/target.hpp>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::string_view plain[] = {"admin",
                                      "orders:read",
                                      "entitlements:read",
                                      "accounts:read",
                                      "payouts:read",
                                      "events:read",
                                      "projections:read",
                                      "actions:read",
                                      "customers:read",
                                      "access:read",
                                      "catalogue:read",
                                      "catalogue:write",
                                      "sellers:write",
                                      "payments:write",
                                      "refunds:write",
                                      "subscriptions:read",
                                      "subscriptions:write",
                                      "disputes:write",
                                      "payouts:write",
                                      "gateway:read",
                                      "gateway:write"};
constexpr std::string_view forms[] = {"gateway:<method or *>:<path with *>", "only:testmode",
                                      "only:livemode", "account:acct_…"};

constexpr std::string_view methods[] = {"*", "GET", "POST", "DELETE"};
constexpr std::string_view gateway = "gateway:";
constexpr std::string_view account = "account:";
constexpr std::size_t word_bytes_max = 300;

bool has(const Scopes& scopes, std::string_view word) {
    return std::ranges::find(scopes, word) != scopes.end();
}

/// A gateway scope in its parts; empty ones for a word of another form.
struct Rule {
    std::string_view method;
    std::string_view path;
};

Rule rule_of(std::string_view word) {
    if (!word.starts_with(gateway)) return {};
    word.remove_prefix(gateway.size());
    const auto colon = word.find(':');
    if (colon == std::string_view::npos) return {};
    return {word.substr(0, colon), word.substr(colon + 1)};
}

bool is_plain_path(std::string_view path) {
    // One word of a key: no spaces, nothing that Postgres's arrays or a URL would read otherwise.
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/_.-*").find(c) != std::string_view::npos;
    };
    return (path.starts_with("/v1/") || path.starts_with("/v2/")) &&
           std::ranges::all_of(path, allowed);
}

bool is_account(std::string_view word) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    constexpr std::string_view prefix = "acct_";
    return word.starts_with(prefix) && word.size() > prefix.size() &&
           std::ranges::all_of(word.substr(prefix.size()), letter);
}

bool narrows(std::string_view word) {
    return word.starts_with("only:") || word.starts_with(account);
}

std::optional<std::string> mistake_in_word(std::string_view word) {
    const auto quoted = std::string(word);
    if (std::ranges::find(plain, word) != std::end(plain)) return std::nullopt;
    if (word.size() > word_bytes_max) return "a scope has at most 300 bytes";
    if (word == "only:testmode" || word == "only:livemode") return std::nullopt;
    if (word.starts_with(account)) {
        if (is_account(word.substr(account.size()))) return std::nullopt;
        return quoted + " names no connected account: it must be account:acct_…";
    }
    const auto rule = rule_of(word);
    if (rule.method.empty()) return "there is no scope " + quoted;
    if (std::ranges::find(methods, rule.method) == std::end(methods))
        return quoted + " names no method of Stripe's: it must be GET, POST, DELETE or *";
    if (!is_plain_path(rule.path))
        return quoted +
               " must have a path that begins with /v1/ or /v2/, of letters, digits, _ . "
               "- / and *";
    return std::nullopt;
}

/// Whether `text` fits `pattern`, in which * stands for any text. Linear but for backing up to the
/// last star.
bool fits(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resumed = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resumed = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resumed;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

/// The path as Stripe will read it, or null when that is in doubt.
std::optional<std::string> read_in_one_way(std::string_view path) {
    // Escapes that hide a slash, a query, or another escape are what proxies disagree on.
    auto decoded = percent_decoded(path, false);
    if (!decoded) return std::nullopt;
    if (std::ranges::count(*decoded, '/') != std::ranges::count(path, '/')) return std::nullopt;
    for (const std::string_view doubtful : {"//", "/./", "/../", "\\", ";", "%", "?", "#"})
        if (decoded->find(doubtful) != std::string::npos) return std::nullopt;
    if (decoded->ends_with("/.") || decoded->ends_with("/..")) return std::nullopt;
    return decoded;
}

bool grants_call(const Scopes& scopes, std::string_view method, std::string_view path) {
    const bool reads = method == "GET";
    if (has(scopes, "admin") || has(scopes, "gateway:write")) return true;
    if (reads && has(scopes, "gateway:read")) return true;
    const auto plainly = read_in_one_way(path);
    if (!plainly) return false;
    return std::ranges::any_of(scopes, [&](std::string_view word) {
        const auto rule = rule_of(word);
        return !rule.method.empty() && (rule.method == "*" || rule.method == method) &&
               fits(rule.path, *plainly);
    });
}

std::optional<std::string> narrowed(const Scopes& scopes, const Reach& reach) {
    if (auto reason = why_not_mode(scopes, reach.livemode)) return reason;
    const auto accounts = accounts_of(scopes);
    if (accounts.empty() || std::ranges::find(accounts, reach.account) != accounts.end())
        return std::nullopt;
    if (reach.account.empty()) return "the key is kept to some connected accounts; name one";
    return "the key is not for the account " + std::string(reach.account);
}

/// acct_… when the path is that account or lies below it.
std::string_view account_in(std::string_view path) {
    for (const std::string_view root : {"/v1/accounts/", "/v2/core/accounts/"}) {
        if (!path.starts_with(root)) continue;
        const auto rest = path.substr(root.size());
        const auto id = rest.substr(0, rest.find('/'));
        return is_account(id) ? id : std::string_view();
    }
    return {};
}

}  // namespace

Scopes scopes_in(std::string_view text) {
    Scopes words;
    while (!text.empty()) {
        const auto space = text.find(' ');
        words.emplace_back(text.substr(0, space));
        text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    }
    return words;
}

std::span<const std::string_view> known_scopes() {
    return plain;
}

std::span<const std::string_view> scope_forms() {
    return forms;
}

std::optional<std::string> mistake_in(const Scopes& scopes) {
    for (const auto& word : scopes)
        if (auto mistake = mistake_in_word(word)) return mistake;
    if (std::ranges::all_of(scopes, narrows)) return "a key needs at least one scope that grants";
    if (has(scopes, "only:testmode") && has(scopes, "only:livemode"))
        return "only:testmode and only:livemode together leave nothing";
    return std::nullopt;
}

std::optional<std::string> why_not(const Scopes& scopes, std::string_view needed) {
    if (has(scopes, needed) || has(scopes, "admin")) return std::nullopt;
    return "this needs the scope " + std::string(needed);
}

std::optional<std::string> why_not(const Scopes& scopes, std::string_view needed,
                                   const Reach& reach) {
    if (auto reason = why_not(scopes, needed)) return reason;
    return narrowed(scopes, reach);
}

std::optional<std::string> why_not_call(const Scopes& scopes, std::string_view method,
                                        std::string_view path, const Reach& reach) {
    if (method == "HEAD") method = "GET";
    if (!grants_call(scopes, method, path))
        return std::string("this needs the scope gateway:")
            .append(method == "GET" ? "read" : "write")
            .append(" or a gateway:… that fits ")
            .append(method)
            .append(" ")
            .append(path);
    auto about = reach;
    if (about.account.empty()) {
        const auto plainly = read_in_one_way(path);
        if (plainly) about.account = account_in(path);
    }
    return narrowed(scopes, about);
}

std::optional<std::string> why_not_mode(const Scopes& scopes, bool livemode) {
    if (livemode && has(scopes, "only:testmode")) return "the key is for test mode only";
    if (!livemode && has(scopes, "only:livemode")) return "the key is for live mode only";
    return std::nullopt;
}

std::vector<std::string_view> accounts_of(const Scopes& scopes) {
    std::vector<std::string_view> accounts;
    for (const std::string_view word : scopes)
        if (word.starts_with(account)) accounts.push_back(word.substr(account.size()));
    return accounts;
}

}  // namespace daybook::api
