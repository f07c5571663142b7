// One reader and one writer per CLI. What it acknowledges changes nothing: it is a debugging tool.
#include <tools/stripe_sim/cli_listeners.hpp>

#include <ledger/sha256.hpp>
#include <tools/stripe_sim/deliveries.hpp>
#include <tools/stripe_sim/thin_events.hpp>
#include <tools/stripe_sim/world.hpp>

#include <boost/beast/websocket.hpp>

#include <ctime>
#include <deque>

namespace daybook::sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr std::string_view subprotocol = "stripecli-devproxy-v1";

json::object headers_of(const World& world, std::string_view payload) {
    return {{"Content-Type", "application/json; charset=utf-8"},
            {"User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"},
            {"Stripe-Signature", signature_of(payload, {cli_secret(world)}, std::time(nullptr))}};
}

}  // namespace

struct CliListeners::Listener {
    explicit Listener(Socket socket)
        : stream(std::move(socket)), wake(stream.get_executor(), Timer::time_point::max()) {}

    websocket::stream<Socket> stream;
    std::deque<std::size_t> waiting;  ///< numbers of events
    Timer wake;
    bool thin = false;
    bool open = true;
};

std::string cli_secret(const World& world) {
    return "whsec_" + hex(sha256("stripe listen " + world.platform_id));
}

CliListeners::CliListeners(World& world, Server& server) : world_(world) {
    server.upgrade(cli_socket_path, [this](Socket socket, auto request) {
        return serve(std::move(socket), std::move(request));
    });
    world_.events.listen([this](std::size_t number) {
        for (const auto& listener : listeners_) {
            listener->waiting.push_back(number);
            listener->wake.cancel();
        }
    });
}

std::string CliListeners::frame(std::size_t number) const {
    const auto payload = pretty(world_.events.get(number));
    const auto& id = world_.events.head(number).id;
    json::object message{{"type", "webhook_event"},
                         {"endpoint", {{"api_version", nullptr}}},
                         {"event_payload", payload},
                         {"http_headers", headers_of(world_, payload)},
                         {"webhook_conversation_id", "wc_" + id.substr(4)},
                         {"webhook_id", "wh_" + id.substr(4)}};
    return json::serialize(message);
}

std::string CliListeners::thin_frame(std::size_t number) const {
    const auto payload = pretty(thin_event(world_, number));
    return json::serialize(json::object{{"type", "v2_event"},
                                        {"http_headers", headers_of(world_, payload)},
                                        {"payload", payload},
                                        {"destination_id", "ed_test_cli"}});
}

Task<void> CliListeners::serve(Socket socket, http::request<http::string_body> request) {
    error_code error;
    const auto listener = std::make_shared<Listener>(std::move(socket));
    auto& stream = listener->stream;
    stream.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    stream.set_option(websocket::stream_base::decorator([](websocket::response_type& answer) {
        answer.set(http::field::sec_websocket_protocol, subprotocol);
    }));
    listener->thin = std::string_view(request.target()).ends_with(cli_thin_feature);
    co_await stream.async_accept(request, asio::redirect_error(Token(), error));
    if (error) co_return;
    listeners_.push_back(listener);
    asio::co_spawn(stream.get_executor(), write(listener), asio::detached);
    beast::flat_buffer buffer;
    while (!error) {
        co_await stream.async_read(buffer, asio::redirect_error(Token(), error));
        buffer.clear();
    }
    listener->open = false;
    listener->wake.cancel();
    std::erase(listeners_, listener);
}

Task<void> CliListeners::write(std::shared_ptr<Listener> listener) {
    error_code error;
    while (listener->open && !error) {
        if (listener->waiting.empty()) {
            co_await listener->wake.async_wait(asio::redirect_error(Token(), error));
            // Cancelled is how it is woken.
            error.clear();
            continue;
        }
        const auto number = listener->waiting.front();
        listener->waiting.pop_front();
        // Those that the v2 API alone knows have no other form.
        if (!listener->thin && world_.events.head(number).account == v2_events) continue;
        const auto text = listener->thin ? thin_frame(number) : frame(number);
        co_await listener->stream.async_write(asio::buffer(text),
                                              asio::redirect_error(Token(), error));
    }
}

}  // namespace daybook::sim
