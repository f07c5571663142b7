// Test deposits always have the same amounts and the same code.
#include <tools/stripe_sim/microdeposits.hpp>

#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr std::string_view verification =
    "payment_method_options.us_bank_account.verification_method";

bool knows_deposits(const Call& call) {
    if (call.has("descriptor_code")) return call.text("descriptor_code") == "SM11AA";
    return call.array("amounts") == json::array{32, 45};
}

}  // namespace

void copy_verification_method(Call& call, json::object& intent) {
    if (call.has(verification)) set(intent, verification) = json::string(call.text(verification));
}

bool needs_microdeposits(const json::object& intent, const json::object& method) {
    return text(method, "type") == "us_bank_account" &&
           text(intent, verification) == "microdeposits";
}

json::object microdeposits_action(const Scope& scope, const json::object& intent) {
    return {{"type", "verify_with_microdeposits"},
            {"verify_with_microdeposits",
             {{"arrival_date", midnight(scope.now()) + 2 * day},
              {"hosted_verification_url",
               fmt::format("{}/_sim/microdeposits/{}", scope.world.base_url, text(intent, "id"))},
              {"microdeposit_type", "amounts"}}}};
}

void check_microdeposits(const Call& call, const json::object& intent) {
    const std::string type(text(intent, "object"));
    if (text(intent, "next_action.type") != "verify_with_microdeposits")
        throw invalid("This intent does not wait for microdeposits.")
            .code(fmt::format("{}_unexpected_state", type))
            .with(type, intent);
    if (!knows_deposits(call))
        throw invalid(
            "The amounts provided do not match the amounts that were sent to the bank account.")
            .code("payment_method_microdeposit_verification_amounts_mismatch")
            .with(type, intent);
}

}  // namespace daybook::sim
