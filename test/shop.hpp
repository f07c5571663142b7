// A shop in the simulator, for tests of billing: a customer with a card, and a monthly price.
#pragma once

#include <test/sim.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::test {

/// One customer, one price of 15.00 a month.
struct Shop {
    Sim sim;
    std::string customer;
    std::string price;
    std::size_t seen = 0;

    explicit Shop(std::string_view card = "pm_card_visa") {
        if (card.empty())
            customer = sim.post("/v1/customers", "email=a@b.c").id();
        else
            customer = new_customer(card);
        price = new_price(1500);
    }

    std::string new_customer(std::string_view card) {
        const std::string name(card);
        return std::string(
            sim.post("/v1/customers", "email=a@b.c&payment_method=" + name +
                                          "&invoice_settings[default_payment_method]=" + name)
                .id());
    }

    std::string new_price(int amount, std::string_view interval = "month") {
        return std::string(
            sim.post("/v1/prices", "currency=usd&unit_amount=" + std::to_string(amount) +
                                       "&recurring[interval]=" + std::string(interval) +
                                       "&product_data[name]=Basket")
                .id());
    }

    Sim::Answer subscribe(std::string_view more = "") {
        return sim.post("/v1/subscriptions",
                        "customer=" + customer + "&items[0][price]=" + price + std::string(more));
    }

    sim::json::object subscription(std::string_view id) {
        return sim.get("/v1/subscriptions/" + std::string(id)).body;
    }
    sim::json::object invoice(std::string_view id) {
        return sim.get("/v1/invoices/" + std::string(id), "expand[]=payments").body;
    }
    std::string status(std::string_view id) {
        return std::string(sim::text(subscription(id), "status"));
    }
    sim::json::object latest(std::string_view id) {
        return invoice(sim::text(subscription(id), "latest_invoice"));
    }

    /// The event types since the last call, without those of the catalogue and of balances.
    std::vector<std::string> news(std::string_view account = "") {
        auto all = sim.events(account);
        std::vector<std::string> fresh(all.begin() + static_cast<std::ptrdiff_t>(seen), all.end());
        seen = all.size();
        std::erase_if(fresh, [](const std::string& type) {
            return type.starts_with("balance.") || type.starts_with("payout.");
        });
        return fresh;
    }

    void use_card(std::string_view card) {
        const std::string name(card);
        sim.post("/v1/customers/" + customer, "invoice_settings[default_payment_method]=" + name);
    }

    bool told(std::string_view type) {
        const auto all = sim.events();
        return std::ranges::find(all, type) != all.end();
    }
};

}  // namespace daybook::test
