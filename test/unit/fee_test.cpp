// Fees: no unit appears or vanishes, whatever the amounts, currencies and policies.
#include <ledger/currency.hpp>
#include <ledger/fee.hpp>

#include <catch2/catch.hpp>

#include <numeric>
#include <random>

using namespace daybook;

namespace {

const FeePolicy tiered = {.base = {1500, 30},
                          .tiers = {{"starter", 0, 1500},
                                    {"standard", 10'000, 1000},
                                    {"premium", 50'000, 500},
                                    {"enterprise", 250'000, 250}}};

std::int64_t sum(const std::vector<std::int64_t>& parts) {
    return std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
}

}  // namespace

TEST_CASE("A fee is a percentage, half-up on the minor unit, and a fixed part") {
    struct Row {
        std::int64_t amount, basis_points, fixed;
        Split split;
    };
    const Row rows[] = {
        {10'000, 1000, 0, {1000, 9000}},
        {10'000, 1000, 30, {1030, 8970}},
        {5, 1000, 0, {1, 4}},     // 0.5 goes up
        {4, 1000, 0, {0, 4}},     // 0.4 goes down
        {333, 250, 0, {8, 325}},  // 8.325
        {1, 10'000, 0, {1, 0}},
        {20, 1000, 30, {20, 0}},  // never more than there is
        {0, 1000, 30, {0, 0}},
        {99'999'999, 9999, 0, {99'989'999, 10'000}},
        {999'999'999'999, 250, 1'000'000, {25'001'000'000, 974'998'999'999}},
    };
    for (const auto& row : rows) {
        INFO(row.amount << " at " << row.basis_points << " + " << row.fixed);
        const FeePart part{row.amount, {row.basis_points, row.fixed}};
        CHECK(split_sale({&part, 1}) == row.split);
    }
}

TEST_CASE("Fee and seller's share are the total in every currency, for any parts and rates") {
    std::mt19937_64 random(20261028);  // the same run each time
    const auto pick = [&random](std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>(least, most)(random);
    };
    for (auto codes = known_currencies(); !codes.empty();) {
        const auto code = codes.substr(0, 3);
        codes.remove_prefix(std::min<std::size_t>(4, codes.size()));
        const auto currency = find_currency(code);
        REQUIRE(currency);
        for (int round = 0; round < 400; ++round) {
            std::vector<FeePart> parts(static_cast<std::size_t>(pick(1, 6)));
            std::int64_t total = 0;
            for (auto& part : parts) {
                part.amount = pick(0, 3) == 0 ? pick(0, 200) : pick(0, currency->maximum);
                part.amount = part.amount / currency->step * currency->step;
                part.rate = {pick(0, 10'000), pick(0, 2) == 0 ? pick(0, 5'000) : 0};
                total += part.amount;
            }
            const auto split = split_sale(parts, currency->step);
            INFO(code << " " << total);
            REQUIRE(split.fee + split.seller == total);
            REQUIRE(split.fee >= 0);
            REQUIRE(split.seller >= 0);
            REQUIRE(split.fee % currency->step == 0);
        }
    }
}

TEST_CASE("A fee is as round as its currency: whole tens of fils, whole krónur") {
    const FeePart dinar{10'050, {1235, 0}};  // 1,241.175
    CHECK(split_sale({&dinar, 1}, find_currency("bhd")->step) == Split{1240, 8810});
    const FeePart krona{100'000, {1255, 0}};  // 12,550
    CHECK(split_sale({&krona, 1}, find_currency("isk")->step) == Split{12'600, 87'400});
    const FeePart once{20'010, {622, 0}};  // 1,244.622: rounded at once, not over 1,245
    CHECK(split_sale({&once, 1}, 10) == Split{1240, 18'770});
    const FeePart both{125'300, {1000, 30}};  // 12,530 and 30
    CHECK(split_sale({&both, 1}, 100) == Split{12'600, 112'700});
    const FeePart all{10'050, {10'000, 30}};
    CHECK(split_sale({&all, 1}, 10) == Split{10'050, 0});
}

TEST_CASE("A higher rate or a larger sale never brings the platform less") {
    std::mt19937_64 random(7);
    std::uniform_int_distribution<std::int64_t> amounts(0, 99'999'999), rates(0, 9'999);
    for (int round = 0; round < 20'000; ++round) {
        const FeePart part{amounts(random), {rates(random), 30}};
        const FeePart dearer{part.amount, {part.rate.basis_points + 1, 30}};
        const FeePart larger{part.amount + 1, part.rate};
        REQUIRE(split_sale({&dearer, 1}).fee >= split_sale({&part, 1}).fee);
        REQUIRE(split_sale({&larger, 1}).fee >= split_sale({&part, 1}).fee);
        REQUIRE(split_sale({&larger, 1}).seller >= split_sale({&part, 1}).seller);
    }
}

TEST_CASE("The product's rate comes before the seller's, that before the tier, that before all") {
    const FeeRate of_product{700, 5}, of_seller{800, 0};
    CHECK(choose_rate(tiered, of_product, of_seller, 0, 2).rate == of_product);
    CHECK(choose_rate(tiered, of_product, of_seller, 0, 2).source == "product");
    CHECK(choose_rate(tiered, {}, of_seller, 0, 2).rate == of_seller);
    CHECK(choose_rate(tiered, {}, of_seller, 0, 2).source == "seller");
    CHECK(choose_rate({.base = {900, 10}, .tiers = {}}, {}, {}, 1'000'000, 2).rate ==
          FeeRate{900, 10});
    CHECK(choose_rate({.base = {900, 10}, .tiers = {}}, {}, {}, 0, 2).source == "default");
}

TEST_CASE("A tier is reached at its revenue, in whole units of the sale's currency") {
    const auto tier = [](std::int64_t revenue, int exponent) {
        return choose_rate(tiered, {}, {}, revenue, exponent);
    };
    CHECK(tier(0, 2).tier == "starter");
    CHECK(tier(-500, 2).tier == "starter");  // more refunded than sold
    CHECK(tier(999'999, 2).tier == "starter");
    CHECK(tier(1'000'000, 2).tier == "standard");
    CHECK(tier(1'000'000, 2).rate == FeeRate{1000, 30});
    CHECK(tier(10'000, 0).tier == "standard");
    CHECK(tier(9'999'999, 3).tier == "starter");
    CHECK(tier(25'000'000, 2).tier == "enterprise");
    CHECK(tier(99'000'000'000, 2).source == "tier");
}

TEST_CASE("Apportioning loses nothing and takes from no line more than it has") {
    CHECK(apportion(100, std::vector<std::int64_t>{1, 1, 1}) ==
          std::vector<std::int64_t>{34, 33, 33});
    CHECK(apportion(1, std::vector<std::int64_t>{1, 3}) == std::vector<std::int64_t>{0, 1});
    CHECK(apportion(5, std::vector<std::int64_t>{0, 0}) == std::vector<std::int64_t>{5, 0});
    CHECK(apportion(5, std::vector<std::int64_t>{}).empty());
    std::mt19937_64 random(11);
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::int64_t> weights(random() % 8 + 1);
        for (auto& weight : weights)
            weight = static_cast<std::int64_t>(random() % 1'000'000'000'000);
        const auto whole = sum(weights);
        const auto total =
            static_cast<std::int64_t>(random() % static_cast<unsigned long>(whole + 1));
        const auto parts = apportion(total, weights);
        REQUIRE(sum(parts) == total);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            REQUIRE(parts[i] >= 0);
            REQUIRE(parts[i] <= weights[i]);
        }
    }
}

TEST_CASE("Percentages are read exactly or not at all") {
    for (const auto& [text, points] : std::initializer_list<std::pair<const char*, std::int64_t>>{
             {"0", 0}, {"2.5", 250}, {"10", 1000}, {"12.34", 1234}, {"0.05", 5}, {"100", 10'000}}) {
        CHECK(basis_points_of(text) == points);
        CHECK(percent_of(points) == text);
    }
    for (const char* text : {"", "-1", "+1", "1.", ".5", "1.234", "100.01", "101", "1e1", "1,5",
                             " 1", "99999999999999999999", "5%"}) {
        INFO(text);
        CHECK_FALSE(basis_points_of(text));
    }
}

TEST_CASE("Tiers are read in order, from 0, or not at all") {
    const auto tiers = parse_fee_tiers("starter:0:15,standard:10000:10,enterprise:250000:2.5");
    REQUIRE(tiers);
    REQUIRE(tiers->size() == 3);
    CHECK((*tiers)[2].name == "enterprise");
    CHECK((*tiers)[2].revenue_from == 250'000);
    CHECK((*tiers)[2].basis_points == 250);
    for (const char* text : {"", "a", "a:0", "a:1:5", "a:0:5,", "a:0:5,b:0:4", "a:0:5,b:9:4,c:8:3",
                             ":0:5", "a:-1:5", "a:0:500", "a:0:5;b:1:4"}) {
        INFO(text);
        CHECK_FALSE(parse_fee_tiers(text));
    }
}

TEST_CASE("A currency has its digits, its limits, and its steps") {
    CHECK(find_currency("usd")->exponent == 2);
    CHECK(find_currency("usd")->minimum == 50);
    CHECK(find_currency("jpy")->exponent == 0);
    CHECK(find_currency("bhd")->exponent == 3);
    CHECK(find_currency("bhd")->step == 10);
    CHECK(find_currency("isk")->step == 100);
    CHECK(find_currency("idr")->maximum == 999'999'999'999);
    for (const char* code : {"", "us", "USD", "usdx", "xxx", "d a", "sd "})
        CHECK_FALSE(find_currency(code));
    CHECK(decimal_amount(1050, 2) == "10.50");
    CHECK(decimal_amount(-5, 2) == "-0.05");
    CHECK(decimal_amount(7, 0) == "7");
    CHECK(share(7, 1, 2) == 4);
    CHECK(share(-7, 1, 2) == -4);
    CHECK(share(9'000'000'000'000'000'000, 9'999, 10'000) == 8'999'100'000'000'000'000);
}
