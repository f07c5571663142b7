// Lists and searches in general: what their parameters mean.
#pragma once

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/store.hpp>

#include <optional>
#include <utility>

namespace daybook::sim {

/// limit, with Stripe's bounds: 1 to 100, 10 when absent.
std::int64_t limit_of(const Call& call);

/// The created parameter, one time or a range, as inclusive bounds.
struct CreatedRange {
    std::optional<Seconds> from;
    std::optional<Seconds> to;
};
CreatedRange created_of(const Call& call);

/// A page of a type by limit, cursors, created and `query`'s own conditions.
json::object list_page(const Call& call, std::string_view type, ListQuery query = {});

/// The same of documents that are all at hand, in the order of the list.
json::object list_page(const Call& call, const json::array& all);

/// Which part of a list of API v2 is asked for; its page tokens say how many came before.
struct V2Span {
    std::size_t skip = 0;
    std::size_t limit = 0;
};
V2Span v2_span(const Call& call);

/// That part of `all`, which may end with the first that the part leaves out.
json::object v2_page(const Call& call, const json::array& all);

/// What a search asks for: field:'value', metadata['key']:'value', status:"x", amount>100,
/// -negated, joined by AND or OR. Throws StripeError 400 where it makes no sense.
std::function<bool(const json::object&)> parse_search(std::string_view query);

/// {"object":"search_result", ...}
json::object search_page(const Call& call, std::string_view type);

}  // namespace daybook::sim
