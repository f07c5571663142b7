// A simulator's world without sockets, for tests: requests in, documents out.
#pragma once

#include <tools/stripe_sim/api.hpp>
#include <tools/stripe_sim/world.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::test {

class Sim {
public:
    static constexpr sim::Seconds start = 1'790'000'000;

    /// Time stands still; the seed is 1; the platform is not paid out by itself.
    Sim();
    /// Goes on where a saved one stood.
    explicit Sim(const std::filesystem::path& state);

    struct Answer {
        int status = 0;
        sim::json::object body;
        std::string headers;

        /// "code" of the error, or "".
        [[nodiscard]] std::string_view code() const { return sim::text(body, "error.code"); }
        [[nodiscard]] std::string_view message() const { return sim::text(body, "error.message"); }
        [[nodiscard]] std::string_view param() const { return sim::text(body, "error.param"); }
        [[nodiscard]] std::string_view id() const { return sim::text(body, "id"); }
    };

    Answer get(std::string_view path, std::string_view query = "");
    Answer post(std::string_view path, std::string_view form = "", std::string_view key = "");
    Answer del(std::string_view path);
    Answer send(sim::ApiRequest request);

    /// Adds a connected account that may receive transfers and take cards, and acts as it, or as
    /// the platform again.
    std::string seller();
    void act_as(std::string_view account) { account_ = account; }

    /// The types of all events so far of an account, oldest first.
    std::vector<std::string> events(std::string_view account = "");

    /// The sum of net over all balance transactions of an account.
    std::int64_t net(std::string_view account = "");

    sim::World world;

private:
    sim::Api api_;
    std::string account_;
};

}  // namespace daybook::test
