// The codec: every API version, every way to be unreadable, every amount exact.
#include <projections/stripe/codec.hpp>
#include <projections/stripe/fields.hpp>
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

#include <iterator>
#include <set>

using namespace daybook;               // NOLINT(google-build-using-namespace)
using namespace daybook::projections;  // NOLINT(google-build-using-namespace)

namespace {

/// Keeps what the views of the event point into.
struct Reading {
    Arena arena;
    std::vector<Event> events;
    Event event;  ///< the first of them

    Reading(std::string_view type, std::string_view payload) {
        LogRow row;
        row.position = 7;
        row.event_id = "evt_1";
        row.type = type;
        row.account = "acct_1";
        row.occurred_at = 100'999'999;
        row.payload = payload;
        stripe::Codec().read(row, arena, events);
        event = events.front();
    }
    template <class Object>
    const Object& as() {
        INFO(event.error);
        REQUIRE(std::holds_alternative<Object>(event.object));
        return std::get<Object>(event.object);
    }
};

Reading read(std::string_view type, const std::string& object, std::string previous = {}) {
    return {type, test::payload_of({std::string(type), 100, object, std::move(previous)})};
}

}  // namespace

TEST_CASE("names of fields are told apart by numbers that compiler and processor agree on") {
    using stripe::key;
    static constexpr std::uint64_t known[] = {key(""), key("id"), key("currency"),
                                              key("application_fee_amount")};
    const std::string names[] = {"", "id", "currency", "application_fee_amount"};
    for (std::size_t i = 0; i < std::size(known); ++i)
        CHECK(key(names[i]) == known[i]);

    std::set<std::uint64_t> numbers;
    std::size_t made = 0;
    for (std::size_t length = 1; length <= 40; ++length) {
        std::string name(length, 'a');
        numbers.insert(key(name));
        ++made;
        for (auto& letter : name) {
            letter = 'b';
            numbers.insert(key(name));
            ++made;
            letter = 'a';
        }
    }
    CHECK(numbers.size() == made);
}

TEST_CASE("an event keeps its envelope, and time in whole seconds") {
    auto reading = read("charge.succeeded", test::charge("ch_1", "pi_1", 1000));
    CHECK(reading.event.position == 7);
    CHECK(reading.event.id == "evt_1");
    CHECK(reading.event.type == "charge.succeeded");
    CHECK(reading.event.account == "acct_1");
    CHECK(reading.event.created == 100);
    CHECK(reading.as<stripe::Charge>().amount == 1000);
}

TEST_CASE("types that no fold knows are not even parsed") {
    for (const auto* type : {"customer.discount.created", "v1.charge.succeeded", "v2.core.event",
                             "invoice.upcoming", "mandate.updated", "whatever", ""}) {
        Reading reading(type, "{broken");
        CHECK(std::holds_alternative<std::monostate>(reading.event.object));
        CHECK(reading.event.error.empty());
    }
}

TEST_CASE("what cannot be read is named in a sentence") {
    const auto error = [](std::string_view type, const std::string& object) {
        const auto reading = read(type, object);
        CHECK(std::holds_alternative<std::monostate>(reading.event.object));
        return std::string(reading.event.error);
    };
    CHECK(error("charge.updated", R"({"object":"charge","amount":1,"currency":"usd"})") ==
          "charge.id is missing");
    CHECK(error("charge.updated", R"({"id":"ch_1","currency":"usd","status":"succeeded"})") ==
          "charge.amount is missing");
    CHECK(error("charge.updated", test::charge("ch_1", "pi_1", 1, R"("amount":10.5)")) ==
          "charge.amount is not an integer");
    CHECK(error("charge.updated", test::charge("ch_1", "pi_1", 1, R"("amount":"10")")) ==
          "charge.amount is not an integer");
    CHECK(error("payout.paid", test::charge("ch_1", "pi_1", 1)) ==
          "data.object is a charge, not a payout");
    CHECK(error("charge.updated", "[]") == "data.object is missing");
    Reading broken("charge.updated", R"({"data":)");
    CHECK_THAT(std::string(broken.event.error), Catch::StartsWith("the payload is not valid JSON"));
    for (const auto* payload : {"", "[]", "3", "{}", R"({"data":null})", R"({"data":[1]})"})
        CHECK_FALSE(Reading("charge.updated", payload).event.error.empty());
}

