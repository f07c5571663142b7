// From Beast's message to the request that handlers see.
#pragma once

#include <api/http.hpp>
#include <api/target.hpp>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>

namespace daybook::api {

using Message = boost::beast::http::request<boost::beast::http::string_body>;

/// Takes the body over. Query and {id} are the caller's to decode.
Request request_of(Message& message, const Target& target, std::string remote,
                   std::string request_id);

/// The same with all headers.
Request gateway_request(Message& message, const Target& target, std::string remote,
                        std::string request_id);

}  // namespace daybook::api
