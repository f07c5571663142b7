// One page of a list, and one of a search.
#include <tools/stripe_sim/list.hpp>

#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace daybook::sim {
namespace {

constexpr std::int64_t limit_max = 100;

/// A page token of a search is how many results came before, which says nothing to clients.
std::size_t offset_of(std::string_view page) {
    std::size_t offset = 0;
    const auto* end = page.data() + page.size();
    const auto [stop, error] = std::from_chars(page.data(), end, offset);
    if (error != std::errc() || stop != end)
        throw invalid("Invalid page token.").param("page").unexecuted();
    return offset;
}

}  // namespace

std::int64_t limit_of(const Call& call) {
    const auto limit = call.integer("limit", 10);
    const auto refuse = [limit](std::string_view bound) {
        throw invalid(fmt::format("This value must be {} (it currently is '{}').", bound, limit))
            .code("parameter_invalid_integer")
            .param("limit")
            .unexecuted();
    };
    if (limit > limit_max) refuse("less than or equal to 100");
    if (limit < 1) refuse("greater than or equal to 1");
    return limit;
}

CreatedRange created_of(const Call& call) {
    CreatedRange range;
    const auto* given = at(call.params, "created");
    if (!given) return range;
    if (const auto* exact = given->if_int64()) return {*exact, *exact};
    const auto bound = [&call](std::string_view name, std::int64_t step) -> std::optional<Seconds> {
        const auto path = fmt::format("created.{}", name);
        if (!call.has(path)) return std::nullopt;
        return call.integer(path) + step;
    };
    range.from = bound("gte", 0) ? bound("gte", 0) : bound("gt", 1);
    range.to = bound("lte", 0) ? bound("lte", 0) : bound("lt", -1);
    return range;
}

json::object list_page(const Call& call, std::string_view type, ListQuery query) {
    query.limit = limit_of(call);
    query.starting_after = call.text("starting_after");
    query.ending_before = call.text("ending_before");
    if (!query.starting_after.empty() && !query.ending_before.empty())
        throw invalid("You cannot use both starting_after and ending_before.").unexecuted();
    for (const auto* name : {"starting_after", "ending_before"})
        if (call.has(name)) static_cast<void>(call.get(type, call.text(name), name));
    const auto created = created_of(call);
    query.created_from = created.from;
    query.created_to = created.to;
    const auto page = call.world.store.page(call.account, type, query);
    return list_of(call, call.url, page.items, page.has_more);
}

json::object list_page(const Call& call, const json::array& all) {
    const auto place_of = [&](std::string_view cursor) {
        const auto found = std::ranges::find_if(all, [&](const json::value& one) {
            return text(one.as_object(), "id") == call.text(cursor);
        });
        if (found == all.end())
            throw invalid(fmt::format("No such object: '{}'", call.text(cursor)))
                .code("resource_missing")
                .param(cursor);
        return found - all.begin();
    };
    const auto limit = static_cast<std::ptrdiff_t>(limit_of(call));
    const auto size = static_cast<std::ptrdiff_t>(all.size());
    const bool backwards = call.has("ending_before");
    if (backwards && call.has("starting_after"))
        throw invalid("You cannot use both starting_after and ending_before.").unexecuted();
    auto first = call.has("starting_after") ? place_of("starting_after") + 1 : 0;
    const auto last = backwards ? place_of("ending_before") : size;
    const bool has_more = last - first > limit;
    if (backwards && has_more) first = last - limit;
    auto list = list_of(call, call.url, {}, has_more);
    list["data"] = json::array(all.begin() + first, all.begin() + std::min(last, first + limit));
    return list;
}

V2Span v2_span(const Call& call) {
    const auto limit = std::clamp<std::int64_t>(call.integer("limit", 20), 1, limit_max);
    return {offset_of(call.has("page") ? call.text("page") : "0"), static_cast<std::size_t>(limit)};
}

json::object v2_page(const Call& call, const json::array& all) {
    const auto span = v2_span(call);
    const auto first = std::min(span.skip, all.size());
    const auto last = std::min(first + span.limit, all.size());
    const auto url_of = [&call](bool exists, std::size_t offset) {
        return text_or_null(exists ? fmt::format("{}?page={}", call.url, offset) : "");
    };
    return {{"data", json::array(all.begin() + first, all.begin() + last)},
            {"next_page_url", url_of(last < all.size(), last)},
            {"previous_page_url", url_of(first > 0, first - std::min(first, span.limit))}};
}

json::object search_page(const Call& call, std::string_view type) {
    ListQuery query;
    query.match = parse_search(call.text("query"));
    query.limit = limit_max * limit_max;
    const auto found = call.world.store.page(call.account, type, query);
    const auto skip =
        std::min(offset_of(call.has("page") ? call.text("page") : "0"), found.items.size());
    const auto take = std::min(static_cast<std::size_t>(limit_of(call)), found.items.size() - skip);
    const auto from = found.items.begin() + static_cast<std::ptrdiff_t>(skip);
    const bool has_more = skip + take < found.items.size();
    auto result =
        list_of(call, call.url, {from, from + static_cast<std::ptrdiff_t>(take)}, has_more);
    result["object"] = "search_result";
    result["next_page"] = text_or_null(has_more ? std::to_string(skip + take) : "");
    return result;
}

}  // namespace daybook::sim
