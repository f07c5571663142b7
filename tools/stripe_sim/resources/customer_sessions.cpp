// Customer sessions: what a payment element or a pricing table is given to know its customer.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr Seconds session_lasts = 30 * minute;

json::object create(Call& call) {
    const auto& customer = call.get("customer", call.text("customer"), "customer");
    if (call.object("components").empty()) throw missing_param("components");
    auto session = call.begin("customer_session", "");
    session["customer"] = customer.at("id");
    session["client_secret"] = fmt::format("cuss_secret_{}", call.world.ids.letters(24));
    session["expires_at"] = call.now() + session_lasts;
    call.fill(session, "components", call.object("components"));
    return session;
}

}  // namespace

void add_customer_sessions(Routes& on) {
    on("POST", "/v1/customer_sessions", create);
}

}  // namespace daybook::sim
