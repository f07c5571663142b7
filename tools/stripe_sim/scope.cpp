// The verbs of resource code.
#include <tools/stripe_sim/scope.hpp>

#include <ledger/invariant.hpp>
#include <ledger/json_text.hpp>
#include <tools/stripe_sim/compact.hpp>
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/payout_queue.hpp>
#include <tools/stripe_sim/settlement.hpp>
#include <tools/stripe_sim/world.hpp>

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

std::string compact(const json::object& document) {
    std::string out;
    append_compact(out, document);
    return out;
}

/// What the event shows: the document, with what its renderer adds.
std::string snapshot(const Scope& scope, const json::object& document) {
    if (!scope.world.routes.has_renderer(text(document, "object"))) return compact(document);
    json::object shown(document);
    scope.world.routes.render(scope, shown);
    return compact(shown);
}

/// Written as text at once: an event is read far less often than it is made.
void append_event(const Scope& scope, std::string_view type, const std::string& data) {
    auto& world = scope.world;
    invariant(world.spec.has_event(type));
    const Cause automatic;
    const Cause& cause = world.cause ? *world.cause : automatic;
    JsonObject request;
    request.text_or_null("id", cause.request_id);
    request.text_or_null("idempotency_key", cause.idempotency_key);
    EventHead head;
    head.id = world.ids.make("evt_");
    head.type = type;
    head.account = scope.account;
    head.created = scope.now();
    JsonObject event;
    event.text("id", head.id).text("object", "event");
    if (!scope.is_platform()) event.text("account", scope.account);
    event.text("api_version", world.spec.version())
        .number("created", head.created)
        .raw("data", data)
        .boolean("livemode", false)
        .number("pending_webhooks", 0)
        .raw("request", request.str())
        .text("type", type);
    world.events.append(head, event.str());
}

}  // namespace

void Scope::emit(std::string_view type, const json::object& document) const {
    JsonObject data;
    data.raw("object", snapshot(*this, document));
    append_event(*this, type, data.str());
    world.routes.tell(*this, type, document);
}

void Scope::emit_changed(std::string_view type, const json::object& before,
                         const json::object& document) const {
    JsonObject data;
    data.raw("object", snapshot(*this, document));
    data.raw("previous_attributes", compact(changed(before, document)));
    append_event(*this, type, data.str());
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
