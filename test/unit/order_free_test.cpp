// A whole day of events, shuffled, duplicated and in batches, gives the same rows.
#include <test/day.hpp>
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

using namespace daybook;        // NOLINT(google-build-using-namespace)
using namespace daybook::test;  // NOLINT(google-build-using-namespace)

namespace {

LogRow row_of(const NewEvent& event, std::int64_t position, Microseconds occurred_at) {
    LogRow row;
    row.position = position;
    row.event_id = event.event_id;
    row.type = event.type;
    row.account = event.account;
    row.occurred_at = occurred_at;
    row.payload = event.payload;
    return row;
}

/// Makes events at random over a few objects and seconds, so that everything collides.
class Chaos {
public:
    explicit Chaos(std::mt19937_64& random) : random_(random) {}

    StripeEvent event() {
        StripeEvent event = below(4) == 0 ? mirror() : any();
        event.created = 100 + static_cast<std::int64_t>(below(4));
        if (below(3) == 0) make_action(event);
        return event;
    }

private:
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    std::string one(std::initializer_list<const char*> words) {
        return words.begin()[below(words.size())];
    }
    std::string id(const char* prefix) { return prefix + std::to_string(below(3)); }
    std::string named() {
        if (below(3) != 0) return R"("metadata":{})";
        return metadata(id("o_"), id("u_"), id("p_"));
    }

    /// The same object as our own call's answer, or nothing but a stage of an action.
    void make_action(StripeEvent& event) {
        event.type = one({"action.succeeded", "action.succeeded", "action.succeeded",
                          "action.requested", "action.indeterminate", "action.failed"});
        event.path = "/v1/things";
        if (below(2) == 0)  // a change names what it changes
            event.path += '/' + event.object.substr(7, event.object.find('"', 7) - 7);
        event.answered_at = event.created + static_cast<std::int64_t>(below(2));
        event.until = event.created + static_cast<std::int64_t>(below(3));
        event.previous.clear();
        if (below(3) == 0)
            event.previous = R"([{"object":)" + any().object + R"(},{"object":)" + mirror().object +
                             R"(},{"object":null},{"object":{"id":"x","deleted":true}}])";
        if (event.type != "action.succeeded") event.object.clear();
    }

