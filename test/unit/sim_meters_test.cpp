// What customers use is counted by meters, and billed when a period is over.
#include <test/sim.hpp>

#include <tools/stripe_sim/metering.hpp>
#include <tools/stripe_sim/thin_events.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

std::string meter(Sim& sim, const std::string& formula, const std::string& name = "api") {
    return std::string(
        sim.post("/v1/billing/meters", "display_name=Calls&event_name=" + name +
                                           "&default_aggregation[formula]=" + formula)
            .id());
}

Sim::Answer report(Sim& sim, const std::string& customer, int value, const std::string& more = "") {
    return sim.post("/v1/billing/meter_events",
                    "event_name=api&payload[stripe_customer_id]=" + customer +
                        "&payload[value]=" + std::to_string(value) + more);
}

std::int64_t used(Sim& sim, const std::string& of, const std::string& customer) {
    const auto now = sim.world.clock.now();
    const auto summaries =
        sim.get("/v1/billing/meters/" + of + "/event_summaries",
                "customer=" + customer + "&start_time=" + std::to_string(Sim::start) +
                    "&end_time=" + std::to_string(now + 1));
    return integer(array(summaries.body, "data").at(0).as_object(), "aggregated_value");
}

}  // namespace

TEST_CASE("Usage is summed up, counted, or the last of it taken") {
    for (const auto& [formula, total] :
         {std::pair<std::string, int>("sum", 12), {"count", 3}, {"last", 2}}) {
        INFO(formula);
        Sim sim;
        const auto id = meter(sim, formula);
        const std::string customer(sim.post("/v1/customers", "name=Ann").id());
        const std::string other(sim.post("/v1/customers", "name=Bo").id());
        for (const int value : {3, 7, 2})
            CHECK(report(sim, customer, value).status == 200);
        report(sim, other, 100);
        CHECK(used(sim, id, customer) == total);
    }
}

TEST_CASE("A report that does not count is refused") {
    Sim sim;
    const auto id = meter(sim, "sum");
    const std::string customer(sim.post("/v1/customers", "name=Ann").id());
    CHECK(report(sim, customer, 1, "&identifier=one").status == 200);
    CHECK(report(sim, customer, 1, "&identifier=one").code() == "meter_event_duplicate");
    CHECK(report(sim, "cus_1", 1).code() == "meter_event_customer_not_found");
    CHECK(sim.post("/v1/billing/meter_events", "event_name=api&payload[value]=1").code() ==
          "meter_event_no_customer_defined");
    CHECK(sim.post("/v1/billing/meters",
                   "display_name=Again&event_name=api"
                   "&default_aggregation[formula]=sum")
              .status == 400);
    CHECK(text(sim.post("/v1/billing/meters/" + id + "/deactivate").body, "status") == "inactive");
    CHECK(report(sim, customer, 1).code() == "no_meter");
    CHECK(used(sim, id, customer) == 1);
    sim.post("/v1/billing/meters/" + id + "/reactivate");
    CHECK(sim.events() == std::vector<std::string>{"billing.meter.created", "customer.created",
                                                   "billing.meter.deactivated",
                                                   "billing.meter.reactivated"});
}

TEST_CASE("A metered subscription is billed for what was used in the period that ended") {
    Sim sim;
    const auto id = meter(sim, "sum");
    const std::string price(sim.post("/v1/prices",
                                     "currency=usd&unit_amount=10&product_data[name]=Calls"
                                     "&recurring[interval]=month&recurring[usage_type]=metered"
                                     "&recurring[meter]=" +
                                         id)
                                .id());
    const std::string customer(sim.post("/v1/customers",
                                        "payment_method=pm_card_visa&invoice_settings"
                                        "[default_payment_method]=pm_card_visa")
                                   .id());
    const auto subscription =
        sim.post("/v1/subscriptions", "customer=" + customer + "&items[0][price]=" + price);
    REQUIRE(text(subscription.body, "status") == "active");
    report(sim, customer, 30);
    sim.world.advance(40 * day);
    report(sim, customer, 12);
    sim.world.advance(30 * day);
    const auto invoices = sim.get("/v1/invoices", "customer=" + customer);
    const auto& data = array(invoices.body, "data");
    REQUIRE(data.size() == 3);
    CHECK(integer(data.at(2).as_object(), "total") == 0);
    CHECK(integer(data.at(1).as_object(), "total") == 300);
    CHECK(integer(data.at(0).as_object(), "total") == 120);

    report(sim, customer, 5);
    const auto path = "/v1/subscriptions/" + std::string(subscription.id());
    sim.post(path, "cancel_at_period_end=true");
    sim.world.advance(31 * day);
    CHECK(text(sim.get(path).body, "status") == "canceled");
    const auto last = sim.get("/v1/invoices", "customer=" + customer + "&limit=1");
    CHECK(integer(array(last.body, "data").at(0).as_object(), "total") == 50);
    CHECK(sim.world.imbalances().empty());
}

TEST_CASE("What a stream of reports gets wrong is told by thin events") {
    Sim sim;
    const auto streamed = [&sim](const std::string& event) {
        ApiRequest request;
        request.method = "POST";
        request.path = "/v2/billing/meter_event_stream";
        request.authorization = "Bearer sk_test_0123456789";
        request.content_type = "application/json";
        request.body = R"({"events":[)" + event + "]}";
        return sim.send(request);
    };
    const auto id = meter(sim, "sum");
    const std::string customer(sim.post("/v1/customers", "name=Ann").id());
    const auto good = streamed(R"({"event_name":"api","timestamp":"2026-09-21T15:00:00+02:00",)"
                               R"("payload":{"value":"5","stripe_customer_id":")" +
                               customer + R"("}})");
    CHECK(good.status == 200);
    CHECK(integer(sim.get("/v1/billing/meters/" + id + "/event_summaries",
                          "customer=" + customer + "&start_time=1789995600&end_time=1789995601")
                      .body["data"]
                      .as_array()
                      .at(0)
                      .as_object(),
                  "aggregated_value") == 5);
    const auto before = sim.world.events.count();
    streamed(R"({"event_name":"other","payload":{"value":"5"}})");
    streamed(R"({"event_name":"api","payload":{"value":"5"}})");
    REQUIRE(sim.world.events.count() == before + 2);
    CHECK(sim.world.events.head(before).type == "v1.billing.meter.no_meter_found");
    CHECK(sim.world.events.head(before + 1).type == "v1.billing.meter.error_report_triggered");
    CHECK(text(thin_event(sim.world, before + 1), "related_object.id") == id);
}
