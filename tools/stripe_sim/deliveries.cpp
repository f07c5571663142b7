// Queues per target, and what a failure costs.
#include <tools/stripe_sim/deliveries.hpp>

#include <api/signature.hpp>
#include <ledger/invariant.hpp>
#include <tools/stripe_sim/old_versions.hpp>
#include <tools/stripe_sim/thin_events.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace daybook::sim {
namespace {

/// From one try to the next; the last begins within three days of the first.
constexpr std::array<Seconds, 9> pauses = {minute,    5 * minute, 30 * minute, 2 * hour, 5 * hour,
                                           10 * hour, 14 * hour,  20 * hour,   20 * hour};
constexpr Seconds patience = 3 * day;

/// Receivers compare with their own clock, which is not virtual.
std::int64_t wall_clock() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

json::value saved_delivery(const Delivery& delivery) {
    return json::array{delivery.event, delivery.tries,   delivery.copy, delivery.forged,
                       delivery.bare,  delivery.version, delivery.first};
}

Delivery read_delivery(const json::value& saved) {
    const auto& parts = saved.as_array();
    return {.event = parts.at(0).to_number<std::uint32_t>(),
            .tries = parts.at(1).to_number<std::uint8_t>(),
            .copy = parts.at(2).as_bool(),
            .forged = parts.at(3).as_bool(),
            .bare = parts.at(4).as_bool(),
            .version = parts.at(5).to_number<std::uint8_t>(),
            .first = parts.at(6).as_int64()};
}

json::object saved_target(const Target& target) {
    json::array secrets;
    for (const auto& one : target.secrets)
        secrets.push_back(json::array{
            one.secret, one.valid_until ? json::value(*one.valid_until) : json::value()});
    return {{"id", target.id},
            {"owner", target.owner},
            {"url", target.url},
            {"types", json::array(target.types.begin(), target.types.end())},
            {"own", target.own},
            {"connect", target.connect},
            {"thin", target.thin},
            {"enabled", target.enabled},
            {"configured", target.configured},
            {"api_version", target.api_version},
            {"secrets", std::move(secrets)}};
}

Target read_target(const json::object& saved) {
    Target target{.id = std::string(text(saved, "id")),
                  .owner = std::string(text(saved, "owner")),
                  .url = std::string(text(saved, "url")),
                  .types = {},
                  .own = flag(saved, "own"),
                  .connect = flag(saved, "connect"),
                  .thin = flag(saved, "thin"),
                  .enabled = flag(saved, "enabled"),
                  .configured = flag(saved, "configured"),
                  .api_version = std::string(text(saved, "api_version")),
                  .secrets = {}};
    for (const auto& pattern : array(saved, "types"))
        target.types.emplace_back(pattern.as_string());
    for (const auto& value : array(saved, "secrets")) {
        const auto& pair = value.as_array();
        const auto* until = pair.at(1).if_int64();
        target.secrets.push_back(
            {std::string(pair.at(0).as_string()), until ? std::optional(*until) : std::nullopt});
    }
    return target;
}

bool is_account(std::string_view account) {
    return account.starts_with("acct_");
}

bool same(const Delivery& a, const Delivery& b) {
    return a.event == b.event && a.copy == b.copy && a.tries == b.tries;
}

}  // namespace

std::string signature_of(std::string_view body, const std::vector<std::string>& secrets,
                         std::int64_t unix_time) {
    const auto time = std::to_string(unix_time);
    auto header = "t=" + time;
    for (const auto& secret : secrets)
        header += ",v1=" + api::sign(secret, time, body);
    return header + ",v0=" + api::sign("v0", time, body);
}

Deliveries::Queue* Deliveries::queue(std::string_view id) {
    const auto found = queues_.find(id);
    return found == queues_.end() ? nullptr : &found->second;
}

void Deliveries::put(Target target) {
    auto& queue = queues_[target.id];
    queue.target = std::move(target);
    announce(queue);
}

void Deliveries::erase(std::string_view id) {
    const auto found = queues_.find(id);
    if (found == queues_.end()) return;
    const auto& queue = found->second;
    for (const auto& delivery : queue.ready)
        settle(delivery);
    for (const auto& [due, batch] : queue.waiting)
        std::ranges::for_each(batch, [this](const auto& delivery) { settle(delivery); });
    for (const auto& [place, delivery] : queue.held)
        settle(delivery);
    for (const auto& delivery : queue.under_way)
        settle(delivery);
    queues_.erase(found);
}

const Target* Deliveries::find(std::string_view id) const {
    const auto found = queues_.find(id);
    return found == queues_.end() ? nullptr : &found->second.target;
}

