// Problems: one table, one page of documentation, one shape on the wire.
#include <api/problem.hpp>

#include <simdjson.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace daybook::api;

namespace {

std::string documentation() {
    const auto file = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() /
                      "docs/problems.md";
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

/// The headings of the page, which are "## <slug> (<status>)".
std::set<std::string> headings() {
    std::istringstream page(documentation());
    std::set<std::string> found;
    for (std::string line; std::getline(page, line);)
        if (line.starts_with("## ")) found.insert(line.substr(3));
    return found;
}

}  // namespace

TEST_CASE("Every problem is documented with its status, and nothing else is") {
    std::set<std::string> table;
    for (const auto& kind : problem_kinds())
        table.insert(std::string(kind.slug) + " (" + std::to_string(kind.status) + ")");
    CHECK(table == headings());
}

TEST_CASE("Slugs are unique and fit into a URL") {
    std::set<std::string_view> slugs;
    for (const auto& kind : problem_kinds()) {
        INFO(kind.slug);
        CHECK(slugs.insert(kind.slug).second);
        CHECK(kind.slug.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
              std::string_view::npos);
        CHECK_FALSE(kind.title.empty());
        CHECK_FALSE(kind.help.empty());
        CHECK(kind_of(kind.problem).slug == kind.slug);
    }
}

TEST_CASE("A problem says what, where and what to do, as RFC 9457 wants it") {
    const auto response =
        problem_response(Problem::invalid_parameter, "request-1", "limit must be a \"number\"");
    CHECK(response.status == 400);
    CHECK(response.content_type == "application/problem+json");
    simdjson::dom::parser parser;
    const auto body = parser.parse(response.body);
    CHECK(body["type"].get_string().value() == "/problems/invalid-parameter");
    CHECK(body["status"].get_int64().value() == 400);
    CHECK(body["detail"].get_string().value() == "limit must be a \"number\"");
    CHECK(body["instance"].get_string().value() == "request-1");
    CHECK_FALSE(body["title"].get_string().value().empty());
    CHECK_FALSE(body["help"].get_string().value().empty());
}

TEST_CASE("Who is told to come back is told when, and who lacks a key is told which kind") {
    for (const auto& kind : problem_kinds()) {
        INFO(kind.slug);
        const auto headers = problem_response(kind.problem, "r").headers;
        CHECK((headers.find("Retry-After: ") != std::string::npos) == (kind.status == 503));
        CHECK((headers.find("WWW-Authenticate: Bearer") != std::string::npos) ==
              (kind.status == 401));
    }
}
