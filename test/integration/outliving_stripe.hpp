// A Stripe that outlives the processes of the service: the simulator, on a thread of the test.
#pragma once

#include <test/integration/http_expect.hpp>
#include <tools/stripe_sim/config.hpp>
#include <tools/stripe_sim/simulator.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace daybook::test {

inline constexpr char secret_key[] = "sk_test_0123456789";

/// Delivers its webhooks to the service on `daybook_port`.
class Stripe {
public:
    explicit Stripe(std::uint16_t daybook_port) {
        sim::Config config;
        config.listen = fmt::format("127.0.0.1:{}", port_);
        config.webhooks = {{fmt::format("http://127.0.0.1:{}{}", daybook_port, platform_path),
                            platform_secret, false},
                           {fmt::format("http://127.0.0.1:{}{}", daybook_port, connect_path),
                            connect_secret, true}};
        simulator_ = std::make_unique<sim::Simulator>(config);
        thread_ = std::thread([this] { simulator_->run(); });
    }
    ~Stripe() {
        simulator_->stop();
        thread_.join();
    }
    Stripe(const Stripe&) = delete;
    Stripe& operator=(const Stripe&) = delete;

    /// What it says to a question of its own protocol.
    [[nodiscard]] Answer ask(const std::string& target) const {
        return HttpClient(port_).get(target, secret_key);
    }

    /// A call of its own protocol, by somebody else than the service; the key may be empty.
    [[nodiscard]] Answer post(const std::string& path, const std::string& form,
                              const std::string& idempotency_key = {}) const {
        std::map<std::string, std::string> headers = {
            {"Authorization", std::string("Bearer ") + secret_key},
            {"Content-Type", "application/x-www-form-urlencoded"}};
        if (!idempotency_key.empty()) headers.emplace("Idempotency-Key", idempotency_key);
        return HttpClient(port_).post(path, form, headers);
    }
    /// Somebody deletes an object.
    void remove(const std::string& path) const {
        REQUIRE(HttpClient(port_)
                    .raw(fmt::format("DELETE {} HTTP/1.1\r\nHost: localhost\r\n"
                                     "Authorization: Bearer {}\r\n\r\n",
                                     path, secret_key))
                    .status == 200);
    }
    /// The buyer pays with a card, in the browser.
    void pay(const std::string& intent) const {
        const auto paid =
            post("/v1/payment_intents/" + intent + "/confirm",
                 "payment_method=pm_card_visa&return_url=https://shop.example/thanks");
        INFO(paid.body);
        REQUIRE(paid.status == 200);
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }

    void strike(std::string_view kind) const {
        HttpClient(port_).raw("DELETE /_sim/faults HTTP/1.1\r\nHost: localhost\r\n\r\n");
        if (kind.empty()) return;
        fault(fmt::format(R"({{"kind":"{}","route":"POST *","count":1,"delay_ms":300}})", kind));
    }
    /// One more rule of docs/simulator-control.md.
    void fault(std::string_view rule) const {
        REQUIRE(HttpClient(port_)
                    .post("/_sim/faults", rule, {{"Content-Type", "application/json"}})
                    .status == 200);
    }
    /// How many payment intents of this order there are.
    [[nodiscard]] std::size_t intents_of(std::string_view order) const {
        HttpClient http(port_);
        const auto found = http.get(
            fmt::format("/v1/payment_intents/search?query=metadata%5B%27order_id%27%5D%3A%27{}%27",
                        order),
            secret_key);
        return Json(found.body).data().size();
    }

private:
    const std::uint16_t port_ = free_port();
    std::unique_ptr<sim::Simulator> simulator_;
    std::thread thread_;
};

/// What outlives each process of a service: its database, its port, and its Stripe.
struct Surroundings {
    Database database;
    const std::uint16_t port = free_port();
    Stripe stripe{port};

    /// Of a process that listens on `listen`.
    [[nodiscard]] Environment environment(std::uint16_t listen) const {
        return {{"DATABASE_URL", database.conninfo()},
                {"DAYBOOK_LISTEN", fmt::format("127.0.0.1:{}", listen)},
                {"STRIPE_WEBHOOK_SECRET", platform_secret},
                {"STRIPE_CONNECT_WEBHOOK_SECRET", connect_secret},
                {"STRIPE_SECRET_KEY", secret_key},
                {"STRIPE_API_BASE", stripe.url()}};
    }
    /// A process that dies where `crash_at` says, if anywhere.
    [[nodiscard]] std::unique_ptr<Serve> serve(std::string_view crash_at = {}) const {
        return serve(crash_at, port);
    }
    [[nodiscard]] std::unique_ptr<Serve> serve(std::string_view crash_at,
                                               std::uint16_t listen) const {
        auto variables = environment(listen);
        if (!crash_at.empty()) variables.emplace("DAYBOOK_CRASH_AT", crash_at);
        return std::make_unique<Serve>(variables);
    }
    [[nodiscard]] std::string make_key(const std::string& scope) const {
        const auto made = run_daybook({"keys", "create", "--scope", scope, "--json"},
                                      {{"DATABASE_URL", database.conninfo()}});
        return Json(made.out).text("/key");
    }
};

/// A write of Daybook's own API.
inline Answer post_json(std::uint16_t port, const std::string& key, const std::string& path,
                        const std::string& idempotency_key, const std::string& body) {
    return HttpClient(port).post(path, body,
                                 {{"Authorization", "Bearer " + key},
                                  {"Content-Type", "application/json"},
                                  {"Idempotency-Key", idempotency_key}});
}

}  // namespace daybook::test
