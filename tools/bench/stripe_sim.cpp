// bench_stripe_sim: what one simulator process takes over keep-alive connections, beside an empty
// route as the ceiling, and how fast the marketplace generator makes orders and events.
#include <tools/bench/child.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/asio.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace daybook;
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

struct Options {
    std::size_t connections = 16;
    double seconds = 5;
    std::int64_t orders = 100'000;
    std::int64_t file_orders = 135'000;
    std::string events_file = "/tmp/bench-stripe-sim.jsonl";
};

/// One request after the other; the answer to one decides on the next.
struct Script {
    std::string name;
    std::vector<std::function<std::string(const std::string& answer)>> steps;
};

std::string post(const std::string& path, std::string_view form) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer sk_test_0123456789\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{}",
        path, form.size(), form);
}

/// The first "id" of an answer.
std::string id_in(const std::string& answer) {
    constexpr std::string_view lead = "\"id\": \"";
    const auto begin = answer.find(lead);
    if (begin == std::string::npos) throw std::runtime_error("no id in: " + answer);
    const auto from = begin + lead.size();
    return answer.substr(from, answer.find('"', from) - from);
}

Script empty_route() {
    return {"empty route (ceiling)",
            {[](const std::string&) { return "GET / HTTP/1.1\r\nHost: sim\r\n\r\n"; }}};
}

Script created_and_confirmed() {
    const auto create = [](const std::string&) {
        return post("/v1/payment_intents",
                    "amount=2000&currency=usd&automatic_payment_methods[enabled]=true"
                    "&metadata[order_id]=order_1&metadata[user_id]=user_1");
    };
    const auto confirm = [](const std::string& answer) {
        return post("/v1/payment_intents/" + id_in(answer) + "/confirm",
                    "payment_method=pm_card_visa&return_url=https%3A%2F%2Fshop.example");
    };
    return {"payment intents created and confirmed", {create, confirm}};
}

Script created_confirmed_at_once() {
    return {"payment intents in one request", {[](const std::string&) {
                return post("/v1/payment_intents",
                            "amount=2000&currency=usd&confirm=true&payment_method=pm_card_visa"
                            "&return_url=https%3A%2F%2Fshop.example&metadata[order_id]=order_1");
            }}};
}

/// A keep-alive connection that plays a script over and over.
class Player : public std::enable_shared_from_this<Player> {
public:
    Player(asio::io_context& io, const Script& script, std::uint64_t& rounds)
        : socket_(io), script_(script), rounds_(rounds) {}

    void start(std::uint16_t port) {
        socket_.connect({asio::ip::address_v4::loopback(), port});
        socket_.set_option(tcp::no_delay(true));
        send();
    }

private:
    void send() {
        request_ = script_.steps[step_](answer_);
        asio::async_write(socket_, asio::buffer(request_),
                          [self = shared_from_this()](error_code error, std::size_t) {
                              if (!error) self->read_head();
                          });
    }

    void read_head() {
        asio::async_read_until(socket_, asio::dynamic_buffer(buffer_), "\r\n\r\n",
                               [self = shared_from_this()](error_code error, std::size_t size) {
                                   if (!error) self->read_body(size);
                               });
    }

    void read_body(std::size_t head) {
        if (!buffer_.starts_with("HTTP/1.1 200")) throw std::runtime_error("refused: " + buffer_);
        constexpr std::string_view name = "Content-Length: ";
        const auto length = buffer_.find(name);
        const auto size = head + std::stoul(buffer_.substr(length + name.size(), 10));
        if (buffer_.size() >= size) return done(head, size);
        asio::async_read(socket_, asio::dynamic_buffer(buffer_),
                         asio::transfer_exactly(size - buffer_.size()),
                         [self = shared_from_this(), head, size](error_code error, std::size_t) {
                             if (!error) self->done(head, size);
                         });
    }

    void done(std::size_t head, std::size_t size) {
        answer_ = buffer_.substr(head, size - head);
        buffer_.erase(0, size);
        step_ = (step_ + 1) % script_.steps.size();
        if (step_ == 0) ++rounds_;
        send();
    }

    tcp::socket socket_;
    const Script& script_;
    std::uint64_t& rounds_;
    std::size_t step_ = 0;
    std::string request_;
    std::string buffer_;
    std::string answer_;
};

void measure(const std::string& program, const Script& script, const Options& options) {
    bench::Child simulator({program, "--listen", "127.0.0.1:0", "--clock", "frozen"});
    const auto port = bench::port_in(simulator.line());
    asio::io_context io;
    std::uint64_t rounds = 0;
    for (std::size_t i = 0; i < options.connections; ++i)
        std::make_shared<Player>(io, script, rounds)->start(port);
    io.run_for(std::chrono::milliseconds(500));
    const auto before = rounds;
    const auto cpu = simulator.cpu_seconds();
    const auto started = Clock::now();
    io.run_for(std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::duration<double>(options.seconds)));
    const std::chrono::duration<double> took = Clock::now() - started;
    const auto made = static_cast<double>(rounds - before);
    fmt::print("{:<40} {:>9.0f} {:>11.1f} {:>14.0f} {:>9.0f}\n", script.name, made / took.count(),
               (simulator.cpu_seconds() - cpu) * 1e6 / made, made / (simulator.cpu_seconds() - cpu),
               simulator.memory_mib());
}

void generate(const std::string& program, std::string_view name,
              const std::vector<std::string>& arguments) {
    std::vector<std::string> command{program, "marketplace", "--sellers", "500", "--days", "30"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto started = Clock::now();
    bench::Child generator(command);
    std::string events;
    for (auto line = generator.line(); !line.empty(); line = generator.line())
        if (line.starts_with("events")) events = line.substr(line.find_last_of(' ') + 1);
    const auto used = generator.wait();
    const std::chrono::duration<double> took = Clock::now() - started;
    fmt::print("{:<40} {:>9} {:>9.1f} {:>9.1f} {:>11.0f} {:>9.0f}\n", name, events, took.count(),
               used.cpu_seconds, std::stod(events) / took.count(), used.memory_mib);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"What the Stripe simulator takes: requests, orders and events per second."};
    Options options;
    app.add_option("--connections", options.connections, "kept alive")->capture_default_str();
    app.add_option("--seconds", options.seconds, "per row of requests")->capture_default_str();
    app.add_option("--orders", options.orders, "of the generator; 0 leaves it out")
        ->capture_default_str();
    app.add_option("--file-orders", options.file_orders, "the same, with the events to a file")
        ->capture_default_str();
    app.add_option("--events-file", options.events_file, "removed afterwards")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    const auto program =
        (std::filesystem::canonical("/proc/self/exe").parent_path() / "stripe-sim").string();
    fmt::print("{:<40} {:>9} {:>11} {:>14} {:>9}\n", "requests", "per s", "CPU us each",
               "per CPU second", "MiB");
    for (const auto& script : {empty_route(), created_and_confirmed(), created_confirmed_at_once()})
        measure(program, script, options);
    fmt::print("\n{:<40} {:>9} {:>9} {:>9} {:>11} {:>9}\n", "marketplace", "events", "s", "CPU s",
               "events/s", "MiB");
    if (options.orders > 0)
        generate(program, fmt::format("{} orders", options.orders),
                 {"--buyers", "20000", "--orders", std::to_string(options.orders)});
    if (options.file_orders == 0) return 0;
    generate(program, fmt::format("{} orders to a file", options.file_orders),
             {"--buyers", "20000", "--orders", std::to_string(options.file_orders), "--events-to",
              options.events_file});
    std::filesystem::remove(options.events_file);
}
