// Moving parameters into documents, and the answers that look alike.
#include <tools/stripe_sim/call.hpp>

#include <ledger/invariant.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

std::string_view id_in(const std::vector<std::pair<std::string_view, std::string>>& ids,
                       std::string_view name) {
    const auto found =
        std::ranges::find(ids, name, &std::pair<std::string_view, std::string>::first);
    invariant(found != ids.end());
    return found->second;
}

}  // namespace

std::string_view Call::id(std::string_view name) const {
    return id_in(ids, name);
}

std::string_view PageCall::id(std::string_view name) const {
    return id_in(ids, name);
}

void Call::copy(json::object& document, Names names) const {
    for (const auto name : names)
        if (const auto* given = params.if_contains(name)) fill(document, name, *given);
}

void Call::merge_metadata(json::object& document, const json::object& params) {
    const auto* given = params.if_contains("metadata");
    if (!given) return;
    auto& place = document["metadata"];
    if (given->is_null() || !place.is_object()) place = json::object();
    if (given->is_null()) return;
    auto& metadata = place.get_object();
    for (const auto& [key, value] : given->as_object()) {
        if (!value.is_null())
            metadata[key] = value;
        else if (const auto found = metadata.find(key); found != metadata.end())
            metadata.stable_erase(found);
    }
}

void Call::check_client_secret(const json::object& document) const {
    if (!publishable) return;
    if (client_secret.empty()) throw missing_param("client_secret");
    if (client_secret != sim::text(document, "client_secret"))
        throw invalid("The client_secret provided does not match any associated intent.")
            .code("resource_missing")
            .param("client_secret");
}

Reply json_reply(const json::value& body, int status) {
    Reply reply;
    reply.status = status;
    append_pretty(reply.body, body);
    reply.body += '\n';
    return reply;
}

Reply html_reply(std::string html) {
    Reply reply;
    reply.body = std::move(html);
    reply.content_type = "text/html; charset=utf-8";
    return reply;
}

json::object list_of(const Scope& scope, std::string_view url,
                     const std::vector<const json::object*>& items, bool has_more) {
    json::array data;
    data.reserve(items.size());
    for (const auto* item : items) {
        json::object shown(*item);
        scope.world.routes.render(scope, shown);
        data.push_back(std::move(shown));
    }
    json::object list;
    list["object"] = "list";
    list["data"] = std::move(data);
    list["has_more"] = has_more;
    list["url"] = json::string(url);
    return list;
}

json::object deleted(std::string_view type, std::string_view id) {
    return {{"id", json::string(id)}, {"object", json::string(type)}, {"deleted", true}};
}

}  // namespace daybook::sim
