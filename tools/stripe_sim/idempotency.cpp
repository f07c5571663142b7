// One entry per account and key; bodies packed, since there are many.
#include <tools/stripe_sim/idempotency.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr Seconds kept_for = 24 * hour;

/// FNV-1a: the same on every machine, which std::hash need not be.
std::uint64_t hash(std::string_view text) {
    std::uint64_t value = 14695981039346656037U;
    for (const char c : text)
        value = (value ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return value;
}

}  // namespace

std::string Idempotency::name(std::string_view account, std::string_view key) {
    return fmt::format("{}/{}", account, key);
}

void Idempotency::prune(Seconds now) {
    while (!by_age_.empty() && by_age_.front().first + kept_for <= now) {
        const auto found = entries_.find(by_age_.front().second);
        // A key may have been freed and taken again since.
        if (found != entries_.end() && found->second.since == by_age_.front().first &&
            found->second.status != 0)
            entries_.erase(found);
        by_age_.pop_front();
    }
}

Idempotency::Found Idempotency::begin(std::string_view account, std::string_view key,
                                      std::string_view fingerprint, std::string_view request_id,
                                      Seconds now) {
    prune(now);
    const auto print = hash(fingerprint);
    auto [found, is_new] = entries_.try_emplace(name(account, key));
    auto& entry = found->second;
    if (!is_new) {
        if (entry.fingerprint != print) return Found::different;
        return entry.status == 0 ? Found::in_use : Found::replay;
    }
    entry.fingerprint = print;
    entry.request_id = request_id;
    entry.since = now;
    by_age_.emplace_back(now, found->first);
    return Found::fresh;
}

void Idempotency::finish(std::string_view account, std::string_view key, const Reply& reply) {
    auto& entry = entries_[name(account, key)];
    entry.status = reply.status;
    entry.packed_body = packer_.pack(reply.body);
}

void Idempotency::release(std::string_view account, std::string_view key) {
    entries_.erase(name(account, key));
}

void Idempotency::forget(std::string_view account, std::string_view key) {
    const auto found = entries_.find(name(account, key));
    if (found != entries_.end() && found->second.status != 0) entries_.erase(found);
}

Reply Idempotency::answer(std::string_view account, std::string_view key) const {
    const auto& entry = entries_.at(name(account, key));
    Reply reply;
    reply.status = entry.status;
    reply.body = packer_.unpack(entry.packed_body);
    reply.headers =
        fmt::format("Idempotent-Replayed: true\r\nOriginal-Request: {}\r\n", entry.request_id);
    return reply;
}

void Idempotency::save(const std::function<void(json::object)>& take) const {
    for (const auto& [since, key] : by_age_) {
        const auto found = entries_.find(key);
        if (found == entries_.end() || found->second.since != since || found->second.status == 0)
            continue;
        const auto& entry = found->second;
        take({{"key", key},
              {"fingerprint", std::to_string(entry.fingerprint)},
              {"request_id", entry.request_id},
              {"status", entry.status},
              {"since", since},
              {"body", packer_.unpack(entry.packed_body)}});
    }
}

void Idempotency::restore(const json::object& saved) {
    const std::string key(text(saved, "key"));
    auto& entry = entries_[key];
    entry.fingerprint = std::stoull(std::string(text(saved, "fingerprint")));
    entry.request_id = text(saved, "request_id");
    entry.status = static_cast<int>(integer(saved, "status"));
    entry.since = integer(saved, "since");
    entry.packed_body = packer_.pack(text(saved, "body"));
    by_age_.emplace_back(entry.since, key);
}

}  // namespace daybook::sim
