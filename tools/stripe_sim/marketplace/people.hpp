// Who sells, what, and who buys.
#pragma once

#include <tools/stripe_sim/marketplace/shop.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace daybook::sim {

struct Product {
    std::string product;     ///< product_3_0, the shop's own name
    std::string catalogued;  ///< prod_...
    std::string price;       ///< price_..., once it was needed
    std::int64_t amount = 0;
};

struct Seller {
    std::string account;  ///< acct_...
    std::string currency;
    std::vector<Product> products;
    std::string weekly;  ///< price_... of a subscription, once it was needed
    std::string monthly;
    bool open = true;  ///< may be sold for
};

struct Buyer {
    std::string customer;  ///< cus_...; "" until the first order
    std::string card;      ///< pm_... stored with the customer, or ""
    bool keeps_card = false;
};

class People {
public:
    explicit People(Shop& shop);

    /// Sellers join: a third of them now, the others as the days go by.
    void open();

    [[nodiscard]] std::size_t any_seller();
    /// The reference holds until somebody joins.
    [[nodiscard]] const Seller& seller(std::size_t number) const { return sellers_[number]; }
    /// A product's price, or what a subscription to the first one costs.
    const std::string& price_of(std::size_t seller, std::size_t product);
    const std::string& weekly_price_of(std::size_t seller);
    const std::string& monthly_price_of(std::size_t seller);
    [[nodiscard]] std::size_t any_buyer();
    /// A customer by now, with a card if that is the buyer's way or `with_card`.
    const Buyer& buyer(std::size_t number, bool with_card = false);

private:
    struct Home {
        std::string_view country;
        std::string_view currency;
    };

    Home any_home();
    void apply(std::int64_t number);
    void join(std::int64_t number, const std::string& account, const Home& home);
    void close_account(const std::string& account);
    void ask_document(std::size_t place);
    void stock(Seller& seller, std::int64_t number);
    const std::string& made(std::string& price, const Seller& seller, const Product& product,
                            std::int64_t amount, std::string_view interval);

    Shop& shop_;
    std::vector<Seller> sellers_;  ///< who finished their onboarding
    std::vector<Buyer> buyers_;
};

/// Stores a card with a customer; returns its pm_....
std::string store_card(Shop& shop, std::string_view card, const std::string& customer);

}  // namespace daybook::sim
