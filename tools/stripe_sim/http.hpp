// Requests and answers as the simulator sees them; Beast stays behind server.cpp.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace daybook::sim {

/// A request with the headers that mean something to Stripe; absent ones are "".
struct ApiRequest {
    std::string method;
    std::string path;   ///< as sent, without the query
    std::string query;  ///< as sent, without the question mark
    std::string body;
    std::string content_type;
    std::string authorization;
    std::string stripe_account;
    std::string stripe_context;
    std::string stripe_version;
    std::string idempotency_key;
    std::string host;
};

struct Reply {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    std::string headers;  ///< further lines, each ended by CR LF
    /// Of an answer that takes long: does a part of the work, then returns what the answer is, if
    /// that was the last one. Other requests are served in between.
    std::function<std::optional<Reply>()> unfinished = {};
};

/// Does all of it at once.
inline Reply finished(Reply reply) {
    while (reply.unfinished)
        if (auto answer = reply.unfinished()) reply = std::move(*answer);
    return reply;
}

/// What is to go wrong with one request. The default is nothing.
struct Fault {
    std::chrono::milliseconds delay{0};  ///< before it executes; its key is in use meanwhile
    std::optional<Reply> instead;        ///< answered without executing
    bool keep = false;                   ///< whether `instead` is stored under the idempotency key
    std::optional<Reply> replaced;       ///< it executes, then this is answered and stored
    bool cut_before = false;             ///< the connection closes, nothing was executed
    bool cut_after = false;              ///< it executed, the connection closes without an answer
};

}  // namespace daybook::sim
