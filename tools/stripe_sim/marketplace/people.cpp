// Sellers join over the API as a platform adds them; onboarding is the page's shortcut.
#include <tools/stripe_sim/marketplace/people.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace daybook::sim {
namespace {

constexpr std::array<std::string_view, 12> businesses = {
    "Willow & Clay", "Harbor Roasters", "Old Mill Books",    "Fjord Knitwear",
    "Kumo Letters",  "Blue Door Tiles", "Northlight Prints", "Salt & Timber",
    "Juniper Soap",  "Copper Kettle",   "Meadow Toys",       "Atlas Bindery"};

/// "Willow & Clay"; from the thirteenth on with a number.
std::string business_name(std::int64_t number) {
    const auto count = std::ssize(businesses);
    const auto name = businesses[static_cast<std::size_t>(number % count)];
    return number < count ? std::string(name) : fmt::format("{} {}", name, number);
}

/// hello@willowclay.example
std::string business_email(std::string_view name) {
    std::string domain;
    for (const char c : name)
        if (std::isalnum(static_cast<unsigned char>(c)))
            domain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return fmt::format("hello@{}.example", domain);
}

json::object application(std::string_view country, std::int64_t number) {
    const auto name = business_name(number);
    return {{"type", "express"},
            {"country", json::string(country)},
            {"email", business_email(name)},
            {"business_type", "individual"},
            {"business_profile", {{"name", name}}},
            {"capabilities",
             {{"card_payments", {{"requested", true}}}, {"transfers", {{"requested", true}}}}},
            {"metadata", {{"seller_id", fmt::format("seller_{}", number)}}}};
}

}  // namespace

People::People(Shop& shop) : shop_(shop), buyers_(static_cast<std::size_t>(shop.plan.buyers)) {
    for (auto& buyer : buyers_)
        buyer.keeps_card = shop.happens(&Rates::keeps_card);
}

People::Home People::any_home() {
    if (shop_.happens(&Rates::german)) return {"DE", "eur"};
    if (shop_.happens(&Rates::british)) return {"GB", "gbp"};
    if (shop_.happens(&Rates::japanese)) return {"JP", "jpy"};
    return {"US", "usd"};
}

void People::open() {
    const auto& plan = shop_.plan;
    const auto at_once = std::max<std::int64_t>(2, plan.sellers / 3);
    apply(0);
    for (std::int64_t number = 1; number < plan.sellers; ++number) {
        if (number < at_once)
            apply(number);
        else
            shop_.later(0, plan.days * day - 2 * hour, [this, number] { apply(number); });
    }
}

void People::apply(std::int64_t number) {
    const auto home = any_home();
    const std::string id(text(shop_.post("/v1/accounts", application(home.country, number)), "id"));
    // The first one sells at once, so that somebody does.
    if (number == 0) return join(number, id, home);
    if (!shop_.happens(&Rates::stuck) || number == 1)
        return shop_.later(minute, hour, [this, number, id, home] { join(number, id, home); });
    shop_.count("sellers: stuck in onboarding");
    if (!shop_.happens(&Rates::stuck_leaves)) return;
    shop_.in_days(3 * day, 30 * day, [this, id] {
        shop_.del("/v1/accounts/" + id);
        shop_.count("sellers: left");
    });
}

void People::join(std::int64_t number, const std::string& account, const Home& home) {
    shop_.act(fmt::format("/_sim/accounts/{}/complete", account), {});
    shop_.count("sellers: active");
    Seller seller;
    seller.account = account;
    seller.currency = home.currency;
    stock(seller, number);
    const auto place = sellers_.size();
    sellers_.push_back(std::move(seller));
    if (number == 1 || shop_.happens(&Rates::account_closed)) close_account(account);
    if (number > 0 && shop_.happens(&Rates::document_asked))
        shop_.in_days(day, 30 * day, [this, place] { ask_document(place); });
    if (!shop_.happens(&Rates::paid_weekly)) return;
    shop_.post("/v1/balance_settings",
               {{"payments",
                 {{"payouts",
                   {{"schedule", {{"interval", "weekly"}, {"weekly_payout_days", {"friday"}}}}}}}}},
               account);
}

void People::close_account(const std::string& account) {
    const auto path = "/v1/accounts/" + account;
    shop_.post(path, {{"external_account", "btok_us_accountClosed"}});
    shop_.count("sellers: bank account closed");
    if (!shop_.happens(&Rates::account_named)) return;
    shop_.in_days(14 * day, 28 * day, [this, path] {
        shop_.post(path, {{"external_account", "btok_us_verified"}});
        shop_.count("sellers: another bank account named");
    });
}

void People::ask_document(std::size_t place) {
    const auto account = sellers_[place].account;
    const auto deadline = shop_.now() + 14 * day / shop_.plan.haste;
    shop_.act(fmt::format("/_sim/accounts/{}/require", account),
              {{"fields", {"individual.verification.document"}}, {"deadline", deadline}});
    shop_.count("sellers: asked for a document");
    if (shop_.happens(&Rates::document_shown))
        return shop_.in_days(day, 12 * day, [this, account] {
            shop_.act(fmt::format("/_sim/accounts/{}/complete", account), {});
            shop_.count("sellers: document shown");
        });
    shop_.later(deadline - shop_.now(), [this, place] {
        sellers_[place].open = false;
        shop_.count("sellers: stopped");
    });
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
        sold.catalogued = text(product, "id");
        sold.amount = shop_.chance.between(5, 60) * shop_.chance.between(100, 500);
    }
}

const std::string& People::price_of(std::size_t seller, std::size_t product) {
    auto& sold = sellers_[seller].products[product];
    return made(sold.price, sellers_[seller], sold, sold.amount, "");
}

const std::string& People::weekly_price_of(std::size_t seller) {
    auto& from = sellers_[seller];
    return made(from.weekly, from, from.products.front(), 1'900, "week");
}

const std::string& People::monthly_price_of(std::size_t seller) {
    auto& from = sellers_[seller];
    return made(from.monthly, from, from.products.front(), 4'900, "month");
}

const std::string& People::made(std::string& price, const Seller& seller, const Product& product,
                                std::int64_t amount, std::string_view interval) {
    if (!price.empty()) return price;
    json::object params{
        {"product", product.catalogued}, {"unit_amount", amount}, {"currency", seller.currency}};
    if (!interval.empty()) params["recurring"] = {{"interval", json::string(interval)}};
    price = text(shop_.post("/v1/prices", params), "id");
    return price;
}

std::size_t People::any_seller() {
    for (;;) {
        const auto place = shop_.chance.favourite(sellers_.size());
        if (sellers_[place].open) return place;
    }
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