std::vector<const Target*> Deliveries::targets() const {
    std::vector<const Target*> all;
    for (const auto& [id, queue] : queues_)
        all.push_back(&queue.target);
    return all;
}

void Deliveries::rotate(std::string_view id, std::string secret, Seconds overlap) {
    auto* found = queue(id);
    invariant(found != nullptr);
    auto& secrets = found->target.secrets;
    const auto now = world_.clock.now();
    std::erase_if(secrets,
                  [now](const auto& old) { return old.valid_until.value_or(now + 1) <= now; });
    for (auto& old : secrets)
        old.valid_until = std::min(old.valid_until.value_or(now + overlap), now + overlap);
    secrets.insert(secrets.begin(), {std::move(secret), std::nullopt});
}

bool Deliveries::wants(const Target& target, std::string_view type,
                       std::string_view account) const {
    if (!target.enabled) return false;
    const bool in_scope = account == target.owner
                              ? target.own
                              : target.connect && target.owner.empty() && is_account(account);
    return in_scope && std::ranges::any_of(target.types, [type](const auto& pattern) {
               return event_type_matches(pattern, type);
           });
}

void Deliveries::note(std::size_t number) {
    const auto& head = world_.events.head(number);
    std::int32_t pending = 0;
    for (auto& [id, queue] : queues_)
        if (wants(queue.target, head.type, head.account)) ++pending;
    if (pending == 0) return;
    world_.events.set_pending(number, pending);
    for (auto& [id, queue] : queues_)
        if (wants(queue.target, head.type, head.account)) admit(queue, number, head.type);
}

void Deliveries::admit(Queue& queue, std::size_t number, std::string_view type) {
    const auto now = world_.clock.now();
    const auto fault = world_.faults.judge(queue.target.id, type, now);
    release_up_to(queue, number);
    if (fault.lose) return;
    Delivery delivery{.event = static_cast<std::uint32_t>(number),
                      .forged = fault.wrong_signature,
                      .bare = fault.null_balance_transaction,
                      .version = fault.version,
                      .first = now};
    if (fault.delay > 0)
        wait(queue, delivery, now + fault.delay);
    else if (fault.shift > 0)
        queue.held.emplace(number + fault.shift, delivery);
    else
        queue.ready.push_back(delivery);
    delivery.copy = true;
    for (std::int64_t i = 0; i < fault.copies; ++i)
        queue.ready.push_back(delivery);
    announce(queue);
}

void Deliveries::release_up_to(Queue& queue, std::uint64_t place) {
    while (!queue.held.empty() && queue.held.begin()->first <= place) {
        queue.ready.push_back(queue.held.begin()->second);
        queue.held.erase(queue.held.begin());
    }
}

void Deliveries::release() {
    for (auto& [id, queue] : queues_) {
        if (queue.held.empty()) continue;
        release_up_to(queue, queue.held.rbegin()->first);
        announce(queue);
    }
}

bool Deliveries::holds() const {
    return std::ranges::any_of(queues_, [](const auto& one) { return !one.second.held.empty(); });
}

void Deliveries::resend(std::string_view id, std::size_t number) {
    auto* found = queue(id);
    invariant(found != nullptr);
    found->ready.push_back(
        {.event = static_cast<std::uint32_t>(number), .copy = true, .first = world_.clock.now()});
    announce(*found);
}

void Deliveries::resend(std::size_t number) {
    const auto& head = world_.events.head(number);
    for (const auto& [id, queue] : queues_)
        if (wants(queue.target, head.type, head.account)) resend(id, number);
}

void Deliveries::wait(Queue& queue, const Delivery& delivery, Seconds due) {
    auto& batch = queue.waiting[due];
    if (batch.empty()) world_.tasks.schedule(due, {"webhook.retry", "", queue.target.id});
    batch.push_back(delivery);
}

void Deliveries::retry(std::string_view id) {
    auto* found = queue(id);
    if (!found) return;
    auto& waiting = found->waiting;
    while (!waiting.empty() && waiting.begin()->first <= world_.clock.now()) {
        for (const auto& delivery : waiting.begin()->second)
            found->ready.push_back(delivery);
        waiting.erase(waiting.begin());
    }
    announce(*found);
}

void Deliveries::on_ready(std::function<void(const std::string&)> callback) {
    on_ready_ = std::move(callback);
    for (const auto& [id, queue] : queues_)
        announce(queue);
}

void Deliveries::announce(const Queue& queue) const {
    const bool any = !queue.ready.empty() || !queue.held.empty();
    if (on_ready_ && any && queue.target.enabled) on_ready_(queue.target.id);
}

std::optional<Delivery> Deliveries::take(std::string_view id) {
    auto* found = queue(id);
    if (!found || !found->target.enabled || found->ready.empty()) return std::nullopt;
    const auto delivery = found->ready.front();
    found->ready.pop_front();
    found->under_way.push_back(delivery);
    return delivery;
}

