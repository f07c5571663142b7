// Orders, from the buyer's wish to what comes of the payment.
#pragma once

#include <tools/stripe_sim/marketplace/people.hpp>

#include <cstdint>
#include <string>

namespace daybook::sim {

class Orders {
public:
    Orders(Shop& shop, People& people) : shop_(shop), people_(people) {}

    /// Somebody orders something, now.
    void order(std::int64_t number);

private:
    /// How the shop's own names are spelled in metadata, if they are there.
    enum class Naming { usual, camel_case, none };
    struct Order {
        std::string name;  ///< order_17
        Naming naming = Naming::usual;
        std::size_t buyer = 0;
        std::size_t seller = 0;
        std::size_t product = 0;
        std::string session;  ///< cs_..., "" without one
        std::string intent;   ///< pi_..., once there is one
        std::int64_t amount = 0;
    };
    enum class Try { first, again };

    [[nodiscard]] const Product& product(const Order& order) const;
    [[nodiscard]] json::object metadata(const Order& order) const;
    [[nodiscard]] json::object share_of_seller(const Order& order) const;

    void pay_by_intent(Order order);
    void attempt(const Order& order, Try which);
    /// Goes on after the buyer's part, by what the intent says.
    void proceed(const Order& order, const json::object& intent);
    void ship(const Order& order);
    void challenge(const Order& order);
    void declined(const Order& order, Try which);
    void pay_by_session(Order order);
    void submit_session(const Order& order, Try which);
    void paid(const Order& order);

    void subscribe(const Order& order);
    [[nodiscard]] bool is_over(const std::string& subscription);
    void cancel(const std::string& subscription);
    void go_bad(const std::string& customer, const std::string& subscription);
    void replace_card(const std::string& customer, const std::string& subscription);

    void refund(const Order& order);
    void dispute(const Order& order);
    void answer_dispute(const std::string& dispute, const std::string& charge);
    void close_inquiry(const std::string& dispute);
    void recover_from_seller(const std::string& charge);

    Shop& shop_;
    People& people_;
};

}  // namespace daybook::sim
