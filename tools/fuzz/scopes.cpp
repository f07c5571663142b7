// Fuzzes what a key may call: a key that is bound to paths or to connected accounts stays there,
// however an address is written, and restrictions only ever narrow.
// The code itself and not its library, so that the fuzzer sees its branches.
#include <api/scopes.cpp>
#include <api/target.cpp>
#include <ledger/invariant.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace daybook;
using namespace daybook::api;

bool may_call(const Scopes& scopes, std::string_view method, std::string_view path,
              std::string_view account) {
    return !why_not_call(scopes, method, path, {.account = account});
}

/// Where the most obliging server would end up: escapes undone as often as there are any, every
/// kind of slash one, dot segments walked.
std::string walked(std::string_view path) {
    std::string text(path);
    for (auto decoded = percent_decoded(text, false); decoded && *decoded != text;
         decoded = percent_decoded(text, false))
        text = *decoded;
    text = text.substr(0, text.find_first_of("?#;"));
    std::ranges::replace(text, '\\', '/');
    std::vector<std::string> segments;
    std::size_t from = 0;
    while (from <= text.size()) {
        const auto end = std::min(text.find('/', from), text.size());
        const auto segment = text.substr(from, end - from);
        from = end + 1;
        if (segment == ".." && !segments.empty()) segments.pop_back();
        if (!segment.empty() && segment != "." && segment != "..") segments.push_back(segment);
    }
    std::string out;
    for (const auto& segment : segments)
        out.append("/").append(segment);
    return out;
}

bool is_at_or_below(std::string_view path, std::string_view root) {
    return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

void check_bounds(std::string_view method, std::string_view path) {
    const auto place = walked(path);
    if (may_call({"gateway:*:/v1/refunds*"}, method, path, {}))
        invariant(place.starts_with("/v1/refunds"));
    if (may_call({"gateway:POST:/v1/charges/*/capture"}, method, path, {}))
        invariant(method == "POST" && place.starts_with("/v1/charges/") &&
                  place.ends_with("/capture"));
    if (may_call({"gateway:read"}, method, path, {}))
        invariant(method == "GET" || method == "HEAD");
    const Scopes bound = {"admin", "account:acct_1abc"};
    if (may_call(bound, method, path, {}))
        invariant(is_at_or_below(place, "/v1/accounts/acct_1abc") ||
                  is_at_or_below(place, "/v2/core/accounts/acct_1abc"));
    invariant(!may_call(bound, method, path, "acct_2"));
}

void check_narrowing(const Scopes& scopes, std::string_view method, std::string_view path) {
    if (mistake_in(scopes)) return;
    for (const char* restriction : {"account:acct_1abc", "only:livemode", "only:testmode"}) {
        auto narrower = scopes;
        narrower.emplace_back(restriction);
        for (const char* account : {"", "acct_1abc"})
            if (accounts_of(scopes).empty() && may_call(narrower, method, path, account))
                invariant(may_call(scopes, method, path, account));
    }
    auto wider = scopes;
    wider.emplace_back("gateway:write");
    if (may_call(scopes, method, path, {})) invariant(may_call(wider, method, path, {}));
}

}  // namespace

/// Method, path and the words of a key are one line each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto take_line = [&input] {
        const auto end = std::min(input.find('\n'), input.size());
        const auto line = input.substr(0, end);
        input.remove_prefix(std::min(end + 1, input.size()));
        return line;
    };
    const auto method = take_line();
    const std::string path(take_line());
    const auto scopes = scopes_in(take_line());
    check_bounds(method, path);
    // Beginnings that the fuzzer need not find.
    for (const char* begin :
         {"/v1/refunds", "/v1/charges/", "/v1/accounts/acct_1abc", "/v1/accounts/"})
        for (const char* verb : {"GET", "POST"}) {
            check_bounds(verb, begin + path);
            check_narrowing(scopes, verb, begin + path);
        }
    return 0;
}
