// Forms for Stripe: nested names, escaped values, and references that no client can forge.
#include <api/form.hpp>

#include <tools/stripe_sim/form.hpp>

#include <catch2/catch.hpp>

using namespace daybook;
using api::Form;

TEST_CASE("A form is nested as Stripe reads it") {
    Form form;
    form.whole("amount", 1050).text("currency", "usd").boolean("confirm", false);
    form.text("transfer_data[destination]", "acct_1").text("description", "");
    form.text(api::nested("items", 0, "price"), "price_1").text(api::nested("expand", 1), "a.b");
    form.entry("metadata", "café & co", "a=b&c+d %").unset("coupon");
    CHECK(form.str() ==
          "amount=1050&currency=usd&confirm=false&transfer_data[destination]=acct_1&"
          "items[0][price]=price_1&expand[1]=a.b&"
          "metadata[caf%C3%A9%20%26%20co]=a%3Db%26c%2Bd%20%25&coupon=");
    // and the simulator's own reader finds the values again
    std::string tree;
    sim::append_compact(tree, sim::parse_form(form.str()));
    CHECK_THAT(tree, Catch::Contains("\"caf\xc3\xa9 & co\":\"a=b&c+d %\""));
}

TEST_CASE("References stand as they are; a client's braces are escaped") {
    Form form;
    form.refer("customer", "{0.id}")
        .entry("metadata", "{action}", "{0.id}")
        .text("name", "{action}");
    CHECK(form.str() == "customer={0.id}&metadata[%7Baction%7D]=%7B0.id%7D&name=%7Baction%7D");
}
