// Lists whose documents are put together when they are asked for have pages like the others.
#include <test/shop.hpp>

#include <catch2/catch.hpp>

using namespace daybook::sim;
using daybook::test::Shop;
using daybook::test::Sim;

namespace {

/// All ids, two at a time, as the SDK's iterator turns the pages.
std::vector<std::string> walked(Sim& sim, const std::string& path, const std::string& more = "") {
    std::vector<std::string> ids;
    for (int pages = 0; pages < 5; ++pages) {
        const auto after = ids.empty() ? "" : "&starting_after=" + ids.back();
        const auto page = sim.get(path, "limit=2" + more + after);
        REQUIRE(page.status == 200);
        for (const auto& one : array(page.body, "data"))
            ids.emplace_back(text(one.as_object(), "id"));
        if (!flag(page.body, "has_more")) break;
    }
    return ids;
}

std::vector<std::string> sorted(std::vector<std::string> ids) {
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    return ids;
}

}  // namespace

TEST_CASE("The summaries of a meter are turned page by page") {
    Shop shop;
    const auto meter = shop.sim.post("/v1/billing/meters",
                                     "display_name=Calls&event_name=call"
                                     "&default_aggregation[formula]=count");
    const auto from = Sim::start / day * day;
    const auto ids =
        walked(shop.sim, "/v1/billing/meters/" + std::string(meter.id()) + "/event_summaries",
               "&customer=" + shop.customer + "&value_grouping_window=day&start_time=" +
                   std::to_string(from) + "&end_time=" + std::to_string(from + 5 * day));
    CHECK(ids.size() == 5);
    CHECK(sorted(ids).size() == 5);
}

TEST_CASE("The lines of an invoice are listed forwards and backwards") {
    Shop shop;
    for (int i = 0; i < 5; ++i)
        shop.sim.post("/v1/invoiceitems", "amount=100&currency=usd&customer=" + shop.customer);
    const auto invoice = shop.sim.post(
        "/v1/invoices", "pending_invoice_items_behavior=include&customer=" + shop.customer);
    const auto path = "/v1/invoices/" + std::string(invoice.id()) + "/lines";
    const auto ids = walked(shop.sim, path);
    CHECK(sorted(ids).size() == 5);
    const auto before = shop.sim.get(path, "limit=2&ending_before=" + ids[3]);
    REQUIRE(array(before.body, "data").size() == 2);
    CHECK(text(array(before.body, "data").at(0).as_object(), "id") == ids[1]);
    CHECK(flag(before.body, "has_more"));
    CHECK(shop.sim.get(path, "starting_after=none").param() == "starting_after");
}

TEST_CASE("The events of API v2 go on at the next page") {
    Shop shop;
    std::vector<std::string> ids;
    std::string page;
    for (int pages = 0; pages < 50; ++pages) {
        const auto answer = shop.sim.get("/v2/core/events", "limit=2" + page);
        REQUIRE(answer.status == 200);
        for (const auto& one : array(answer.body, "data"))
            ids.emplace_back(text(one.as_object(), "id"));
        const auto next = text(answer.body, "next_page_url");
        if (next.empty()) break;
        page = "&" + std::string(next.substr(next.find('?') + 1));
    }
    CHECK(ids.size() == shop.sim.events().size());
    CHECK(sorted(ids).size() == ids.size());
}
