// What handlers may use: references, one line per dependency.
#pragma once

#include <api/auth.hpp>
#include <api/http.hpp>
#include <api/metrics.hpp>
#include <api/query_pool.hpp>
#include <api/stripe/settings.hpp>
#include <api/webhooks.hpp>
#include <ledger/appender.hpp>
#include <ledger/pg/connection.hpp>
#include <projections/projectors.hpp>

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

namespace daybook::api {

class Actions;

/// This process. Lives as long as the service.
struct Node {
    std::int32_t log_id = 0;
    Appender& appender;
    projections::Projectors& projectors;
    std::vector<WebhookEndpoint> webhooks;  ///< I/O thread only
    Metrics metrics;                        ///< I/O thread only
    KeyCache keys;
    QueryPool& queries;
    bool livemode = false;
    StripeSettings stripe{};
    Actions* actions = nullptr;  ///< null when there is no Stripe to act on
};

/// For a handler that runs on a query thread.
struct Context {
    pg::Connection& db;
    Node& node;
    Caller caller{};
    /// The projections whose tables were read: read_from() notes them.
    std::set<std::string_view> read{};
};

}  // namespace daybook::api
