// POST /products and PATCH /products/{id}: what sellers offer, mirrored to Stripe.
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/price_fields.hpp>
#include <api/marketplace/seller_fields.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>

#include <fmt/format.h>

namespace daybook::api {
namespace {

constexpr std::string_view scope = "catalogue:write";
constexpr std::string_view kinds[] = {"one_off", "course", "session", "membership"};
constexpr std::size_t images_max = 8;
constexpr std::size_t url_bytes_max = 2048;
constexpr std::size_t description_bytes_max = 5000;
constexpr std::size_t descriptor_bytes_max = 22;

/// What can be given at the start and changed later.
void add_changeable(Form& form, Input& in) {
    if (in.unset("description")) form.unset("description");
    form.text("description", in.text("description", {.bytes_max = description_bytes_max}));
    if (in.unset("url")) form.unset("url");
    form.text("url", in.url("url"));
    const auto images = in.texts("images", {.most = images_max}, url_bytes_max);
    for (std::size_t i = 0; i < images.size(); ++i)
        form.text(nested("images", i), images[i]);
    if (const auto active = in.boolean("active")) form.boolean("active", *active);
    form.text("tax_code", in.id("tax_code"));
    form.text("unit_label", in.text("unit_label", {.bytes_max = 12}));
    form.text("statement_descriptor",
              in.text("statement_descriptor", {.bytes_max = descriptor_bytes_max}));
    if (in.unset("fee")) remove_fee(form);
    if (const auto fee = read_fee(in)) add_fee(form, *fee);
}

}  // namespace

Prepared post_products(const Request& request, Context& context) {
    Input in(request);
    Form form;
    form.text("id", in.id("id"));
    form.text("name", in.text("name", {.required = true, .bytes_max = 250}));
    const auto kind = in.word("kind", kinds);
    form.entry("metadata", "kind", kind.empty() ? "one_off" : kind);
    const auto seller = in.id("seller", false, "acct_");
    if (!seller.empty()) {
        form.entry("metadata", "seller", seller);
        if (!find_seller(context, seller))
            in.refuse("seller", fmt::format("is not known here: POST /connect/accounts/{}/sync "
                                            "fetches it",
                                            seller));
    }
    add_changeable(form, in);
    if (auto price = in.object("price")) {
        add_price(form, *price, "default_price_data");
        // The answer has the price then, so that it can be sold before its webhook arrives.
        form.text("expand[0]", "default_price");
    }
    add_action_metadata(form, in.metadata());
    in.done();
    require_reach(context, scope, in.has("fee") ? "" : seller);
    JsonObject decisions;
    decisions.text_or_null("seller", seller);
    return PlanOf("product.create", context).post("/v1/products", form).decide(decisions).plan();
}

Prepared patch_product(const Request& request, Context& context) {
    Input in(request);
    Form form;
    form.text("name", in.text("name", {.bytes_max = 250}));
    const auto kind = in.word("kind", kinds);
    if (!kind.empty()) form.entry("metadata", "kind", kind);
    const auto price = in.id("default_price_id");
    form.text("default_price", price);
    const bool of_fee = names_fee(in);
    add_changeable(form, in);
    add_action_metadata(form, in.metadata());
    if (!price.empty()) {
        const auto prices = find_prices(context, {price});
        if (!prices.contains(price))
            in.refuse("default_price_id", "is not known here");
        else if (prices.at(price).product != request.id)
            in.refuse("default_price_id", "is of another product");
    }
    in.done();
    const auto products = find_products(context, {request.id});
    const auto found = products.find(request.id);
    require_reach(context, scope, of_fee || found == products.end() ? "" : found->second.seller);
    return PlanOf("product.update", context).post(stripe_path("products", request.id), form).plan();
}

Response compose_product(const Plan&, Answers answers) {
    const JsonReader product(answers.back().body);
    const bool expanded = !product.text("/default_price/id").empty();
    JsonObject body;
    return answer_with(
        pick(body, product,
             {{"product_id", "/id"},
              {"name", "/name"},
              {"active", "/active"},
              {"description", "/description"},
              {"kind", "/metadata/kind"},
              {"seller", "/metadata/seller"},
              {"default_price_id", expanded ? "/default_price/id" : "/default_price"},
              {"images", "/images"},
              {"url", "/url"},
              {"metadata", "/metadata"},
              {"created_at", "/created"}}));
}

}  // namespace daybook::api
