// GET /metrics: the service's counters in Prometheus's text format.
#include <api/actions/actions.hpp>
#include <api/handlers.hpp>
#include <api/metrics.hpp>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

namespace daybook::api {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<prometheus::ClientMetric::Label>;

/// Collects families; values are doubles in the text format anyhow.
class Page {
public:
    MetricFamily& family(const char* name, const char* help, MetricType type) {
        MetricFamily made;
        made.name = name;
        made.help = help;
        made.type = type;
        families_.push_back(std::move(made));
        return families_.back();
    }
    template <class Number>
    void counter(const char* name, const char* help, Number value) {
        add(family(name, help, MetricType::Counter), static_cast<double>(value));
    }
    template <class Number>
    void gauge(const char* name, const char* help, Number value) {
        add(family(name, help, MetricType::Gauge), static_cast<double>(value));
    }
    static void add(MetricFamily& family, double value, Labels labels = {}) {
        prometheus::ClientMetric metric;
        metric.label = std::move(labels);
        metric.counter.value = value;
        metric.gauge.value = value;
        family.metric.push_back(std::move(metric));
    }
    [[nodiscard]] std::string text() const {
        return prometheus::TextSerializer().Serialize(families_);
    }

private:
    std::vector<MetricFamily> families_;
};

void add_log(Page& page, const AppenderStats& stats) {
    page.counter("daybook_appended_events_total", "Events committed by this node.", stats.events);
    page.counter("daybook_append_duplicates_total", "Events that were in the log already.",
                 stats.duplicates);
    page.counter("daybook_append_commits_total",
                 "Transactions that committed events; events per commit is the batch size.",
                 stats.commits);
    page.counter("daybook_append_reconnects_total", "Times the appender had to connect again.",
                 stats.reconnects);
    page.gauge("daybook_append_queue_events", "Events waiting for their commit.", stats.queued);
    page.gauge("daybook_log_head", "Highest position this node has committed or seen.", stats.head);
    page.gauge("daybook_database_connected", "1 while the appender has its connection.",
               stats.connected ? 1 : 0);
}

void add_projectors(Page& page, const std::vector<projections::ProjectorStatus>& all) {
    auto& lag =
        page.family("daybook_projection_lag_events",
                    "Events between a projection and the head of the log.", MetricType::Gauge);
    for (const auto& one : all)
        Page::add(lag, static_cast<double>(one.lag), {{"projection", one.name}});
    auto& position =
        page.family("daybook_projection_position",
                    "The position up to which a projection is folded.", MetricType::Gauge);
    for (const auto& one : all)
        Page::add(position, static_cast<double>(one.position), {{"projection", one.name}});
    auto& folded = page.family("daybook_projection_events_total",
                               "Events folded by this node since its start.", MetricType::Counter);
    for (const auto& one : all)
        Page::add(folded, static_cast<double>(one.events), {{"projection", one.name}});
    auto& aside = page.family("daybook_projection_set_aside_total",
                              "Events that a fold refused since the start.", MetricType::Counter);
    for (const auto& one : all)
        Page::add(aside, static_cast<double>(one.set_aside), {{"projection", one.name}});
    auto& state = page.family("daybook_projection_state",
                              "1 for the state that a projection is in.", MetricType::Gauge);
    for (const auto& one : all)
        Page::add(state, 1, {{"projection", one.name}, {"state", one.state}});
}

void add_webhooks(Page& page, const std::vector<WebhookEndpoint>& endpoints) {
    auto& outcomes = page.family("daybook_webhooks_total", "Webhooks by endpoint and outcome.",
                                 MetricType::Counter);
    for (const auto& endpoint : endpoints) {
        const auto& counts = endpoint.counts();
        const auto add = [&](std::string_view outcome, std::uint64_t count) {
            Page::add(outcomes, static_cast<double>(count),
                      {{"endpoint", counts.endpoint}, {"outcome", std::string(outcome)}});
        };
        add("accepted", counts.accepted);
        add("duplicate", counts.duplicates);
        for (const auto& [slug, count] : counts.refused)
            add(slug, count);
    }
    auto& secrets = page.family("daybook_webhook_secret_matches_total",
                                "Signatures verified by each configured secret: a rotation is "
                                "done when the old one stands still.",
                                MetricType::Counter);
    for (const auto& endpoint : endpoints) {
        const auto& counts = endpoint.counts();
        for (std::size_t i = 0; i < counts.secret_matches.size(); ++i)
            Page::add(secrets, static_cast<double>(counts.secret_matches[i]),
                      {{"endpoint", counts.endpoint},
                       {"secret", std::to_string(i)},
                       {"fingerprint", counts.secret_fingerprints[i]}});
    }
}

void add_durations(Page& page, const char* name, const char* help, const Histogram& seconds) {
    auto& family = page.family(name, help, MetricType::Histogram);
    prometheus::ClientMetric metric;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < seconds.counts.size(); ++i) {
        total += seconds.counts[i];
        prometheus::ClientMetric::Bucket bucket;
        bucket.cumulative_count = total;
        bucket.upper_bound = i < Histogram::bounds.size() ? Histogram::bounds[i]
                                                          : std::numeric_limits<double>::infinity();
        metric.histogram.bucket.push_back(bucket);
    }
    metric.histogram.sample_count = total;
    metric.histogram.sample_sum = seconds.sum;
    family.metric.push_back(std::move(metric));
}

