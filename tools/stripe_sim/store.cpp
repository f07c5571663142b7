// Shelves of slots; each slot holds its document as a tree, packed, or both.
#include <tools/stripe_sim/store.hpp>

#include <ledger/invariant.hpp>

#include <algorithm>
#include <ranges>
#include <utility>

namespace daybook::sim {
namespace {

/// Of the texts in these fields; 0 when there are none.
std::size_t hash_of(const json::object& document, const std::vector<std::string>& fields) {
    std::size_t hash = 0;
    for (const auto& field : fields)
        hash = hash * 31 + TextHash()(text(document, field));
    return hash;
}

json::object parsed(std::string_view text) {
    return std::move(json::parse(text).as_object());
}

}  // namespace

/// What the documents of a type share.
struct Store::Type {
    Packer packer;
    std::vector<std::string> indexed;  ///< fields
};

struct Store::Slot {
    std::string id;
    std::string packed;  ///< stale when `changed`
    std::unique_ptr<json::object> tree;
    std::list<Slot*>::iterator hot;  ///< while there is a tree
    Shelf* shelf = nullptr;
    Seconds created = 0;
    std::uint32_t number = 0;  ///< in its shelf
    std::size_t indexed = 0;   ///< a hash of what its indexed fields were when last looked at
    bool changed = false;
    bool noted = false;    ///< in changed_
    bool watched = false;  ///< its first change is in watched_
};

/// How to undo one: what it was before, or the slot that was erased; neither is for an addition.
struct Store::Change {
    Slot* slot = nullptr;
    std::optional<json::object> before;
    std::unique_ptr<Slot> erased;
};

/// The objects of one type and account.
struct Store::Shelf {
    Type* type = nullptr;
    std::unordered_map<std::string_view, std::unique_ptr<Slot>> by_id;
    std::vector<Slot*> order;  ///< by age; null where one was erased
    /// Per indexed field and value, by age. May hold slots whose value is another by now.
    std::vector<TextMap<Candidates>> indexes;
};

Store::Store(std::size_t hot_max) : hot_max_(hot_max) {}
Store::~Store() = default;

void Store::index(std::string_view type, std::string_view field) {
    auto& made_type = types_[std::string(type)];
    if (!made_type) made_type = std::make_unique<Type>();
    if (std::ranges::find(made_type->indexed, field) == made_type->indexed.end())
        made_type->indexed.emplace_back(field);
}

const Store::Shelf* Store::shelf(std::string_view account, std::string_view type) const {
    const auto found = shelves_.find(std::pair(account, type));
    return found == shelves_.end() ? nullptr : found->second.get();
}

Store::Shelf& Store::made(std::string_view account, std::string_view type) {
    const auto found = shelves_.find(std::pair(account, type));
    if (found != shelves_.end()) return *found->second;
    auto& of_type = types_[std::string(type)];
    if (!of_type) of_type = std::make_unique<Type>();
    auto& made_shelf = shelves_[{std::string(account), std::string(type)}];
    made_shelf = std::make_unique<Shelf>();
    made_shelf->type = of_type.get();
    made_shelf->indexes.resize(of_type->indexed.size());
    return *made_shelf;
}

Store::Slot* Store::slot(std::string_view account, std::string_view type, std::string_view id) {
    const auto found = shelves_.find(std::pair(account, type));
    if (found == shelves_.end()) return nullptr;
    const auto entry = found->second->by_id.find(id);
    return entry == found->second->by_id.end() ? nullptr : entry->second.get();
}

json::object& Store::warm(Slot& slot) {
    if (slot.tree) {
        hot_.splice(hot_.end(), hot_, slot.hot);
    } else {
        slot.tree =
            std::make_unique<json::object>(parsed(slot.shelf->type->packer.unpack(slot.packed)));
        slot.hot = hot_.insert(hot_.end(), &slot);
    }
    return *slot.tree;
}

void Store::cool(Slot& slot) {
    if (slot.changed || slot.packed.empty()) {
        scratch_.clear();
        append_compact(scratch_, *slot.tree);
        slot.packed = slot.shelf->type->packer.pack(scratch_);
        slot.changed = false;
    }
    slot.tree.reset();
    hot_.erase(slot.hot);
}

void Store::note(Slot& slot) {
    slot.changed = true;
    if (!std::exchange(slot.noted, true)) changed_.push_back(&slot);
}

const json::object* Store::find(std::string_view account, std::string_view type,
                                std::string_view id) {
    auto* found = slot(account, type, id);
    return found ? &warm(*found) : nullptr;
}

json::object* Store::edit(std::string_view account, std::string_view type, std::string_view id) {
    auto* found = slot(account, type, id);
    if (!found) return nullptr;
    note(*found);
    auto& document = warm(*found);
    if (watches_ && !std::exchange(found->watched, true))
        watched_.push_back({.slot = found, .before = document, .erased = nullptr});
    return &document;
}

json::object& Store::put(std::string_view account, std::string_view type, json::object document) {
    auto& on = made(account, type);
    auto added = std::make_unique<Slot>();
    added->id = text(document, "id");
    added->created = integer(document, "created");
    added->shelf = &on;
    added->number = static_cast<std::uint32_t>(on.order.size());
    added->tree = std::make_unique<json::object>(std::move(document));
    added->hot = hot_.insert(hot_.end(), added.get());
    auto& put = *added;
    on.order.push_back(added.get());
    const bool is_new = on.by_id.emplace(put.id, std::move(added)).second;
    invariant(is_new && !put.id.empty());
    note(put);
    put.watched = watches_;
    if (watches_) watched_.push_back({.slot = &put, .before = std::nullopt, .erased = nullptr});
    return *put.tree;
}

bool Store::erase(std::string_view account, std::string_view type, std::string_view id) {
    auto* found = slot(account, type, id);
    if (!found) return false;
    auto erased = taken_out(*found);
    if (watches_)
        watched_.push_back({.slot = found, .before = std::nullopt, .erased = std::move(erased)});
    return true;
}

std::unique_ptr<Store::Slot> Store::taken_out(Slot& slot) {
    catch_up();
    auto& on = *slot.shelf;
    for (auto& values : on.indexes)
        for (auto& [value, slots] : values)
            std::erase(slots, &slot);
    on.order[slot.number] = nullptr;
    if (slot.tree) hot_.erase(slot.hot);
    return std::move(on.by_id.extract(slot.id).mapped());
}

void Store::put_back(std::unique_ptr<Slot> slot) {
    auto& back = *slot;
    back.shelf->order[back.number] = &back;
    if (back.tree) back.hot = hot_.insert(hot_.end(), &back);
    warm(back);
    back.indexed = 0;
    note(back);
    back.shelf->by_id.emplace(back.id, std::move(slot));
}

void Store::watch() {
    watches_ = true;
}

void Store::keep() {
    watches_ = false;
    for (const auto& change : watched_)
        change.slot->watched = false;
    watched_.clear();
}

void Store::undo() {
    watches_ = false;
    for (auto& change : watched_ | std::views::reverse) {
        change.slot->watched = false;
        if (change.erased) {
            put_back(std::move(change.erased));
        } else if (change.before) {
            *change.slot->tree = std::move(*change.before);
            note(*change.slot);
        } else {
            taken_out(*change.slot);
        }
    }
    watched_.clear();
}

void Store::catch_up() {
    for (auto* slot : changed_) {
        slot->noted = false;
        const auto& fields = slot->shelf->type->indexed;
        const auto print = hash_of(*slot->tree, fields);
        if (std::exchange(slot->indexed, print) == print) continue;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const auto value = text(*slot->tree, fields[i]);
            if (value.empty()) continue;
            auto& index = slot->shelf->indexes[i];
            const auto found = index.find(value);
            auto& slots = found == index.end() ? index[std::string(value)] : found->second;
            if (slots.empty() || slots.back()->number < slot->number) {
                slots.push_back(slot);
                continue;
            }
            const auto place = std::ranges::lower_bound(slots, slot->number, {}, &Slot::number);
            if (*place != slot) slots.insert(place, slot);
        }
    }
    changed_.clear();
}

