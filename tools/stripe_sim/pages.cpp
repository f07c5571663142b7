// Serving embedded pages, and finding what they are about.
#include <tools/stripe_sim/pages.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/embedded.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

std::string_view content_type(std::string_view name) {
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    return "text/html; charset=utf-8";
}

}  // namespace

Reply page_reply(std::string_view name) {
    const auto path = fmt::format("pages/{}", name);
    if (std::ranges::find(embedded::files(), path, &embedded::File::name) ==
        embedded::files().end())
        throw no_such("page", name);
    Reply reply;
    reply.body = embedded::file(path);
    reply.content_type = content_type(name);
    reply.headers = "Cache-Control: no-cache\r\n";
    return reply;
}

Scope home_of(World& world, std::string_view type, std::string_view id) {
    if (world.store.find("", type, id)) return {world, ""};
    for (const auto& [account, held] : world.store.shelves())
        if (held == type && world.store.find(account, type, id)) return {world, account};
    throw no_such(type, id);
}

}  // namespace daybook::sim
