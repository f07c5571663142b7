// The JSON body of a write, field by field: everything that is wrong with it is told at once.
#pragma once

#include <api/http.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::api {

/// Metadata as the client gave it, in its order.
using Metadata = std::vector<std::pair<std::string, std::string>>;

struct TextRule {
    bool required = false;
    std::size_t bytes_max = 500;
};
struct WholeRule {
    bool required = false;
    std::int64_t least = 0;
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
};
struct ItemsRule {
    bool required = false;
    std::size_t most = 100;
};

/// An object of the body. Each method reads one member, and notes a problem with its JSON pointer
/// when it is not what it must be; it then returns what an absent member gives. null counts as
/// absent. done() refuses the whole of it. Copies share what they noted; not thread-safe.
class Input {
public:
    static constexpr bool required = true;

    /// Throws Refused unless the body is one JSON object sent as application/json. A body that is
    /// not there at all counts as an object without members.
    explicit Input(const Request& request);

    /// Given, and not null.
    [[nodiscard]] bool has(std::string_view name) const;
    /// Given as null: what unsets a field in a PATCH. Counts as read.
    bool unset(std::string_view name);

    /// Text that is not empty and has no control characters but line ends; empty when absent.
    std::string text(std::string_view name, TextRule rule = {});
    /// An identifier: letters, digits, `_` and `-`. With a prefix, it must begin with it.
    std::string id(std::string_view name, bool must = false, std::string_view prefix = {});
    /// One of these words.
    std::string word(std::string_view name, std::span<const std::string_view> words,
                     bool must = false);
    std::string url(std::string_view name, bool must = false);       ///< http or https
    std::string email(std::string_view name, bool must = false);     ///< something@somewhere
    std::string country(std::string_view name, bool must = false);   ///< two capital letters
    std::string currency(std::string_view name, bool must = false);  ///< one of Stripe's
    /// A percentage up to 100, such as 12.5 or "12.5", with at most two digits after the point; in
    /// basis points, at least `least`.
    std::optional<std::int64_t> percent(std::string_view name, std::int64_t least = 0);
    /// Unix seconds after `after`.
    std::optional<std::int64_t> time(std::string_view name, std::int64_t after);
    std::optional<std::int64_t> whole(std::string_view name, WholeRule rule = {});
    std::optional<bool> boolean(std::string_view name);

    std::optional<Input> object(std::string_view name, bool must = false);
    /// An array of objects; not empty when it is given.
    std::vector<Input> objects(std::string_view name, ItemsRule rule = {});
    /// An array of different words, not empty when it is given.
    std::vector<std::string> words(std::string_view name, std::span<const std::string_view> known);
    /// An array of texts, not empty when it is given.
    std::vector<std::string> texts(std::string_view name, ItemsRule rule = {},
                                   std::size_t bytes = 500);
    /// Within Stripe's limits, without the names that Daybook gives meaning to. A value of null
    /// becomes empty, which removes the name at Stripe.
    Metadata metadata(std::string_view name = "metadata");

    /// Notes a problem of a member, or of this object itself when `name` is empty. For rules that
    /// need more than the field.
    void refuse(std::string_view name, std::string detail);
    /// The same for something deeper: a path of names and numbers with slashes, "lines/0/item_no".
    void refuse_at(std::string_view path, std::string detail);
    /// Notes that a member is needed.
    void require(std::string_view name);
    /// Notes what two members cannot be given together.
    void exclude(std::string_view name, std::string_view other);

    /// Whether nothing was noted so far in the whole body.
    [[nodiscard]] bool sound() const;
    /// Throws Refused(invalid_body) with all that was noted, and with every member that nobody
    /// read, anywhere in the body. For a field that is not known, silence would be a lie.
    void done() const;

private:
    struct Body;
    Input(std::shared_ptr<Body> body, std::size_t place);
    struct Found;
    [[nodiscard]] Found find(std::string_view name);
    [[nodiscard]] std::optional<std::string> string(std::string_view name, bool must);
    [[nodiscard]] std::string pointer(std::string_view name) const;

    std::shared_ptr<Body> body_;
    std::size_t place_ = 0;  ///< which of the objects that were met
};

/// Names that Daybook itself writes into metadata at Stripe, and reads from there.
bool reserved_metadata(std::string_view name);

}  // namespace daybook::api
