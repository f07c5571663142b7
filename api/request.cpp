#include <api/request.hpp>

namespace daybook::api {

Request request_of(Message& message, const Target& target, std::string remote,
                   std::string request_id) {
    using boost::beast::http::field;
    Request request;
    request.method = message.method_string();
    request.path = target.path;
    request.target = message.target();
    request.authorization = message[field::authorization];
    request.request_id = std::move(request_id);
    request.remote = std::move(remote);
    request.content_type = message[field::content_type];
    request.idempotency_key = message["Idempotency-Key"];
    request.user_agent = message[field::user_agent];
    request.body = std::move(message.body());
    return request;
}

Request gateway_request(Message& message, const Target& target, std::string remote,
                        std::string request_id) {
    auto request = request_of(message, target, std::move(remote), std::move(request_id));
    for (const auto& header : message)
        request.headers.emplace_back(header.name_string(), header.value());
    return request;
}

}  // namespace daybook::api
