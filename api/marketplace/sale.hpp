// A sale as it is asked for: who buys which lines from whom, what that comes to, and who gets what.
#pragma once

#include <api/context.hpp>
#include <api/form.hpp>
#include <api/input.hpp>
#include <api/marketplace/tables.hpp>
#include <ledger/fee.hpp>
#include <ledger/json_text.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

struct Buyer {
    std::string user_id;  ///< the marketplace's own id
    std::string email, name;
    std::string customer;  ///< cus_…; empty: none is known
};

struct SaleLine {
    std::string product, price;  ///< price is empty when the client named an amount
    std::string description;
    std::string interval;  ///< of a recurring price
    std::int64_t quantity = 1;
    std::int64_t unit_amount = 0;
    std::int64_t discount = 0;
    std::optional<FeeRate> product_fee;
    bool of_platform = false;  ///< the product is no seller's
    [[nodiscard]] std::int64_t gross() const { return quantity * unit_amount; }
    [[nodiscard]] std::int64_t amount() const { return gross() - discount; }
};

/// What takes something off: a promotion code, or a coupon by itself.
struct Discount {
    std::string promotion_code, coupon;  ///< ids at Stripe
    [[nodiscard]] bool none() const { return promotion_code.empty() && coupon.empty(); }
};

struct Sale {
    std::string order_id;
    bool order_id_given = false;
    Buyer buyer;
    std::string seller;           ///< acct_…; empty: the platform's own
    std::optional<Seller> payee;  ///< that account as it is known
    std::string currency;
    std::vector<SaleLine> lines;
    Discount discount;
    Metadata metadata;  ///< the client's own
    bool force = false;
    FeeRate rate;              ///< of lines whose product has none of its own
    std::string policy, tier;  ///< where that comes from; see ChosenRate
    std::int64_t revenue = 0;  ///< the figure that the tier was chosen by
    Split split;

    [[nodiscard]] std::int64_t subtotal() const;
    [[nodiscard]] std::int64_t discounted() const;
    [[nodiscard]] std::int64_t total() const { return subtotal() - discounted(); }
    /// The one product of all lines; empty when there are several.
    [[nodiscard]] std::string_view product() const;
};

enum class Pays {
    once,       ///< prices that are paid once
    by_period,  ///< recurring prices
    either      ///< what Checkout can take: any, but something recurring makes it a subscription
};

/// Reads order_id, buyer, seller, lines, currency, promotion_code, metadata and force, looks up
/// what they name, and computes the amounts. What is wrong is noted in `in`; the sale is whole only
/// when in.done() returns.
Sale read_sale(Input& in, Context& context, Pays pays);

/// Throws Refused unless the key may sell for the seller, and what is the platform's, by this scope
/// and the seller can be paid; decides the fee. A sale of the platform's own has none. Call it
/// after in.done().
void settle_fee(Sale& sale, Context& context, std::string_view scope);

/// The metadata that bind an object at Stripe to the sale: order_id, user_id, product_id, seller,
/// the lines, the client's own and the action, below `name`.
void add_metadata(Form& form, std::string_view name, const Sale& sale);

/// The lines below `name`, as line_1=<product>|<price>|<quantity>|<amount>: for objects at Stripe
/// that have no lines of their own.
void add_lines(Form& form, std::string_view name, const Sale& sale);

/// How the fee was decided, and what it comes to.
std::string fee_json(const Sale& sale);

/// What was decided, for the record and the answer: order_id, buyer, seller, currency, lines,
/// amounts and fee with its policy.
JsonObject decisions_of(const Sale& sale, const Context& context);

}  // namespace daybook::api