TEST_CASE("amounts beyond 32 bits and 2^53 stay exact") {
    CHECK(read("charge.updated", test::charge("ch_1", "pi_1", 3'000'000'000))
              .as<stripe::Charge>()
              .amount == 3'000'000'000);
    CHECK(read("charge.updated", test::charge("ch_1", "pi_1", 9'007'199'254'740'993))
              .as<stripe::Charge>()
              .amount == 9'007'199'254'740'993);
}

TEST_CASE("expandable fields may be ids or whole objects") {
    auto reading =
        read("charge.updated", test::charge("ch_1", "pi_1", 1000,
                                            R"("balance_transaction":{"id":"txn_1","object":)"
                                            R"("balance_transaction"},"customer":{"id":"cus_1"},)"
                                            R"("payment_intent":{"id":"pi_2"},"transfer":null)"));
    const auto& charge = reading.as<stripe::Charge>();
    CHECK(charge.balance_transaction == "txn_1");
    CHECK(charge.customer == "cus_1");
    CHECK(charge.payment_intent == "pi_2");
    CHECK(charge.transfer.empty());
}

TEST_CASE("an invoice names its subscription and products in every API version") {
    auto old = read("invoice.paid",
                    R"({"id":"in_1","status":"paid","currency":"usd","subscription":"sub_1",)"
                    R"("payment_intent":"pi_1","charge":"ch_1","subscription_details":{"metadata":)"
                    R"({"user_id":"u_1"}},"lines":{"data":[{"amount":5,"period":{"end":9},)"
                    R"("price":{"id":"price_1","product":"prod_1"}}]}})");
    auto basil = read("invoice.paid",
                      R"({"id":"in_1","status":"paid","currency":"usd","parent":)"
                      R"({"subscription_details":{"subscription":"sub_1","metadata":)"
                      R"({"user_id":"u_1"}}},"payments":{"data":[{"payment":{"type":)"
                      R"("payment_intent","payment_intent":"pi_1"}}]},"lines":{"data":[{"amount":)"
                      R"(5,"period":{"end":9},"pricing":{"price_details":{"price":"price_1",)"
                      R"("product":"prod_1"}}}]}})");
    for (auto* reading : {&old, &basil}) {
        const auto& invoice = reading->as<stripe::Invoice>();
        CHECK(invoice.subscription == "sub_1");
        CHECK(invoice.inherited.user_id == "u_1");
        REQUIRE(invoice.payment_intents.size() == 1);
        CHECK(invoice.payment_intents[0] == "pi_1");
        REQUIRE(invoice.lines.size() == 1);
        CHECK(invoice.lines[0].product == "prod_1");
        CHECK(invoice.lines[0].price == "price_1");
        CHECK(invoice.lines[0].period_end == 9);
    }
}

TEST_CASE("previous_attributes take an object back to what it was") {
    auto reading = read("customer.subscription.updated",
                        test::subscription("sub_1", "past_due", R"("latest_invoice":"in_2")"),
                        R"({"status":"active","latest_invoice":null})");
    const auto& now = reading.as<stripe::Subscription>();
    REQUIRE(now.before.size() == 1);
    CHECK(now.status == "past_due");
    CHECK(now.before[0].status == "active");
    CHECK(now.before[0].latest_invoice.empty());
    REQUIRE(now.items.size() == 1);
    CHECK(now.items[0].product == "prod_plan");
    CHECK(now.before[0].items.size() == 1);
    CHECK(read("charge.updated", test::charge("ch_1", "pi_1", 1), "null")
              .as<stripe::Charge>()
              .amount_refunded_before == std::nullopt);
}

TEST_CASE("metadata names come in snake case or camel case, with any text in them") {
    auto reading =
        read("charge.updated", test::charge("ch_1", "pi_1", 1,
                                            R"("metadata":{"orderId":"o\u0000\"1","userId":"Zoë",)"
                                            R"("user_id":"u_1","product_id":5})"));
    const auto& identity = reading.as<stripe::Charge>().identity;
    CHECK(identity.order_id == "o\uFFFD\"1");
    CHECK(identity.user_id == "u_1");
    CHECK(identity.product_id.empty());
}
