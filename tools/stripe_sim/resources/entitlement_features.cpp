// Features: what a product may entitle its buyers to.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr std::string_view feature_type = "entitlements.feature";

json::object create(Call& call) {
    const std::string key(call.text("lookup_key"));
    const auto same = call.world.store.page(call.account, feature_type,
                                            {.limit = 1, .equal = {{"lookup_key", key}}});
    if (!same.items.empty())
        throw invalid(fmt::format("A feature with the lookup_key {} already exists.", key))
            .code("resource_already_exists")
            .param("lookup_key");
    auto feature = call.begin(feature_type, "feat_");
    feature["active"] = true;
    call.copy(feature, {"lookup_key", "name"});
    call.copy_metadata(feature);
    return call.put(std::move(feature));
}

json::object update(Call& call) {
    auto& feature = call.edit(feature_type, call.id("feature"), "feature");
    call.copy(feature, {"active", "name"});
    call.copy_metadata(feature);
    return feature;
}

json::object list(Call& call) {
    ListQuery query;
    if (call.has("lookup_key"))
        query.equal.emplace_back("lookup_key", std::string(call.text("lookup_key")));
    if (call.has("archived"))
        query.match = [active = !call.flag("archived")](const json::object& feature) {
            return flag(feature, "active") == active;
        };
    return list_page(call, feature_type, std::move(query));
}

}  // namespace

void add_entitlement_features(Routes& on) {
    on("POST", "/v1/entitlements/features", create);
    on("GET", "/v1/entitlements/features", list);
    on.retrieve("/v1/entitlements/features/{feature}");
    on("POST", "/v1/entitlements/features/{feature}", update);
}

}  // namespace daybook::sim
