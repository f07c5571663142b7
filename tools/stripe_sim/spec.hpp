// What Stripe's own type declarations say: routes with their parameters, objects, events.
#pragma once

#include <tools/stripe_sim/json.hpp>
#include <tools/stripe_sim/text_map.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace daybook::sim {

struct Fields;
class PathTree;

/// What a value looks like. Everything it points to is owned by the Spec.
struct Shape {
    enum class Kind {
        string,
        integer,
        number,
        boolean,
        decimal,
        any,
        enumeration,
        object,
        array,
        map,
        list,
        ref,
        one_of
    };

    Kind kind = Kind::any;
    bool required = false;
    bool nullable = false;
    bool emptyable = false;                            ///< '' unsets it
    std::vector<std::string> id_of;                    ///< string: the objects it may be the id of
    std::string name;                                  ///< ref: the object's name
    const std::vector<std::string>* values = nullptr;  ///< enumeration
    const Fields* fields = nullptr;                    ///< object
    const Shape* element = nullptr;                    ///< array, map, list
    std::vector<Shape> alternatives;                   ///< one_of
};

/// The members of an object, in the order of the declarations.
struct Fields {
    std::vector<std::pair<std::string, Shape>> list;

    [[nodiscard]] const Shape* find(std::string_view name) const;
};

struct Route {
    std::string method;
    std::string path;  ///< "/v1/payment_intents/{intent}/confirm"
    const Fields* params = nullptr;
    std::string returns;  ///< an object's name; the first of several
    bool listed = true;   ///< false: Stripe has it but does not declare it, any parameter goes
    std::size_t number = 0;
};

/// A route and what stands for its {names}, decoded.
struct Match {
    const Route* route = nullptr;
    std::vector<std::pair<std::string_view, std::string>> ids;
};

/// Read once from api.json, then never changed, except that private routes may be added.
class Spec {
public:
    explicit Spec(std::string_view api_json);
    ~Spec();
    Spec(const Spec&) = delete;
    Spec& operator=(const Spec&) = delete;

    /// The route for a path without its query; `route` is null when there is none.
    [[nodiscard]] Match match(std::string_view method, std::string_view path) const;

    /// The route with exactly this pattern, or null.
    [[nodiscard]] const Route* route(std::string_view method, std::string_view pattern) const;

    /// All of them, private ones included.
    [[nodiscard]] const std::deque<Route>& routes() const { return routes_; }

    /// The pattern by which one object of this type is retrieved, or "".
    [[nodiscard]] std::string path_of(std::string_view type) const;

    /// Adds a route that Stripe does not declare; its parameters are not checked.
    const Route& add_unlisted(std::string_view method, std::string_view pattern);

    /// A document with every member that the object always has: null where it may be null, else
    /// "", 0, false, [], {} or the first of an enumeration. The object must exist.
    [[nodiscard]] json::object blank(std::string_view object) const;

    /// Adds to a value what its shape always has and it lacks, down to its leaves.
    void complete(const Shape& shape, json::value& value) const;

    /// The members of an object, or null.
    [[nodiscard]] const Fields* object(std::string_view name) const;

    /// Whether Stripe has an event of this type.
    [[nodiscard]] bool has_event(std::string_view type) const;

    [[nodiscard]] const std::string& version() const { return version_; }

private:
    struct Reader;

    [[nodiscard]] json::value blank_value(const Shape& shape) const;
    [[nodiscard]] json::object blank_object(const Fields& fields) const;

    std::string version_;
    std::deque<Route> routes_;
    std::deque<Fields> fields_;
    std::deque<Shape> shapes_;
    std::deque<std::vector<std::string>> values_;
    TextMap<const Fields*> objects_;
    TextMap<std::string> events_;
    std::unique_ptr<PathTree> paths_;
    mutable TextMap<json::object> blanks_;
};

}  // namespace daybook::sim