Outgoing Deliveries::outgoing(const Target& target, const Delivery& delivery) const {
    Outgoing request{.url = target.url, .signature = {}, .body = {}};
    if (target.thin) {
        request.body = pretty(thin_event(world_, delivery.event));
    } else {
        auto event = world_.events.get(delivery.event);
        const auto& version =
            delivery.version > 0 ? known_versions()[delivery.version] : target.api_version;
        if (!version.empty()) render_as_of(world_, event, version);
        if (delivery.bare) drop_balance_transactions(event);
        request.body = pretty(event);
    }
    std::vector<std::string> secrets;
    for (const auto& secret : target.secrets)
        if (!secret.valid_until || *secret.valid_until > world_.clock.now())
            secrets.push_back(secret.secret);
    if (delivery.forged && delivery.tries == 0) secrets = {"whsec_of_somebody_else"};
    request.signature = signature_of(request.body, secrets, wall_clock());
    return request;
}

void Deliveries::settle(const Delivery& delivery) {
    if (delivery.copy) return;
    const auto pending = world_.events.head(delivery.event).pending_webhooks;
    if (pending > 0) world_.events.set_pending(delivery.event, pending - 1);
}

void Deliveries::finish(std::string_view id, const Delivery& delivery, bool acknowledged) {
    auto* found = queue(id);
    if (!found) return;
    const auto place = std::ranges::find_if(
        found->under_way, [&delivery](const auto& other) { return same(delivery, other); });
    invariant(place != found->under_way.end());
    found->under_way.erase(place);
    if (acknowledged) return settle(delivery);
    if (delivery.copy) return;
    auto next = delivery;
    const auto now = world_.clock.now();
    if (next.tries == 0) next.first = now;
    if (next.tries >= pauses.size() || now - next.first >= patience) return;
    const auto due = now + pauses[next.tries];
    ++next.tries;
    wait(*found, next, due);
}

std::size_t Deliveries::ready(std::string_view id) const {
    const auto found = queues_.find(id);
    return found == queues_.end() ? 0 : found->second.ready.size();
}

std::size_t Deliveries::outstanding() const {
    std::size_t count = 0;
    for (const auto& [id, queue] : queues_) {
        count += queue.ready.size() + queue.held.size() + queue.under_way.size();
        for (const auto& [due, batch] : queue.waiting)
            count += batch.size();
    }
    return count;
}

json::array Deliveries::shown() const {
    json::array all;
    for (const auto& [id, queue] : queues_) {
        std::size_t waiting = 0;
        for (const auto& [due, batch] : queue.waiting)
            waiting += batch.size();
        all.push_back({{"endpoint", id},
                       {"url", queue.target.url},
                       {"enabled", queue.target.enabled},
                       {"ready", queue.ready.size() + queue.held.size()},
                       {"under_way", queue.under_way.size()},
                       {"waiting_for_retry", waiting}});
    }
    return all;
}

json::array Deliveries::saved() const {
    json::array all;
    for (const auto& [id, queue] : queues_) {
        json::array ready;
        // What is under way may or may not arrive: it is sent again.
        for (const auto& delivery : queue.under_way)
            ready.push_back(saved_delivery(delivery));
        for (const auto& delivery : queue.ready)
            ready.push_back(saved_delivery(delivery));
        json::array waiting;
        for (const auto& [due, batch] : queue.waiting)
            for (const auto& delivery : batch)
                waiting.push_back(json::array{due, saved_delivery(delivery)});
        json::array held;
        for (const auto& [place, delivery] : queue.held)
            held.push_back(json::array{place, saved_delivery(delivery)});
        all.push_back({{"target", saved_target(queue.target)},
                       {"ready", std::move(ready)},
                       {"waiting", std::move(waiting)},
                       {"held", std::move(held)}});
    }
    return all;
}

void Deliveries::resume(const json::array& saved) {
    for (const auto& value : saved) {
        const auto& one = value.as_object();
        auto target = read_target(object(one, "target"));
        auto& queue = queues_[target.id];
        queue.target = std::move(target);
        for (const auto& delivery : array(one, "ready"))
            queue.ready.push_back(read_delivery(delivery));
        for (const auto& item : array(one, "waiting"))
            queue.waiting[item.as_array().at(0).as_int64()].push_back(
                read_delivery(item.as_array().at(1)));
        for (const auto& item : array(one, "held"))
            queue.held.emplace(item.as_array().at(0).to_number<std::uint64_t>(),
                               read_delivery(item.as_array().at(1)));
        announce(queue);
    }
}

}  // namespace daybook::sim
