// What the HTTP tests share: a service on a database of its own, and how its answers are read.
#pragma once

#include <test/integration/cluster.hpp>

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::test {

inline constexpr char platform_secret[] = "whsec_platform_of_the_http_tests_01";
inline constexpr char connect_secret[] = "whsec_connect_of_the_http_tests_02";
inline constexpr char platform_path[] = "/webhooks/stripe";
inline constexpr char connect_path[] = "/webhooks/stripe/connect";

/// For a service with a simulator beside it, whose webhooks come back to it.
inline Environment with_simulator(std::uint16_t port = free_port()) {
    return {{"DAYBOOK_SIMULATOR", "on"},
            {"DAYBOOK_SIMULATOR_LISTEN", "127.0.0.1:" + std::to_string(port)}};
}

/// `daybook serve` on a fresh database, and a connection to it.
struct Service {
    explicit Service(const Environment& more = {});
    /// For `daybook` commands beside the service.
    [[nodiscard]] Environment environment() const;
    /// A new key of these scopes.
    [[nodiscard]] std::string key(const std::vector<std::string>& scopes) const;

    Database database;
    Serve serve;
    HttpClient http;
};

/// A body that is an event of this id; `rest` is more members, each with a comma before it.
std::string event_body(std::string_view id, std::string_view type = "charge.succeeded",
                       std::string_view rest = "");

/// A parsed answer. `["a"]` of what is not there throws simdjson::simdjson_error, failing the test.
class Json {
public:
    explicit Json(std::string_view text);
    simdjson::simdjson_result<simdjson::dom::element> operator[](std::string_view name) const {
        return root_[name];
    }
    /// The rows of a list: its member `data`.
    [[nodiscard]] simdjson::dom::array data() const { return root_["data"]; }
    /// The value at a JSON pointer such as /data/0/status.
    [[nodiscard]] std::string text(std::string_view pointer) const;
    [[nodiscard]] std::int64_t number(std::string_view pointer) const;
    [[nodiscard]] bool boolean(std::string_view pointer) const;

private:
    std::unique_ptr<simdjson::dom::parser> parser_ = std::make_unique<simdjson::dom::parser>();
    simdjson::dom::element root_;
};

/// The slug when `answer` is a problem as docs/problems.md has it: a documented type with its
/// status, application/problem+json, an instance that is the request's id, Retry-After with every
/// 503. Otherwise what is wrong with it.
std::string problem_of(const Answer& answer);

/// The value of one line of /metrics, named with its labels; -1 when there is no such line.
double metric(std::uint16_t port, const std::string& line);

/// Tries for half a minute.
bool eventually(const std::function<bool()>& condition);

}  // namespace daybook::test