    StripeEvent mirror() {
        const std::string name = one({"customer", "product", "price", "coupon", "promotion_code"});
        return {name + one({".created", ".updated", ".updated", ".deleted"}), 0,
                mirrored(name, id("x_"),
                         R"("name":")" + id("n") + R"(","code":")" + id("C") + R"(","active":)" +
                             one({"true", "false"}) + R"(,"metadata":{"seller":")" + id("acct_") +
                             R"("})",
                         90 + static_cast<std::int64_t>(below(2))),
                one({"{}", R"({"active":true})", R"({"active":false,"name":"n1"})",
                     R"({"metadata":{"seller":null}})", R"({"name":"n2","code":"C0"})"}),
                below(3) == 0 ? id("acct_") : ""};
    }

    StripeEvent any() {
        switch (below(10)) {
            case 0:
                return {"payment_intent.succeeded", 0,
                        payment_intent(id("pi_"), 1000,
                                       one({"requires_payment_method", "processing", "canceled",
                                            "requires_capture", "succeeded"}),
                                       named())};
            case 1:
                return {"charge.updated", 0,
                        charge(id("ch_"), below(5) == 0 ? "" : id("pi_"), 1000,
                               named() + R"(,"on_behalf_of":")" + id("acct_") +
                                   R"(","amount_refunded":)" + one({"0", "300", "1000"}) +
                                   R"(,"status":)" +
                                   one({R"("failed")", R"("pending")", R"("succeeded")"}) +
                                   R"(,"captured":)" + one({"true", "false"})),
                        one({"{}", R"({"amount_refunded":0})", R"({"amount_refunded":300})",
                             R"({"amount_refunded":1000})"})};
            case 2:
                return {"refund.updated", 0,
                        refund(id("re_"), id("ch_"), id("pi_"), 300,
                               one({"pending", "succeeded", "failed", "canceled"}))};
            case 3:
                return {"charge.dispute.updated", 0,
                        dispute(id("dp_"), id("ch_"), id("pi_"),
                                one({"warning_closed", "needs_response", "won", "lost",
                                     "appeal_under_review"}))};
            case 4:
                return {
                    "checkout.session.completed", 0,
                    session(id("cs_"), 1000, one({"complete", "expired"}), one({"paid", "unpaid"}),
                            named() + R"(,"payment_intent":")" + id("pi_") + '"')};
            case 5:
                return {one({"invoice.paid", "invoice.payment_failed"}), 0,
                        invoice(id("in_"), id("sub_"),
                                one({"subscription_create", "subscription_cycle"}), 1000,
                                one({"open", "paid", "void"}),
                                200 + static_cast<std::int64_t>(below(3)), named())};
            case 6:
                return {"invoice_payment.paid", 0,
                        invoice_payment(id("inpay_"), id("in_"), id("pi_"))};
            case 7:
                return {
                    "customer.subscription.updated", 0,
                    subscription(id("sub_"), one({"active", "past_due", "trialing", "canceled"}),
                                 named() + R"(,"cancel_at_period_end":)" + one({"true", "false"})),
                    one({"{}", R"({"status":"active"})", R"({"status":"past_due"})",
                         R"({"cancel_at_period_end":false})"})};
            case 8:
                return {"payout.updated", 0,
                        payout(id("po_"), one({"pending", "paid", "failed", "canceled"}),
                               R"("reconciliation_status":)" +
                                   one({R"("in_progress")", R"("completed")"}))};
            default:
                return {"account.updated", 0,
                        R"({"id":"acct_1","object":"account","details_submitted":true,)"
                        R"("charges_enabled":)" +
                            one({"true", "false"}) + R"(,"payouts_enabled":)" +
                            one({"true", "false"}) + "}",
                        one({"{}", R"({"charges_enabled":false})", R"({"payouts_enabled":false})"}),
                        id("acct_")};
        }
    }

    std::mt19937_64& random_;
};

using Resting = projections::Resting;
using RestingRows = std::map<std::string, Resting, std::less<>>;

/// Folds a batch as the service does: what is missing is loaded, then the batch is folded anew.
void fold_over(projections::Fold& fold, const std::vector<projections::Event>& batch,
               RestingRows& source) {
    for (;;) {
        for (const auto& event : batch)
            fold.apply(event);
        auto missing = fold.take_missing();
        if (missing.empty()) break;
        for (auto& key : missing) {
            const auto found = source.find(key);
            fold.load(key, found == source.end() ? Resting() : found->second);
        }
        fold.revert();
    }
    fold.each_touched([&](const projections::Fold::Change& change) {
        source.insert_or_assign(std::string(change.key), change.after);
    });
}

/// Table and bytes of every row, sorted.
using Rows = std::vector<std::pair<std::size_t, std::string>>;

void take_rows(projections::RowSink& sink, Rows& rows) {
    for (const auto& [table, row] : sink.entries())
        rows.emplace_back(table, row.bytes());
    std::ranges::sort(rows);
}

}  // namespace

TEST_CASE("small batches over a source give the same rows as one fold in memory") {
    const auto day = day_events();
    Arena arena;
    projections::stripe::Codec codec;
    std::vector<projections::Event> events;
    for (std::size_t index = 0; index < day.size(); ++index)
        codec.read(row_of(day[index], static_cast<std::int64_t>(index) + 1, day[index].occurred_at),
                   arena, events);
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        std::mt19937_64 random(seed);
        std::shuffle(events.begin(), events.end(), random);
        for (const auto* projection : projections::all_projections()) {
            const auto memory = projection->fold();
            const auto live = projection->fold();
            live->over_source();
            RestingRows source;
            std::vector<projections::Event> batch;
            for (std::size_t index = 0; index < events.size(); ++index) {
                const auto& event = events[index];
                if (std::ranges::find(projection->types, event.type) != projection->types.end()) {
                    memory->apply(event);
                    batch.push_back(event);
                }
                if (random() % 5 != 0 && index + 1 < events.size()) continue;
                fold_over(*live, std::exchange(batch, {}), source);
                live->settle(random() % 2 == 0 ? 0 : 1000);
            }
            Rows expected;
            memory->drain([&](std::string_view, const Resting&, projections::RowSink& sink) {
                take_rows(sink, expected);
            });
            Rows rows;
            for (const auto& [key, resting] : source) {
                projections::RowSink sink;
                live->derive(key, resting, sink);
                take_rows(sink, rows);
            }
            INFO("projection " << projection->name << ", seed " << seed);
            REQUIRE(rows == expected);
        }
    }
}

