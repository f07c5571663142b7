#include <api/actions/reading.hpp>

#include <api/actions/collections.hpp>
#include <api/time.hpp>
#include <ledger/logging.hpp>

#include <fmt/format.h>
#include <simdjson.h>

#include <memory>
#include <string>

namespace daybook::api {
namespace {

using Json = simdjson::dom::element;

constexpr int pages_max = 20;
// An event carries the second of its cause; clocks differ a little.
constexpr std::int64_t before_seconds = 300;
constexpr std::int64_t after_seconds = 3600;
constexpr std::int64_t events_kept_seconds = 30 * 86'400;

std::string text_of(const Json& json, std::string_view pointer) {
    std::string_view text;
    return json.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text)
                                                                   : std::string();
}

struct Search {
    Desk& desk;
    const Plan& plan;
    const Step& step;
    const TargetPath target;
    const std::string key;
};

Task<std::optional<stripe::Answer>> get(const Search& search, std::string path) {
    stripe::Call call;
    call.method = "GET";
    call.target = std::move(path);
    call.account = search.step.account;
    call.version = search.step.version;
    call.headers = search.step.headers;
    auto answer = co_await search.desk.stripe().perform(std::move(call));
    if (!answer) co_return std::nullopt;
    co_return std::move(*answer);
}

/// Where the object of the call and its like are: the collection, or what belongs to its parent.
std::string siblings(const Search& search) {
    const auto& target = search.target;
    if (target.means_object()) return target.collection_path;
    return target.collection_path + "/" + target.id + "/" + target.verb;
}

/// What is found of a call: the id of its object, or that there is none to be found.
struct Trace {
    bool complete = true;
    std::string id;
};

/// Of the webhooks that this log has.
Task<Trace> trace_in_log(const Search& search) {
    const auto found = std::make_shared<std::string>();
    const auto log_id = search.desk.log_id();
    const std::string type =
        search.target.collection ? std::string(search.target.collection->events) : std::string();
    auto question = [found, log_id, type, key = search.key](pg::Connection& db) {
        const auto rows = db.run(
            "SELECT object_id FROM ledger.events WHERE log_id = $1 AND correlation_id = $2 "
            "AND source = 'webhook' AND starts_with(correlation_id, 'act_') "
            "AND starts_with(type, $3) AND object_id IS NOT NULL ORDER BY position LIMIT 1",
            pg::Params().number(log_id).text(key).text(type));
        if (rows.rows() == 1) *found = rows.text(0, 0);
    };
    const bool reached = co_await search.desk.ask(std::move(question));
    Trace trace;
    trace.complete = reached;
    trace.id = *found;
    co_return trace;
}

/// One page of a list of Stripe's, which has the newest first.
struct Page {
    std::string found;  ///< the id that was looked for
    std::string last;   ///< the entry behind which the next page begins
    bool ends = false;  ///< what comes behind it is not of our call: nothing, or older
};

/// `id_of` gives the id of our call's object when an entry tells of it.
template <class IdOf>
Page read_page(const std::string& body, const Search& search, const IdOf& id_of) {
    Page page;
    simdjson::dom::parser parser;
    Json root;
    simdjson::dom::array data;
    if (parser.parse(body).get(root) != simdjson::SUCCESS ||
        root.at_key("data").get(data) != simdjson::SUCCESS)
        return page;
    std::int64_t created = 0;
    for (const auto entry : data) {
        page.last = text_of(entry, "/id");
        if (page.found.empty()) page.found = id_of(entry);
        if (entry.at_key("created").get(created) != simdjson::SUCCESS) created = 0;
    }
    bool more = false;
    const bool older = created > 0 && created < search.plan.requested_at - before_seconds;
    page.ends = root.at_key("has_more").get(more) != simdjson::SUCCESS || !more || older;
    return page;
}

/// Of a list, page by page from behind `last`, which moves on, back to the call; `list` has a query
/// already.
template <class IdOf>
Task<Trace> trace_in_list(const Search& search, const std::string list, std::string& last,
                          const IdOf id_of) {
    Trace trace;
    for (int number = 0; number < pages_max; ++number) {
        const auto answer =
            co_await get(search, last.empty() ? list : list + "&starting_after=" + last);
        // What was deleted meanwhile marks no place any more.
        if (answer && (answer->status == 400 || answer->status == 404)) last.clear();
        if (!answer || answer->status != 200) break;
        const auto page = read_page(answer->body, search, id_of);
        trace.id = page.found;
        if (!trace.id.empty() || page.ends) co_return trace;
        last = page.last;
        if (last.empty()) break;
    }
    trace.complete = false;
    co_return trace;
}

/// Of Stripe's list of events, which says nothing of what is older than it reaches back.
Task<Trace> trace_in_events(const Search& search, std::string& last) {
    const auto list =
        fmt::format("/v1/events?limit=100&type={}*&created[gte]={}&created[lte]={}",
                    search.target.collection->events, search.plan.requested_at - before_seconds,
                    search.plan.requested_at + after_seconds);
    const auto id_of = [&search](const Json& event) -> std::string {
        if (text_of(event, "/request/idempotency_key") != search.key) return {};
        if (text_of(event, "/data/object/object") != search.target.collection->object) return {};
        return text_of(event, "/data/object/id");
    };
    auto trace = co_await trace_in_list(search, list, last, id_of);
    if (search.plan.requested_at < unix_seconds(now_microseconds()) - events_kept_seconds)
        trace.complete = false;
    co_return trace;
}

/// Of the metadata that our own API writes into what it makes; what can be searched is searched.
Task<Trace> trace_in_metadata(const Search& search, std::string& last) {
    const auto list =
        search.target.collection->searchable && search.target.means_object()
            ? fmt::format("{}/search?query=metadata%5B%27daybook_action%27%5D%3A%27{}%27",
                          search.target.collection_path, search.plan.id)
            : fmt::format("{}?limit=100", siblings(search));
    const auto id_of = [&search](const Json& object) -> std::string {
        if (text_of(object, "/metadata/daybook_action") != search.plan.id) return {};
        return text_of(object, "/id");
    };
    co_return co_await trace_in_list(search, list, last, id_of);
}

/// Whether what a DELETE was for is no more.
Task<Findings> find_deleted(const Search& search) {
    Findings findings;
    auto object = co_await get(search, search.step.path.substr(0, search.step.path.find('?')));
    if (!object || (object->status != 200 && object->status != 404)) co_return findings;
    findings.complete = true;
    findings.blind = object->status == 404;  // deleted, or never there: most leave nothing behind
    simdjson::dom::parser parser;
    Json root;
    if (object->status != 200 || parser.parse(object->body).get(root) != simdjson::SUCCESS)
        co_return findings;
    bool deleted = false;
    if ((root.at_key("deleted").get(deleted) == simdjson::SUCCESS && deleted) ||
        text_of(root, "/status") == "canceled")
        findings.object = std::move(*object);
    co_return findings;
}

}  // namespace

