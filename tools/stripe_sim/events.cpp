// Heads stay in memory as they are; texts are packed many at a time.
#include <tools/stripe_sim/events.hpp>

#include <ledger/invariant.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr std::size_t chunk_events = 64;

}  // namespace

bool event_type_matches(std::string_view pattern, std::string_view type) {
    if (!pattern.ends_with('*')) return pattern == type;
    pattern.remove_suffix(1);
    return type.starts_with(pattern);
}

std::string_view Events::interned(std::string_view text) {
    const auto found = names_.find(text);
    if (found != names_.end()) return found->second;
    return names_.emplace(std::string(text), std::string(text)).first->second;
}

std::size_t Events::add(const EventHead& given, std::string_view text) {
    if (!keeps_) drop_all();
    const auto number = count();
    auto& head = heads_.emplace_back(given);
    head.type = interned(given.type);
    head.account = interned(given.account);
    if (!keeps_) {
        open_ = text;
        return number;
    }
    invariant(by_id_.emplace(head.id, static_cast<std::uint32_t>(number)).second);
    by_account_[std::string(head.account)].push_back(static_cast<std::uint32_t>(number));
    open_ += text;
    open_ends_.push_back(static_cast<std::uint32_t>(open_.size()));
    if (open_ends_.size() == chunk_events) close_chunk();
    return number;
}

void Events::drop_all() {
    gone_ += heads_.size();
    heads_.clear();
    by_account_.clear();
    by_id_.clear();
    chunks_.clear();
}

std::size_t Events::append(const EventHead& head, std::string_view text) {
    if (holds_) {
        auto& held = held_.emplace_back(head, text).first;
        held.type = interned(head.type);
        held.account = interned(head.account);
        return count() + held_.size() - 1;
    }
    const auto number = add(head, text);
    for (const auto& listener : listeners_)
        listener(number);
    return number;
}

void Events::release() {
    holds_ = false;
    for (const auto& [head, text] : held_)
        append(head, text);
    held_.clear();
}

void Events::drop_held() {
    holds_ = false;
    held_.clear();
}

void Events::restore(std::string_view account, const json::object& event) {
    std::string text;
    append_compact(text, event);
    add({.id = std::string(sim::text(event, "id")),
         .type = sim::text(event, "type"),
         .account = account,
         .created = integer(event, "created"),
         .pending_webhooks = static_cast<std::int32_t>(integer(event, "pending_webhooks"))},
        text);
}

void Events::close_chunk() {
    chunks_.push_back({packer_.pack(open_), std::move(open_ends_)});
    open_.clear();
    open_ends_.clear();
}

std::optional<std::size_t> Events::find(std::string_view account, std::string_view id) const {
    const auto found = by_id_.find(id);
    if (found == by_id_.end() || head(found->second).account != account) return std::nullopt;
    return found->second;
}

std::string_view Events::text(std::size_t number) const {
    if (!keeps_) return open_;
    const auto chunk = number / chunk_events;
    const auto slice = [number](const std::string& all, const std::vector<std::uint32_t>& ends) {
        const auto i = number % chunk_events;
        const std::size_t begin = i == 0 ? 0 : ends[i - 1];
        return std::string_view(all).substr(begin, ends[i] - begin);
    };
    if (chunk == chunks_.size()) return slice(open_, open_ends_);
    if (unpacked_ != chunk) {
        unpacked_text_ = packer_.unpack(chunks_[chunk].packed);
        unpacked_ = chunk;
    }
    return slice(unpacked_text_, chunks_[chunk].ends);
}

json::object Events::get(std::size_t number) const {
    auto event = std::move(json::parse(text(number)).as_object());
    event["pending_webhooks"] = head(number).pending_webhooks;
    return event;
}

bool Events::fits(const EventHead& head, const EventQuery& query, Seconds oldest) const {
    if (head.created < oldest) return false;
    if (query.created_from && head.created < *query.created_from) return false;
    if (query.created_to && head.created > *query.created_to) return false;
    if (query.delivery_success && *query.delivery_success != (head.pending_webhooks == 0))
        return false;
    return query.types.empty() || std::ranges::any_of(query.types, [&head](const auto& pattern) {
               return event_type_matches(pattern, head.type);
           });
}

EventPage Events::page(std::string_view account, const EventQuery& query, Seconds oldest) const {
    EventPage page;
    const auto found = by_account_.find(account);
    if (found == by_account_.end()) return page;
    const bool backwards = !query.ending_before.empty();
    const auto& cursor = backwards ? query.ending_before : query.starting_after;
    const auto from = find(account, cursor);
    if (!cursor.empty() && !from) return page;

    const auto& numbers = found->second;
    const auto visit = [&](std::uint32_t number) {
        if (!fits(head(number), query, oldest)) return head(number).created >= oldest;
        if (page.numbers.size() == static_cast<std::size_t>(query.limit)) {
            page.has_more = true;
            return false;
        }
        page.numbers.push_back(number);
        return true;
    };
    if (backwards) {
        for (auto i = std::ranges::upper_bound(numbers, *from); i != numbers.end(); ++i)
            if (!visit(*i) && page.has_more) break;
        std::ranges::reverse(page.numbers);
        return page;
    }
    const auto end = from ? std::ranges::lower_bound(numbers, *from) : numbers.end();
    for (auto i = end; i != numbers.begin();)
        if (!visit(*--i)) break;
    return page;
}

}  // namespace daybook::sim