TEST_CASE("even events that contradict each other give the same rows in any order") {
    constexpr std::uint64_t rounds = 60;
    for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
        std::mt19937_64 random(seed);
        Chaos chaos(random);
        std::vector<StripeEvent> events;
        std::vector<std::string> payloads;
        for (std::size_t index = 0; index < 60; ++index) {
            events.push_back(chaos.event());
            auto& event = events.back();
            event.id = "evt_" + std::to_string(index * 7919 % 1000);
            if (event.type.starts_with("action."))  // several stages of one action
                event.id = "act_" + std::to_string(index % 7) + '.' + event.id;
            payloads.push_back(payload_of(events.back()));
        }
        for (const auto* projection : projections::all_projections()) {
            std::vector<std::string> expected;
            for (int round = 0; round < 6; ++round) {
                std::vector<std::size_t> order;
                for (std::size_t index = 0; index < events.size(); ++index)
                    for (auto copies = 1 + random() % 2; copies > 0; --copies)
                        order.push_back(index);
                std::shuffle(order.begin(), order.end(), random);
                MemoryFold fold(*projection);
                for (const auto index : order) {
                    LogRow row;
                    row.position = static_cast<std::int64_t>(index) + 1;
                    row.event_id = events[index].id;
                    row.type = events[index].type;
                    row.account = events[index].account;
                    row.occurred_at = events[index].created * 1'000'000;
                    row.payload = payloads[index];
                    fold.apply(row);
                }
                const auto rows = fold.rows();
                if (round == 0) expected = rows;
                INFO("projection " << projection->name << ", seed " << seed);
                REQUIRE(rows == expected);
            }
        }
    }
}

TEST_CASE("a marketplace's day gives the same rows in any order of arrival, with any duplicates") {
    const auto day = day_events();
    // Once with the times of the day, and once as if all had happened within ten seconds.
    const bool squeezed = GENERATE(false, true);
    Arena arena;
    projections::stripe::Codec codec;
    std::vector<projections::Event> in_order;
    for (std::size_t index = 0; index < day.size(); ++index) {
        const auto seconds = static_cast<std::int64_t>(index * 10 / day.size());
        codec.read(row_of(day[index], static_cast<std::int64_t>(index) + 1,
                          squeezed ? seconds * 1'000'000 : day[index].occurred_at),
                   arena, in_order);
    }
    for (const auto* projection : projections::all_projections()) {
        std::vector<const projections::Event*> concerning;
        for (const auto& event : in_order)
            if (std::ranges::find(projection->types, event.type) != projection->types.end())
                concerning.push_back(&event);
        MemoryFold expected(*projection);
        for (const auto* event : concerning)
            expected.apply(*event);
        const auto rows = expected.rows();
        CHECK(rows.empty() == concerning.empty());
        const std::uint64_t rounds = squeezed ? 200 : 1000;
        for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
            std::mt19937_64 random(seed);
            auto shuffled = concerning;
            for (const auto* event : concerning)
                if (random() % 3 == 0) shuffled.push_back(event);
            std::shuffle(shuffled.begin(), shuffled.end(), random);
            MemoryFold fold(*projection);
            for (const auto* event : shuffled)
                fold.apply(*event);
            INFO("projection " << projection->name << ", seed " << seed << ", squeezed "
                               << squeezed);
            REQUIRE(fold.rows() == rows);
        }
    }
}
