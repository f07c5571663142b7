// All objects: found by account, type and id; listed newest first; packed when nobody uses them.
#pragma once

#include <tools/stripe_sim/clock.hpp>
#include <tools/stripe_sim/json.hpp>
#include <tools/stripe_sim/packer.hpp>
#include <tools/stripe_sim/text_map.hpp>

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace daybook::sim {

/// What a list may ask for. Everything given must hold.
struct ListQuery {
    std::int64_t limit = 10;
    std::string starting_after;
    std::string ending_before;
    std::optional<Seconds> created_from;  ///< inclusive
    std::optional<Seconds> created_to;    ///< inclusive
    /// Fields (dotted) that must have these texts; an indexed one is looked up, not searched.
    std::vector<std::pair<std::string, std::string>> equal;
    std::function<bool(const json::object&)> match;
};

struct ListPage {
    std::vector<const json::object*> items;
    bool has_more = false;
};

/// Pointers and references to documents hold until rest(), which comes after each request and each
/// task; so within a handler nothing that was found moves or goes away, unless it is erased.
class Store {
public:
    /// How many documents stay unpacked over a rest().
    explicit Store(std::size_t hot_max = 4096);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Makes lists by this field (dotted, a text) fast. Before the first object of the type.
    void index(std::string_view type, std::string_view field);

    /// Null when there is none.
    const json::object* find(std::string_view account, std::string_view type, std::string_view id);
    /// The same to be changed. Its id and created stay.
    json::object* edit(std::string_view account, std::string_view type, std::string_view id);
    /// Adds a document; it has an id that is new within its type and account.
    json::object& put(std::string_view account, std::string_view type, json::object document);
    /// False when there is none.
    bool erase(std::string_view account, std::string_view type, std::string_view id);

    /// A page as Stripe lists: newest first. The cursors must exist, or nothing is found.
    ListPage page(std::string_view account, std::string_view type, const ListQuery& query);
    /// Every object, oldest first. It may be changed by edit() meanwhile, nothing put or erased.
    void each(std::string_view account, std::string_view type,
              const std::function<void(const json::object&)>& visit);
    /// How many there are.
    [[nodiscard]] std::size_t count(std::string_view account, std::string_view type) const;
    /// All pairs of account and type that ever had an object, in order.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> shelves() const;

    /// From now on changes are remembered, until they are kept or undone.
    void watch();
    void keep();
    void undo();

    /// Packs what was not used lately.
    void rest();

private:
    struct Slot;
    struct Type;
    struct Shelf;
    struct Change;
    using Candidates = std::vector<Slot*>;
    /// Lets account and type be looked up without making strings of them.
    struct HashOfName {
        using is_transparent = void;
        std::size_t operator()(const auto& name) const {
            const std::hash<std::string_view> hash;
            return hash(name.first) * 31 + hash(name.second);
        }
    };
    struct SameName {
        using is_transparent = void;
        bool operator()(const auto& a, const auto& b) const {
            return a.first == b.first && a.second == b.second;
        }
    };

    [[nodiscard]] const Shelf* shelf(std::string_view account, std::string_view type) const;
    Shelf& made(std::string_view account, std::string_view type);
    Slot* slot(std::string_view account, std::string_view type, std::string_view id);
    json::object& warm(Slot& slot);
    void cool(Slot& slot);
    void note(Slot& slot);
    std::unique_ptr<Slot> taken_out(Slot& slot);
    void put_back(std::unique_ptr<Slot> slot);
    void catch_up();
    const Candidates& candidates(Shelf& shelf, const ListQuery& query);
    bool fits(Slot& slot, const ListQuery& query);

    const std::size_t hot_max_;
    std::map<std::string, std::unique_ptr<Type>, std::less<>> types_;
    std::unordered_map<std::pair<std::string, std::string>, std::unique_ptr<Shelf>, HashOfName,
                       SameName>
        shelves_;
    std::list<Slot*> hot_;         ///< the latest used at the end
    std::vector<Slot*> changed_;   ///< whose indexed fields are to be looked at
    std::vector<Change> watched_;  ///< oldest first
    bool watches_ = false;
    std::string scratch_;  ///< a text that is about to be packed
};

}  // namespace daybook::sim
