// Answers as bytes, request ids, and addresses: the parts of HTTP that need no sockets.
#pragma once

#include <api/http.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace daybook::api {

struct Framing {
    bool head_only = false;  ///< the request was HEAD: headers as for GET, no body
    bool keep_alive = true;
    bool http_1_0 = false;  ///< then keeping the connection has to be said
};

/// Appends the whole answer, ready to send.
void append_answer(std::string& out, const Response& response, std::string_view request_id,
                   const Framing& framing);

/// The caller's id when it is printable and short, else a new one. I/O thread only.
std::string request_id_of(std::string_view given);

/// Splits "host:port"; brackets around an IPv6 host are taken off. Throws std::invalid_argument.
std::pair<std::string, std::string> split_address(const std::string& address);

}  // namespace daybook::api
