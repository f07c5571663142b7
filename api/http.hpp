// HTTP as the handlers see it: plain structs. Beast stays behind api/server.cpp and api/front.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::api {

/// A request that goes to a handler. Owns its text, so it may travel to another thread.
struct Request {
    std::string method;
    std::string path;                                        ///< as sent, without the query
    std::string target;                                      ///< as sent, with the query
    std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order
    std::string id;             ///< what stands where the route says {id}, decoded
    std::string authorization;  ///< the header's value, empty when absent
    std::string request_id;     ///< sane and printable; in logs, problems and the answer

    // What writes need beside that; empty where a header is absent.
    std::string body;  ///< as sent, at most 2 MiB
    std::string content_type;
    std::string idempotency_key;
    std::string user_agent;
    std::string remote;  ///< address of the peer
    /// All of them as sent; for the gateway alone, empty elsewhere.
    std::vector<std::pair<std::string, std::string>> headers;

    /// The first parameter of this name, or null.
    [[nodiscard]] const std::string* parameter(std::string_view name) const {
        for (const auto& [key, value] : query)
            if (key == name) return &value;
        return nullptr;
    }
};

struct Response {
    int status = 200;
    /// A literal; empty when it is among the headers, or there is no body.
    std::string_view content_type = "application/json";
    std::string body;
    std::string headers;  ///< further lines, each ended by CR LF
    /// Not an answer yet: ask again when the route's projection holds this position. 0 otherwise.
    std::int64_t behind = 0;
};

}  // namespace daybook::api
