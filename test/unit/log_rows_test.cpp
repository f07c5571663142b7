// The rows of the log as a segment holds them: what is not whole is told from what is.
#include <ledger/log_rows.hpp>

#include <ledger/pg/binary.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace daybook;

namespace {

void put_field(std::string& out, std::string_view bytes) {
    pg::put<std::int32_t>(out, static_cast<std::int32_t>(bytes.size()));
    out += bytes;
}

void put_row(std::string& out, std::int64_t position, std::string_view payload) {
    std::string eight;
    pg::put(eight, position);
    put_field(out, eight);
    for (const auto* text : {"evt_1", "charge.succeeded", ""})
        put_field(out, text);
    put_field(out, "\1");
    put_field(out, eight);
    put_field(out, payload);
}

std::string two_rows() {
    std::string rows;
    put_row(rows, 8, "{}");
    put_row(rows, 9, R"({"id":"evt_1"})");
    return rows;
}

}  // namespace

TEST_CASE("whole rows that follow each other are rows, and read as what they are") {
    const auto rows = two_rows();
    CHECK(are_rows(rows, 7, 9));
    CHECK(are_rows("", 7, 7));
    std::string_view rest = rows;
    take_row(rest);
    const auto second = take_row(rest);
    CHECK(second.position == 9);
    CHECK(second.type == "charge.succeeded");
    CHECK(second.payload == R"({"id":"evt_1"})");
    CHECK(rest.empty());
}

TEST_CASE("rows of other positions, too few or too many are not those rows") {
    for (const auto& [after, upto] : {std::pair(6, 9), {8, 9}, {7, 8}, {7, 10}, {0, 2}})
        CHECK_FALSE(are_rows(two_rows(), after, upto));
    std::string twice;
    put_row(twice, 8, "{}");
    put_row(twice, 8, "{}");
    CHECK_FALSE(are_rows(twice, 7, 9));
}

TEST_CASE("what is cut off or claims more than there is is no row") {
    const auto rows = two_rows();
    for (std::size_t size = 0; size < rows.size(); ++size)
        CHECK_FALSE(are_rows(rows.substr(0, size), 7, 9));
    for (std::size_t at = 0; at < rows.size(); ++at)
        for (const char byte : {'\x7f', '\xff'}) {
            auto changed = rows;
            changed[at] = byte;
            if (!are_rows(changed, 7, 9)) continue;
            std::string_view rest = changed;
            CHECK(take_row(rest).position == 8);
            CHECK(take_row(rest).position == 9);
            CHECK(rest.empty());
        }
}
