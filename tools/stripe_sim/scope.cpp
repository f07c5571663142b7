// The verbs of resource code.
#include <tools/stripe_sim/scope.hpp>

#include <ledger/invariant.hpp>
#include <ledger/json_text.hpp>
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/payout_queue.hpp>
#include <tools/stripe_sim/settlement.hpp>
#include <tools/stripe_sim/world.hpp>

#include <array>

namespace daybook::sim {

Seconds Scope::now() const {
    return world.clock.now();
}

std::string Scope::account_id() const {
    return account.empty() ? world.platform_id : account;
}

const json::object* Scope::find(std::string_view type, std::string_view id) const {
    return world.store.find(account, type, id);
}

const json::object& Scope::get(std::string_view type, std::string_view id,
                               std::string_view param) const {
    const auto* found = find(type, id);
    if (!found) throw no_such(type, id, param);
    return *found;
}

json::object& Scope::edit(std::string_view type, std::string_view id,
                          std::string_view param) const {
    auto* found = world.store.edit(account, type, id);
    if (!found) throw no_such(type, id, param);
    return *found;
}

json::object Scope::begin(std::string_view type, std::string_view prefix) const {
    auto document = world.spec.blank(type);
    if (!prefix.empty()) document["id"] = world.ids.make(prefix);
    if (auto* created = document.if_contains("created")) *created = now();
    if (auto* metadata = document.if_contains("metadata")) *metadata = json::object();
    return document;
}

void Scope::fill(json::object& document, std::string_view name, json::value value) const {
    auto& place = document[name];
    place = std::move(value);
    const auto* fields = world.spec.object(text(document, "object"));
    const auto* shape = fields ? fields->find(name) : nullptr;
    if (shape) world.spec.complete(*shape, place);
}

json::object& Scope::put(json::object document) const {
    const std::string type(text(document, "object"));
    return world.store.put(account, type, std::move(document));
}

void Scope::erase(std::string_view type, std::string_view id) const {
    const bool existed = world.store.erase(account, type, id);
    invariant(existed);
}

namespace {

/// Appends what the event shows: the document, with what its renderer adds.
void append_snapshot(std::string& out, const Scope& scope, const json::object& document) {
    const auto& routes = scope.world.routes;
    if (!routes.has_renderer(text(document, "object"))) return append_compact(out, document);
    std::array<unsigned char, 16 * 1024> memory;
    json::monotonic_resource for_now(memory.data(), memory.size());
    json::object shown(document, &for_now);
    routes.render(scope, shown);
    append_compact(out, shown);
}

/// Written as text at once: an event is read far less often than it is made. `before` may be null.
void append_event(const Scope& scope, std::string_view type, const json::object* before,
                  const json::object& document) {
    auto& world = scope.world;
    invariant(world.spec.has_event(type));
    const EventHead head{.id = world.ids.make("evt_"),
                         .type = type,
                         .account = scope.account,
                         .created = scope.now()};
    thread_local std::string event;
    event.clear();
    const auto member = [](std::string_view lead, std::string_view text) {
        event += lead;
        append_json_string(event, text);
    };
    const auto or_null = [&member](std::string_view lead, std::string_view text) {
        if (!text.empty()) return member(lead, text);
        event += lead;
        event += "null";
    };
    member(R"({"id":)", head.id);
    event += R"(,"object":"event")";
    if (!scope.is_platform()) member(R"(,"account":)", scope.account);
    member(R"(,"api_version":)", world.spec.version());
    event += R"(,"created":)" + std::to_string(head.created) + R"(,"data":{"object":)";
    append_snapshot(event, scope, document);
    if (before) {
        event += R"(,"previous_attributes":)";
        append_compact(event, changed(*before, document));
    }
    event += R"(},"livemode":false,"pending_webhooks":0)";
    const Cause automatic;
    const auto& cause = world.cause ? *world.cause : automatic;
    or_null(R"(,"request":{"id":)", cause.request_id);
    or_null(R"(,"idempotency_key":)", cause.idempotency_key);
    member(R"(},"type":)", type);
    event += '}';
    world.events.append(head, event);
}

}  // namespace

void Scope::emit(std::string_view type, const json::object& document) const {
    append_event(*this, type, nullptr, document);
    world.routes.tell(*this, type, document);
}

void Scope::emit_changed(std::string_view type, const json::object& before,
                         const json::object& document) const {
    append_event(*this, type, &before, document);
    world.routes.tell(*this, type, document);
}

const json::object& Scope::post(const Posting& posting) const {
    const auto settlement = settlement_of(*this, posting);
    auto document = begin("balance_transaction", "txn_");
    std::int64_t fee = 0;
    json::array details;
    for (const auto& part : posting.fees) {
        const auto amount = settlement.converted(part.amount);
        fee += amount;
        details.push_back({{"amount", amount},
                           {"application", nullptr},
                           {"currency", settlement.currency},
                           {"description", text_or_null(part.description)},
                           {"type", part.type}});
    }
    const auto amount = settlement.converted(posting.amount);
    const auto available_on = posting.available_on.value_or(now());
    document["amount"] = amount;
    document["available_on"] = available_on;
    document["balance_type"] = "payments";
    document["currency"] = settlement.currency;
    document["description"] = text_or_null(posting.description);
    document["exchange_rate"] = settlement.rate();
    document["fee"] = fee;
    document["fee_details"] = std::move(details);
    document["net"] = amount - fee;
    document["reporting_category"] = posting.reporting_category;
    document["source"] = text_or_null(posting.source);
    document["status"] = available_on <= now() ? "available" : "pending";
    document["type"] = posting.type;
    if (available_on > now() && !world.balances.awaits(account, available_on))
        later(available_on - now(), "balance.settle", "");
    world.balances.add(account, settlement.currency, amount - fee, available_on, now());
    const auto& stored = put(std::move(document));
    await_payout(*this, stored);
    return stored;
}

void Scope::later(Seconds delay, std::string_view kind, std::string_view id) const {
    world.tasks.schedule(now() + delay, {std::string(kind), account, std::string(id)});
}

}  // namespace daybook::sim
