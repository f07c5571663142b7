// Identities of actions and of their events.
#include <api/actions/plan.hpp>

#include <ledger/invariant.hpp>
#include <ledger/sha256.hpp>

#include <fmt/format.h>
#include <openssl/rand.h>

#include <boost/algorithm/string/predicate.hpp>

#include <array>

namespace daybook::api {
namespace {

constexpr std::size_t id_bytes = 16;

}  // namespace

std::string_view StripeAnswer::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (boost::algorithm::iequals(key, name)) return value;
    return {};
}

std::string action_id(std::string_view idempotency_key, bool livemode, std::string_view account) {
    if (idempotency_key.empty()) {
        std::array<unsigned char, id_bytes> random{};
        invariant(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
        return "act_" + hex({reinterpret_cast<const char*>(random.data()), random.size()});
    }
    // Length-prefixed, so that no account and key together look like another pair.
    const auto named = fmt::format("{}:{}:{}:{}", livemode ? "live" : "test", account.size(),
                                   account, idempotency_key);
    return "act_" + hex(std::string_view(sha256(named)).substr(0, id_bytes));
}

std::string step_key(std::string_view action_id, std::size_t step) {
    return step == 0 ? std::string(action_id) : fmt::format("{}-{}", action_id, step);
}

std::string outcome_id(std::string_view action_id) {
    return fmt::format("{}.outcome", action_id);
}

std::string indeterminate_id(std::string_view action_id) {
    return fmt::format("{}.indeterminate", action_id);
}

}  // namespace daybook::api
