// Who owns whom, and in which order they end.
#include <api/service.hpp>

#include <api/actions/actions.hpp>
#include <api/context.hpp>
#include <api/server.hpp>

#include <algorithm>

namespace daybook::api {
namespace {

std::vector<WebhookEndpoint> endpoints_of(const ApiOptions& options) {
    std::vector<WebhookEndpoint> endpoints;
    endpoints.emplace_back("/webhooks/stripe", options.secrets);
    endpoints.emplace_back("/webhooks/stripe/connect", options.connect_secrets);
    return endpoints;
}

/// One node at a time looks for actions that lost their driver: the one that projects them.
bool projects_actions(const std::vector<projections::ProjectorStatus>& all) {
    return std::ranges::any_of(all, [](const auto& one) {
        return one.name == "actions" && (one.state == "live" || one.state == "degraded");
    });
}

}  // namespace

class Service::Impl {
public:
    Impl(Appender& appender, projections::Projectors& projectors, const ApiOptions& options)
        : queries_(std::make_unique<QueryPool>(options.conninfo,
                                               QueryPoolLimits{.threads = options.query_threads})),
          node_{.log_id = options.log_id,
                .appender = appender,
                .projectors = projectors,
                .webhooks = endpoints_of(options),
                .metrics = {},
                .keys = {},
                .queries = *queries_,
                .livemode = options.livemode,
                .stripe = options.stripe},
          server_(options.listen, node_, {.connections_max = options.connections_max}) {
        if (!options.stripe.configured()) return;
        actions_ = std::make_unique<Actions>(ActionServices{
            .appender = appender,
            .queries = *queries_,
            .log_id = options.log_id,
            .stripe = stripe::options_of(options.stripe),
            .dispatches = [this] { return projects_actions(node_.projectors.status()); }});
        node_.actions = actions_.get();
    }

    /// The actions and the query threads go first: they use the node and answer into the server's
    /// mailbox.
    ~Impl() {
        actions_.reset();
        queries_.reset();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Server& server() { return server_; }

private:
    std::unique_ptr<QueryPool> queries_;
    Node node_;
    Server server_;
    std::unique_ptr<Actions> actions_;
};

Service::Service(Appender& appender, projections::Projectors& projectors, ApiOptions options)
    : impl_(std::make_unique<Impl>(appender, projectors, options)) {}
Service::~Service() = default;

std::uint16_t Service::port() const {
    return impl_->server().port();
}
void Service::run() {
    impl_->server().run();
}
void Service::stop() noexcept {
    impl_->server().stop();
}

}  // namespace daybook::api
