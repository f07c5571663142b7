// Prices and products of an order's lines: one query each, whatever the number of lines.
#include <api/marketplace/sale_lines.hpp>

#include <ledger/currency.hpp>

#include <fmt/format.h>

namespace daybook::api {
namespace {

constexpr std::size_t lines_max = 20;  // each is one of the 50 metadata that Stripe allows
constexpr std::int64_t quantity_max = 100'000;
constexpr std::int64_t unit_amount_max = 999'999'999'999;

/// A line as it was sent, before anything was looked up.
struct Asked {
    Input in;
    std::string price, product, description;
    std::int64_t quantity = 1;
    std::optional<std::int64_t> unit_amount;
};

Asked read_line(Input line) {
    Asked asked{.in = line, .price = line.id("price"), .product = line.id("product")};
    asked.description = line.text("description", {.bytes_max = 250});
    asked.quantity = line.whole("quantity", {.least = 1, .most = quantity_max}).value_or(1);
    asked.unit_amount = line.whole("unit_amount", {.most = unit_amount_max});
    line.exclude("product", "price");
    line.exclude("unit_amount", "price");
    if (!line.has("price") && !line.has("product")) line.refuse("price", "is required, or product");
    return asked;
}

/// Judges lines one after the other, against what is known of prices and products.
class Lines {
public:
    Lines(Context& context, Pays pays, Sale& sale) : context_(context), pays_(pays), sale_(sale) {}

    void add_all(std::vector<Asked>& asked) {
        look_up(asked);
        for (auto& line : asked)
            add(line);
        if (seller_of_products_.empty() || !unowned_) return;
        if (sale_.seller.empty())
            unowned_->refuse("", "is of no seller, but other lines are: name the seller");
    }

    [[nodiscard]] const std::string& seller_of_products() const { return seller_of_products_; }
    /// Whether a line has an amount instead of a price.
    [[nodiscard]] bool amounts_named() const { return amounts_named_; }

private:
    void look_up(const std::vector<Asked>& asked) {
        std::vector<std::string> products;
        for (const auto& line : asked)
            if (!line.product.empty()) products.push_back(line.product);
        products_ = find_products(context_, products);
        std::vector<std::string> prices;
        for (const auto& line : asked) {
            if (!line.price.empty()) prices.push_back(line.price);
            const auto product = products_.find(line.product);
            if (product != products_.end() && !line.unit_amount)
                prices.push_back(product->second.default_price);
        }
        prices_ = find_prices(context_, prices);
        std::vector<std::string> priced;
        for (const auto& [id_, price] : prices_)
            if (!products_.contains(price.product)) priced.push_back(price.product);
        if (!priced.empty()) products_.merge(find_products(context_, priced));
    }

    void add(Asked& asked) {
        if (asked.price.empty() && asked.product.empty()) return;
        SaleLine line{.product = asked.product,
                      .price = asked.price,
                      .description = asked.description,
                      .quantity = asked.quantity};
        const bool sound = asked.unit_amount ? take_amount(asked, line) : take_price(asked, line);
        const auto field = asked.price.empty() ? "product" : "price";
        if (!sound || !take_product(asked, field, line)) return;
        sale_.lines.push_back(std::move(line));
    }

    bool take_amount(Asked& asked, SaleLine& line) {
        line.unit_amount = *asked.unit_amount;
        const auto currency = find_currency(sale_.currency);
        if (currency && line.unit_amount % currency->step != 0) {
            asked.in.refuse("unit_amount", fmt::format("must be a multiple of {} in {}",
                                                       currency->step, sale_.currency));
            return false;
        }
        amounts_named_ = true;
        return true;
    }

    bool take_price(Asked& asked, SaleLine& line) {
        std::string_view field = "price";
        if (line.price.empty()) {
            field = "product";
            const auto product = products_.find(line.product);
            if (product == products_.end()) return true;  // take_product() says so
            line.price = product->second.default_price;
            if (line.price.empty()) {
                asked.in.refuse(field, "has no default price: name a price or a unit_amount");
                return false;
            }
        }
        const auto found = prices_.find(line.price);
        if (found == prices_.end()) {
            asked.in.refuse(field, fmt::format("{} is not known here", line.price));
            return false;
        }
        const auto& price = found->second;
        line.product = price.product;
        line.interval = price.interval;
        line.unit_amount = price.unit_amount.value_or(0);
        return fits(asked, field, price);
    }

    bool fits(Asked& asked, std::string_view field, const Price& price) {
        if (!price.active) return refuse(asked, field, "is no longer active");
        if (!price.unit_amount) return refuse(asked, field, "has no fixed amount");
        if (price.package_size > 1)
            return refuse(asked, field,
                          fmt::format("is for packages of {}: sell by a price for one of them",
                                      price.package_size));
        if (pays_ == Pays::once && !price.interval.empty())
            return refuse(asked, field, "is recurring: POST /checkout/subscription takes it");
        if (pays_ == Pays::by_period && price.interval.empty())
            return refuse(asked, field, "is paid once: POST /payment-intents takes it");
        if (sale_.currency.empty()) sale_.currency = price.currency;
        if (sale_.currency != price.currency)
            return refuse(
                asked, field,
                fmt::format("is in {}, but the order is in {}", price.currency, sale_.currency));
        return true;
    }

    bool take_product(Asked& asked, std::string_view field, SaleLine& line) {
        const auto found = products_.find(line.product);
        if (found == products_.end())
            return refuse(asked, field, fmt::format("{} is not known here", line.product));
        const auto& product = found->second;
        if (!product.active) return refuse(asked, field, "is of a product that is not active");
        line.product_fee = product.fee;
        line.of_platform = product.seller.empty();
        if (line.of_platform) {
            if (!unowned_) unowned_ = asked.in;
            return true;
        }
        const auto& expected = sale_.seller.empty() ? seller_of_products_ : sale_.seller;
        if (!expected.empty() && expected != product.seller)
            return refuse(
                asked, field,
                fmt::format("belongs to {}, but the order is of {}", product.seller, expected));
        seller_of_products_ = product.seller;
        return true;
    }

    static bool refuse(Asked& asked, std::string_view field, std::string detail) {
        asked.in.refuse(field, std::move(detail));
        return false;
    }

    Context& context_;
    Pays pays_;
    Sale& sale_;
    std::map<std::string, Product> products_;
    std::map<std::string, Price> prices_;
    std::string seller_of_products_;
    std::optional<Input> unowned_;
    bool amounts_named_ = false;
};

}  // namespace

void read_lines(Input& in, Context& context, Pays pays, Sale& sale) {
    std::vector<Asked> asked;
    for (auto& line : in.objects("lines", {.required = true, .most = lines_max}))
        asked.push_back(read_line(line));
    Lines lines(context, pays, sale);
    lines.add_all(asked);
    if (lines.amounts_named() && sale.currency.empty())
        in.refuse("currency", "is required with unit_amount");
    if (sale.seller.empty()) sale.seller = lines.seller_of_products();
}

}  // namespace daybook::api
