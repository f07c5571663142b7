// A service on a database of its own, and what its answers and its documentation say.
#include <api/keys.hpp>
#include <test/integration/http_expect.hpp>

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace daybook::test {
namespace {

Environment serve_environment(const Database& database, const Environment& more) {
    Environment environment = more;
    environment.emplace("DATABASE_URL", database.conninfo());
    environment.emplace("STRIPE_WEBHOOK_SECRET", platform_secret);
    environment.emplace("STRIPE_CONNECT_WEBHOOK_SECRET", connect_secret);
    return environment;
}

/// The page's headings, "## <slug> (<status>)", as slug and status.
std::map<std::string, int> documented() {
    std::ifstream page(DAYBOOK_SOURCE "/docs/problems.md");
    std::map<std::string, int> found;
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("## ")) continue;
        std::istringstream words(line.substr(3));
        std::string slug;
        char bracket = 0;
        int status = 0;
        words >> slug >> bracket >> status;
        found.emplace(slug, status);
    }
    return found;
}

std::string header(const Answer& answer, const std::string& name) {
    const auto found = answer.headers.find(name);
    return found == answer.headers.end() ? "" : found->second;
}

}  // namespace

Service::Service(const Environment& more)
    : serve(serve_environment(database, more)), http(serve.port()) {}

Environment Service::environment() const {
    return {{"DATABASE_URL", database.conninfo()}};
}

std::string Service::key(const std::vector<std::string>& scopes) const {
    auto db = database.connect_service();
    return api::create_key(db, "test", scopes).key;
}

std::string event_body(std::string_view id, std::string_view type, std::string_view rest) {
    return fmt::format(
        R"({{"id":"{}","object":"event","api_version":"2026-10-28.endive","created":1790000000,)"
        R"("livemode":false,"type":"{}","data":{{"object":{{"id":"ch_{}","object":"charge",)"
        R"("amount":1000,"currency":"usd","status":"succeeded","paid":true,)"
        R"("created":1790000000}}}}{}}})",
        id, type, id, rest);
}

Json::Json(std::string_view text) {
    const simdjson::padded_string padded(text);
    if (parser_->parse(padded).get(root_) != simdjson::SUCCESS)
        throw std::runtime_error(fmt::format("not JSON: {}", text));
}

std::string Json::text(std::string_view pointer) const {
    return std::string(std::string_view(root_.at_pointer(pointer)));
}

std::int64_t Json::number(std::string_view pointer) const {
    return root_.at_pointer(pointer);
}

bool Json::boolean(std::string_view pointer) const {
    return root_.at_pointer(pointer);
}

std::string problem_of(const Answer& answer) {
    constexpr std::string_view prefix = "/problems/";
    if (header(answer, "content-type") != "application/problem+json")
        return fmt::format("not a problem but {}: {}", answer.status, answer.body);
    const Json body(answer.body);
    const auto type = body.text("/type");
    if (!type.starts_with(prefix)) return "of type " + type;
    const auto slug = type.substr(prefix.size());
    static const auto pages = documented();
    const auto page = pages.find(slug);
    if (page == pages.end()) return "not documented: " + slug;
    if (page->second != answer.status || body.number("/status") != answer.status)
        return fmt::format("{} with status {}", slug, answer.status);
    if (body.text("/instance").empty() || body.text("/instance") != header(answer, "x-request-id"))
        return slug + " without the request's id";
    if (answer.status == 503 && header(answer, "retry-after").empty())
        return slug + " without Retry-After";
    return slug;
}

double metric(std::uint16_t port, const std::string& line) {
    std::istringstream page(HttpClient(port).get("/metrics").body);
    for (std::string found; std::getline(page, found);)
        if (found.starts_with(line + " ")) return std::stod(found.substr(line.size() + 1));
    return -1;
}

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

}  // namespace daybook::test