Task<Findings> find_executed(Desk& desk, const Plan& plan, std::size_t index, ListsRead read) {
    const auto& step = plan.steps[index];
    const Search search{desk, plan, step, taken_apart(step.path), step_key(plan.id, index)};
    Findings findings;
    if (step.method == "DELETE") co_return co_await find_deleted(search);
    if (step.method == "GET") {  // it changes nothing, so it may as well be done now
        auto object = co_await get(search, step.path);
        findings.complete = object && object->status == 200;
        if (findings.complete) findings.object = std::move(*object);
        co_return findings;
    }
    const bool marked = step.body.find("daybook_action") != std::string::npos;
    const bool own = search.target.means_object();  // whose events name its collection
    // Without a name for the collection there is no telling where to look.
    if (!search.target.collection || !(own || marked)) {
        findings.complete = findings.blind = true;
        co_return findings;
    }
    Trace trace;
    if (own) trace = co_await trace_in_log(search);
    if (own && trace.id.empty()) trace = co_await trace_in_events(search, read.events);
    if (trace.id.empty() && marked) {
        // Neither makes up for the other: an update marks what is too old for the list.
        const bool so_far = trace.complete;
        trace = co_await trace_in_metadata(search, read.objects);
        trace.complete = trace.complete && so_far;
    }
    findings.complete = trace.complete;
    findings.read = std::move(read);
    if (trace.id.empty()) co_return findings;
    findings.complete = false;
    auto object = co_await get(search, siblings(search) + "/" + trace.id);
    if (!object || object->status != 200) co_return findings;
    findings.complete = true;
    findings.object = std::move(*object);
    co_return findings;
}

}  // namespace daybook::api
