// POST /prices and PATCH /prices/{id}.
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/price_fields.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <ledger/currency.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::string_view scope = "catalogue:write";
constexpr std::string_view intervals[] = {"day", "week", "month", "year"};
constexpr std::string_view tax_behaviors[] = {"inclusive", "exclusive", "unspecified"};
constexpr std::int64_t amount_max = 999'999'999'999;

/// Three years at most, as Stripe has it.
std::int64_t count_max(std::string_view interval) {
    if (interval == "year") return 3;
    if (interval == "month") return 36;
    return interval == "week" ? 156 : 1095;
}

/// The seller of a product, for keys that are kept to some.
std::string seller_of(Context& context, const std::string& product) {
    const auto products = find_products(context, {product});
    const auto found = products.find(product);
    return found == products.end() ? std::string() : found->second.seller;
}

/// Off whatever price has it, of whichever seller: the platform's to decide.
bool takes_lookup_key(Input& in) {
    return in.boolean("transfer_lookup_key").value_or(false);
}

void add_labels(Form& form, Input& in) {
    form.text("nickname", in.text("nickname", {.bytes_max = 200}));
    const auto key = in.text("lookup_key", {.bytes_max = 200});
    form.text("lookup_key", key);
    if (const auto transfer = in.boolean("transfer_lookup_key")) {
        form.boolean("transfer_lookup_key", *transfer);
        if (key.empty()) in.require("lookup_key");
    }
    if (const auto active = in.boolean("active")) form.boolean("active", *active);
}

}  // namespace

void add_price(Form& form, Input& in, std::string_view name) {
    const auto field = [name](std::string_view member) {
        if (name.empty()) return std::string(member);
        const auto bracket = std::min(member.find('['), member.size());
        return fmt::format("{}[{}]{}", name, member.substr(0, bracket), member.substr(bracket));
    };
    const auto code = in.currency("currency", Input::required);
    const auto amount = in.whole("unit_amount", {.required = true, .most = amount_max});
    form.text(field("currency"), code);
    if (const auto currency = find_currency(code); currency && amount) {
        form.whole(field("unit_amount"), *amount);
        if (*amount > currency->maximum)
            in.refuse("unit_amount",
                      fmt::format("must be at most {} in {}", currency->maximum, code));
        else if (*amount % currency->step != 0)
            in.refuse("unit_amount",
                      fmt::format("must be a multiple of {} in {}", currency->step, code));
    }
    form.text(field("tax_behavior"), in.word("tax_behavior", tax_behaviors));
    auto recurring = in.object("recurring");
    if (!recurring) return;
    const auto interval = recurring->word("interval", intervals, Input::required);
    const auto count =
        recurring->whole("interval_count", {.least = 1, .most = count_max(interval)});
    form.text(field("recurring[interval]"), interval);
    if (count) form.whole(field("recurring[interval_count]"), *count);
}

Prepared post_prices(const Request& request, Context& context) {
    Input in(request);
    Form form;
    const auto product = in.id("product", Input::required);
    form.text("product", product);
    add_price(form, in);
    add_labels(form, in);
    add_action_metadata(form, in.metadata());
    if (!product.empty() && !find_products(context, {product}).contains(product))
        in.refuse("product", "is not known here");
    in.done();
    require_reach(context, scope, takes_lookup_key(in) ? "" : seller_of(context, product));
    return PlanOf("price.create", context).post("/v1/prices", form).plan();
}

Prepared patch_price(const Request& request, Context& context) {
    Input in(request);
    Form form;
    add_labels(form, in);
    form.text("tax_behavior", in.word("tax_behavior", tax_behaviors));
    add_action_metadata(form, in.metadata());
    in.done();
    const auto prices = find_prices(context, {request.id});
    const auto found = prices.find(request.id);
    const bool unknown = found == prices.end();
    require_reach(context, scope,
                  unknown || takes_lookup_key(in) ? "" : seller_of(context, found->second.product));
    return PlanOf("price.update", context).post(stripe_path("prices", request.id), form).plan();
}

Response compose_price(const Plan&, Answers answers) {
    JsonObject body;
    return answer_with(pick(body, JsonReader(answers.back().body),
                            {{"price_id", "/id"},
                             {"product_id", "/product"},
                             {"active", "/active"},
                             {"currency", "/currency"},
                             {"unit_amount", "/unit_amount"},
                             {"recurring_interval", "/recurring/interval"},
                             {"recurring_interval_count", "/recurring/interval_count"},
                             {"nickname", "/nickname"},
                             {"lookup_key", "/lookup_key"},
                             {"metadata", "/metadata"},
                             {"created_at", "/created"}}));
}

}  // namespace daybook::api
