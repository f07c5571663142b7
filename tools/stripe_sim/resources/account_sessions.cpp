// Account sessions: what embedded components would be given.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr Seconds session_lasts = 30 * minute;

json::object create(Call& call) {
    const auto& account = call.on("").get("account", call.text("account"), "account");
    if (call.object("components").empty()) throw missing_param("components");
    auto session = call.begin("account_session", "");
    session["account"] = account.at("id");
    session["client_secret"] = fmt::format("accs_secret__{}", call.world.ids.letters(24));
    session["expires_at"] = call.now() + session_lasts;
    call.fill(session, "components", call.object("components"));
    return session;
}

}  // namespace

void add_account_sessions(Routes& on) {
    on("POST", "/v1/account_sessions", create);
}

}  // namespace daybook::sim