const Store::Candidates& Store::candidates(Shelf& shelf, const ListQuery& query) {
    static const Candidates none;
    catch_up();
    const auto& fields = shelf.type->indexed;
    for (const auto& [field, value] : query.equal) {
        const auto i = static_cast<std::size_t>(std::ranges::find(fields, field) - fields.begin());
        if (i == fields.size()) continue;
        const auto found = shelf.indexes[i].find(value);
        return found == shelf.indexes[i].end() ? none : found->second;
    }
    return shelf.order;
}

bool Store::fits(Slot& slot, const ListQuery& query) {
    if (query.created_from && slot.created < *query.created_from) return false;
    if (query.created_to && slot.created > *query.created_to) return false;
    if (query.equal.empty() && !query.match) return true;
    const auto judge = [&query](const json::object& document) {
        return std::ranges::all_of(query.equal,
                                   [&document](const auto& pair) {
                                       return text(document, pair.first) == pair.second;
                                   }) &&
               (!query.match || query.match(document));
    };
    // Those that do not fit are not worth keeping unpacked.
    if (slot.tree) return judge(*slot.tree);
    return judge(parsed(slot.shelf->type->packer.unpack(slot.packed)));
}

ListPage Store::page(std::string_view account, std::string_view type, const ListQuery& query) {
    ListPage page;
    const auto found = shelves_.find(std::pair(account, type));
    if (found == shelves_.end()) return page;
    const bool backwards = !query.ending_before.empty();
    const auto& cursor = backwards ? query.ending_before : query.starting_after;
    const auto* from = cursor.empty() ? nullptr : slot(account, type, cursor);
    if (!cursor.empty() && !from) return page;

    const auto& slots = candidates(*found->second, query);
    const auto wanted = static_cast<std::size_t>(query.limit);
    for (std::size_t i = 0; i < slots.size() && !page.has_more; ++i) {
        auto* candidate = backwards ? slots[i] : slots[slots.size() - 1 - i];
        if (!candidate) continue;
        if (from &&
            (backwards ? candidate->number <= from->number : candidate->number >= from->number))
            continue;
        if (!fits(*candidate, query)) continue;
        if (page.items.size() == wanted)
            page.has_more = true;
        else
            page.items.push_back(&warm(*candidate));
    }
    if (backwards) std::ranges::reverse(page.items);
    return page;
}

void Store::each(std::string_view account, std::string_view type,
                 const std::function<void(const json::object&)>& visit) {
    const auto found = shelves_.find(std::pair(account, type));
    if (found == shelves_.end()) return;
    for (auto* one : std::vector(found->second->order)) {
        if (!one) continue;
        if (one->tree)
            visit(*one->tree);
        else
            visit(parsed(one->shelf->type->packer.unpack(one->packed)));
    }
}

std::size_t Store::count(std::string_view account, std::string_view type) const {
    const auto* found = shelf(account, type);
    return found ? found->by_id.size() : 0;
}

std::vector<std::pair<std::string, std::string>> Store::shelves() const {
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& [name, on] : shelves_)
        names.push_back(name);
    std::ranges::sort(names);
    return names;
}

void Store::rest() {
    catch_up();
    while (hot_.size() > hot_max_)
        cool(*hot_.front());
}

}  // namespace daybook::sim