void add_http(Page& page, const Node& node) {
    auto& requests = page.family("daybook_http_requests_total", "Requests by route and status.",
                                 MetricType::Counter);
    for (const auto& [key, count] : node.metrics.requests)
        Page::add(requests, static_cast<double>(count),
                  {{"route", std::string(key.first)}, {"status", std::to_string(key.second)}});
    page.gauge("daybook_http_connections", "Open connections.", node.metrics.connections_open);
    page.counter("daybook_http_connections_total", "Connections accepted.",
                 node.metrics.connections_accepted);
    page.counter("daybook_http_connections_refused_total",
                 "Connections refused because too many were open.",
                 node.metrics.connections_refused);
    page.gauge("daybook_query_queue", "Queries waiting for a thread.", node.queries.queued());
    add_durations(page, "daybook_webhook_seconds",
                  "From the first byte of a webhook to its answer.", node.metrics.webhook_seconds);
}

void add_actions(Page& page, const Actions& actions) {
    const auto stats = actions.stats();
    auto& outcomes = page.family("daybook_actions_total", "Actions by what became of them.",
                                 MetricType::Counter);
    const auto add = [&](const char* outcome, std::uint64_t count) {
        Page::add(outcomes, static_cast<double>(count), {{"outcome", outcome}});
    };
    add("succeeded", stats.succeeded);
    add("failed", stats.failed);
    add("indeterminate", stats.indeterminate);
    add("replayed", stats.replayed);
    page.counter("daybook_actions_dispatched_total",
                 "Actions taken up again after a crash or without an answer of Stripe.",
                 stats.dispatched);
    page.gauge("daybook_actions_in_flight", "Actions under way on this node.", stats.in_flight);
    add_durations(page, "daybook_action_seconds", "From taking an action up to its answer.",
                  stats.seconds);
}

void add_stripe(Page& page, const stripe::Counters& counters) {
    const auto counts = counters.snapshot();
    auto& attempts =
        page.family("daybook_stripe_calls_total",
                    "Attempts at calls to Stripe, by route and outcome.", MetricType::Counter);
    for (const auto& [route, outcomes] : counts.attempts)
        for (std::size_t i = 0; i < outcomes.size(); ++i)
            if (outcomes[i] > 0)
                Page::add(
                    attempts, static_cast<double>(outcomes[i]),
                    {{"route", route},
                     {"outcome", std::string(stripe::name_of(static_cast<stripe::Outcome>(i)))}});
    page.counter("daybook_stripe_retries_total", "Attempts that repeated another.", counts.retries);
    page.counter("daybook_stripe_connections_total", "Connections opened to Stripe.",
                 counts.connections);
    page.gauge("daybook_stripe_in_flight", "Calls to Stripe under way.", counts.in_flight);
    page.gauge("daybook_stripe_waiting", "Calls to Stripe that wait for their turn.",
               counts.waiting);
    add_durations(page, "daybook_stripe_seconds", "How long Stripe took to answer.",
                  counts.seconds);
}

void add_process(Page& page) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    page.counter("process_cpu_seconds_total", "User and system time of this process.",
                 seconds(usage.ru_utime) + seconds(usage.ru_stime));
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    std::uint64_t resident = 0;
    statm >> pages >> resident;
    page.gauge("process_resident_memory_bytes", "Memory of this process that is in RAM.",
               resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
}

}  // namespace

Response get_metrics(const Request&, Node& node) {
    Page page;
    add_log(page, node.appender.stats());
    add_projectors(page, node.projectors.status());
    add_webhooks(page, node.webhooks);
    add_http(page, node);
    if (node.actions) {
        add_actions(page, *node.actions);
        add_stripe(page, node.actions->stripe_counters());
    }
    add_process(page);
    Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = page.text();
    return response;
}

}  // namespace daybook::api
