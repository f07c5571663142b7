// Confirmation tokens: what a buyer entered, before anybody knows for which intent.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

constexpr Seconds lasts = 12 * hour;

/// All of a payment method that says what it is, nothing that says which.
json::object preview_of(const json::object& method) {
    json::object preview(method);
    for (const auto* own : {"id", "object", "created", "livemode", "metadata"})
        drop(preview, own);
    return preview;
}

json::object create(Call& call) {
    auto token = call.begin("confirmation_token", "ctoken_");
    token["expires_at"] = call.now() + lasts;
    if (call.has("payment_method"))
        call.fill(token, "payment_method_preview",
                  preview_of(payment_method(call, call.text("payment_method"))));
    else if (call.has("payment_method_data"))
        call.fill(token, "payment_method_preview",
                  preview_of(make_payment_method(call, call.object("payment_method_data"))));
    else
        throw missing_param("payment_method_data");
    for (const auto* same :
         {"payment_method_options", "return_url", "setup_future_usage", "shipping"})
        if (call.has(same)) call.fill(token, same, *at(call.params, same));
    return call.put(std::move(token));
}

}  // namespace

void add_confirmation_tokens(Routes& on) {
    on("POST", "/v1/test_helpers/confirmation_tokens", create);
    on.retrieve("/v1/confirmation_tokens/{confirmation_token}");
    // Stripe.js makes them so.
    on.unlisted("POST", "/v1/confirmation_tokens", create);
    on.browser("POST", "/v1/confirmation_tokens");
}

}  // namespace daybook::sim
