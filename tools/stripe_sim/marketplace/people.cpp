// Sellers join over the API as a platform adds them; onboarding is the page's shortcut.
#include <tools/stripe_sim/marketplace/people.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

struct Home {
    std::string_view country;
    std::string_view currency;
};

Home home_of(Chance& chance) {
    if (chance.in(rates::german)) return {"DE", "eur"};
    if (chance.in(rates::british)) return {"GB", "gbp"};
    return {"US", "usd"};
}

json::object application(const Home& home, std::int64_t number) {
    return {{"type", "express"},
            {"country", json::string(home.country)},
            {"email", fmt::format("seller-{}@example.com", number)},
            {"business_type", "individual"},
            {"capabilities",
             {{"card_payments", {{"requested", true}}}, {"transfers", {{"requested", true}}}}},
            {"metadata", {{"seller_id", fmt::format("seller_{}", number)}}}};
}

}  // namespace

People::People(Shop& shop, const Plan& plan)
    : shop_(shop), sellers_wanted_(plan.sellers), buyers_(static_cast<std::size_t>(plan.buyers)) {
    for (auto& buyer : buyers_)
        buyer.keeps_card = shop.chance.in(rates::keeps_card);
}

void People::open() {
    // The first one is always active, so that somebody sells; the second's bank account is closed.
    for (std::int64_t number = 0; number < sellers_wanted_; ++number)
        join(number, number > 1 && shop_.chance.in(rates::stuck));
}

void People::join(std::int64_t number, bool stuck) {
    const auto home = home_of(shop_.chance);
    const auto account = shop_.post("/v1/accounts", application(home, number));
    const std::string id(text(account, "id"));
    if (stuck) {
        shop_.count("sellers: stuck in onboarding");
        return;
    }
    shop_.act(fmt::format("/_sim/accounts/{}/complete", id), {});
    shop_.count("sellers: active");
    auto& seller = sellers_.emplace_back();
    seller.account = id;
    seller.currency = home.currency;
    if (number == 1 || shop_.chance.in(rates::account_closed)) {
        shop_.try_post(fmt::format("/v1/accounts/{}", id),
                       {{"external_account", "btok_us_accountClosed"}});
        shop_.count("sellers: bank account closed");
    }
    if (shop_.chance.in(rates::paid_weekly))
        shop_.post(
            "/v1/balance_settings",
            {{"payments",
              {{"payouts",
                {{"schedule", {{"interval", "weekly"}, {"weekly_payout_days", {"friday"}}}}}}}}},
            id);
    stock(seller, number);
}

void People::stock(Seller& seller, std::int64_t number) {
    const auto products = shop_.chance.between(2, 6);
    for (std::int64_t i = 0; i < products; ++i) {
        const json::object metadata{{"product_id", fmt::format("product_{}_{}", number, i)}};
        const auto product =
            shop_.post("/v1/products",
                       {{"name", fmt::format("Article {}-{}", number, i)}, {"metadata", metadata}});
        auto& sold = seller.products.emplace_back();
        sold.product = text(metadata, "product_id");
        sold.amount = shop_.chance.between(5, 60) * shop_.chance.between(100, 500);
        sold.price = price(seller, text(product, "id"), sold.amount, "");
        if (i > 0) continue;
        seller.weekly = price(seller, text(product, "id"), 1'900, "week");
        seller.monthly = price(seller, text(product, "id"), 4'900, "month");
    }
}

std::string People::price(const Seller& seller, std::string_view product, std::int64_t amount,
                          std::string_view interval) {
    json::object params{
        {"product", json::string(product)}, {"unit_amount", amount}, {"currency", seller.currency}};
    if (!interval.empty()) params["recurring"] = {{"interval", json::string(interval)}};
    return std::string(text(shop_.post("/v1/prices", params), "id"));
}

std::size_t People::any_buyer() {
    return static_cast<std::size_t>(
        shop_.chance.between(0, static_cast<std::int64_t>(buyers_.size()) - 1));
}

const Buyer& People::buyer(std::size_t number, bool with_card) {
    auto& buyer = buyers_[number];
    if (buyer.customer.empty()) {
        const auto customer = shop_.post(
            "/v1/customers", {{"email", fmt::format("buyer-{}@example.com", number)},
                              {"name", fmt::format("Buyer {}", number)},
                              {"metadata", {{"user_id", fmt::format("user_{}", number)}}}});
        buyer.customer = text(customer, "id");
        shop_.count("buyers");
    }
    if (buyer.card.empty() && (with_card || buyer.keeps_card))
        buyer.card = store_card(shop_, "pm_card_visa", buyer.customer);
    return buyer;
}

std::string store_card(Shop& shop, std::string_view card, const std::string& customer) {
    return std::string(text(
        shop.post(fmt::format("/v1/payment_methods/{}/attach", card), {{"customer", customer}}),
        "id"));
}

}  // namespace daybook::sim
