// The table of handlers, and the handlers that most resources share.
#include <tools/stripe_sim/routes.hpp>

#include <ledger/invariant.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <stdexcept>

namespace daybook::sim {
namespace {

/// Adds the condition that the member at `path` equals the parameter at `path`, if it is given.
void add_filter(ListQuery& query, const Call& call, const std::string& path) {
    const auto* given = at(call.params, path);
    if (!given) return;
    if (given->is_string()) {
        query.equal.emplace_back(path, given->get_string());
        return;
    }
    query.match = [path, wanted = *given,
                   before = std::move(query.match)](const json::object& doc) {
        const auto* value = at(doc, path);
        return value && *value == wanted && (!before || before(doc));
    };
}

}  // namespace

Routes::Entry& Routes::made(const Route& route) {
    if (entries_.size() <= route.number) entries_.resize(route.number + 1);
    return entries_[route.number];
}

const Route& Routes::listed(std::string_view method, std::string_view path) const {
    const auto* route = spec_.route(method, path);
    if (!route) throw std::logic_error(fmt::format("Stripe declares no route {} {}", method, path));
    return *route;
}

void Routes::operator()(std::string_view method, std::string_view path, Handler handler) {
    made(listed(method, path)).handler = std::move(handler);
}

void Routes::unlisted(std::string_view method, std::string_view path, Handler handler) {
    made(spec_.add_unlisted(method, path)).handler = std::move(handler);
}

void Routes::retrieve(std::string_view path) {
    const auto& route = listed("GET", path);
    made(route).handler = [type = route.returns](Call& call) {
        const auto& [name, id] = call.ids.back();
        json::object shown(call.get(type, id, name));
        call.world.routes.render(call, shown);
        return shown;
    };
}

void Routes::list(std::string_view path, Names filters) {
    const auto& route = listed("GET", path);
    for (const auto filter : filters)
        if (const auto* shape = route.params->find(filter.substr(0, filter.find('.'))); !shape)
            throw std::logic_error(fmt::format("{} has no parameter {}", path, filter));
    made(route).handler = [type = route.returns, names = std::vector<std::string>(
                                                     filters.begin(), filters.end())](Call& call) {
        ListQuery query;
        for (const auto& name : names)
            add_filter(query, call, name);
        return list_page(call, type, std::move(query));
    };
}

void Routes::search(std::string_view path) {
    const auto& route = listed("GET", path);
    made(route).handler = [type = route.returns](Call& call) { return search_page(call, type); };
}

void Routes::browser(std::string_view method, std::string_view path) {
    const auto* route = spec_.route(method, path);
    if (!route) throw std::logic_error(fmt::format("there is no route {} {}", method, path));
    made(*route).browser = true;
}

void Routes::page(std::string_view method, std::string_view path, PageHandler handler) {
    made(spec_.add_unlisted(method, path)).page = std::move(handler);
}

void Routes::task(std::string_view kind, TaskFunction function) {
    tasks_[std::string(kind)] = std::move(function);
}

void Routes::watch(std::string_view event_type, Watcher watcher) {
    if (!spec_.has_event(event_type))
        throw std::logic_error(fmt::format("Stripe has no event {}", event_type));
    watchers_[std::string(event_type)].push_back(std::move(watcher));
}

void Routes::render(std::string_view type, Renderer renderer) {
    renderers_[std::string(type)] = std::move(renderer);
}

void Routes::include(std::string_view type, std::string_view field, Includer includer) {
    includers_[{std::string(type), std::string(field)}] = std::move(includer);
}

void Routes::index(std::string_view type, std::string_view field) {
    world_.store.index(type, field);
}

const Routes::Entry* Routes::entry(const Route& route) const {
    if (route.number >= entries_.size()) return nullptr;
    const auto& entry = entries_[route.number];
    return entry.handler || entry.page ? &entry : nullptr;
}

const TaskFunction& Routes::task(std::string_view kind) const {
    const auto found = tasks_.find(kind);
    if (found == tasks_.end()) throw std::logic_error(fmt::format("no task {}", kind));
    return found->second;
}

void Routes::tell(const Scope& scope, std::string_view event_type,
                  const json::object& document) const {
    const auto found = watchers_.find(event_type);
    if (found == watchers_.end()) return;
    for (const auto& watcher : found->second)
        watcher(scope, document);
}

void Routes::render(const Scope& scope, json::object& document) const {
    const auto found = renderers_.find(text(document, "object"));
    if (found != renderers_.end()) found->second(scope, document);
}

const Includer* Routes::includer(std::string_view type, std::string_view field) const {
    const auto found = includers_.find({std::string(type), std::string(field)});
    return found == includers_.end() ? nullptr : &found->second;
}

}  // namespace daybook::sim
