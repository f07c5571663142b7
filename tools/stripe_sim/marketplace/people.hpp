// Who sells, what, and who buys.
#pragma once

#include <tools/stripe_sim/marketplace/shop.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace daybook::sim {

struct Product {
    std::string product;  ///< prod_...
    std::string price;    ///< price_..., once
    std::int64_t amount = 0;
};

struct Seller {
    std::string account;  ///< acct_...
    std::string currency;
    std::vector<Product> products;
    std::string weekly;  ///< price_... of a subscription
    std::string monthly;
};

struct Buyer {
    std::string customer;  ///< cus_...; "" until the first order
    std::string card;      ///< pm_... stored with the customer, or ""
    bool keeps_card = false;
};

class People {
public:
    People(Shop& shop, const Plan& plan);

    /// The sellers join, those who will not get stuck with something to sell.
    void open();

    [[nodiscard]] std::size_t any_seller() { return shop_.chance.favourite(sellers_.size()); }
    [[nodiscard]] const Seller& seller(std::size_t number) const { return sellers_[number]; }
    [[nodiscard]] std::size_t any_buyer();
    /// A customer by now, with a card if that is the buyer's way or `with_card`.
    const Buyer& buyer(std::size_t number, bool with_card = false);

private:
    void join(std::int64_t number, bool stuck);
    void stock(Seller& seller, std::int64_t number);
    std::string price(const Seller& seller, std::string_view product, std::int64_t amount,
                      std::string_view interval);

    Shop& shop_;
    std::int64_t sellers_wanted_;
    std::vector<Seller> sellers_;  ///< active ones
    std::vector<Buyer> buyers_;
};

/// Stores a card with a customer; returns its pm_....
std::string store_card(Shop& shop, std::string_view card, const std::string& customer);

}  // namespace daybook::sim
