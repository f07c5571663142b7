// Who owns whom, and in which order they end.
#include <api/service.hpp>

#include <api/context.hpp>
#include <api/server.hpp>

namespace daybook::api {
namespace {

std::vector<WebhookEndpoint> endpoints_of(const ApiOptions& options) {
    std::vector<WebhookEndpoint> endpoints;
    endpoints.emplace_back("/webhooks/stripe", options.secrets);
    endpoints.emplace_back("/webhooks/stripe/connect", options.connect_secrets);
    return endpoints;
}

}  // namespace

class Service::Impl {
public:
    Impl(Appender& appender, ProjectorStatuses projectors, const ApiOptions& options)
        : queries_(std::make_unique<QueryPool>(options.conninfo,
                                               QueryPoolLimits{.threads = options.query_threads})),
          node_{.log_id = options.log_id,
                .appender = appender,
                .projectors = std::move(projectors),
                .webhooks = endpoints_of(options),
                .metrics = {},
                .keys = {},
                .queries = *queries_},
          server_(options.listen, node_, {.connections_max = options.connections_max}) {}

    /// The query threads go first: they use the node and answer into the server's mailbox.
    ~Impl() { queries_.reset(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Server& server() { return server_; }

private:
    std::unique_ptr<QueryPool> queries_;
    Node node_;
    Server server_;
};

Service::Service(Appender& appender, ProjectorStatuses projectors, ApiOptions options)
    : impl_(std::make_unique<Impl>(appender, std::move(projectors), options)) {}
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
