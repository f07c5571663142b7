// Capabilities of an account: what it may do once its requirements are met.
#include <tools/stripe_sim/account_state.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

json::object list(Call& call) {
    const auto owner = owner_of(call, call.id("account"));
    static_cast<void>(call.on("").get("account", call.id("account"), "account"));
    const auto page = call.world.store.page(owner.account, "capability", {.limit = 100});
    return list_of(owner, call.url, page.items, page.has_more);
}

json::object retrieve(Call& call) {
    return owner_of(call, call.id("account"))
        .get("capability", call.id("capability"), "capability");
}

json::object update(Call& call) {
    const auto account_id = call.id("account");
    const auto owner = owner_of(call, account_id);
    static_cast<void>(call.on("").get("account", account_id, "account"));
    const auto* fields = call.world.spec.object("account")->find("capabilities")->fields;
    if (!fields->find(call.id("capability")))
        throw no_such("capability", call.id("capability"), "capability");
    if (call.has("requested")) {
        request_capability(owner, account_id, call.id("capability"), call.flag("requested"));
        change_account(call, account_id);
    }
    return retrieve(call);
}

}  // namespace

void add_capabilities(Routes& on) {
    on("GET", "/v1/accounts/{account}/capabilities", list);
    on("GET", "/v1/accounts/{account}/capabilities/{capability}", retrieve);
    on("POST", "/v1/accounts/{account}/capabilities/{capability}", update);
}

}  // namespace daybook::sim
