// Stripe's error object, with the links that Stripe puts into it.
#include <tools/stripe_sim/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {

StripeError::StripeError(int status, std::string_view type, std::string_view message)
    : status_(status), what_(message) {
    members_["message"] = json::string(message);
    members_["type"] = json::string(type);
}

StripeError& StripeError::with(std::string_view name, json::value value) {
    if (!value.is_null()) members_[name] = std::move(value);
    return *this;
}

json::object StripeError::body(std::string_view request_id) const {
    json::object error = members_;
    if (const auto code = text(error, "code"); !code.empty()) {
        std::string page(code);
        std::ranges::replace(page, '_', '-');
        error["doc_url"] = fmt::format("https://stripe.com/docs/error-codes/{}", page);
    }
    if (!request_id.empty())
        error["request_log_url"] =
            fmt::format("https://dashboard.stripe.com/test/logs/{}", request_id);
    json::object body;
    body["error"] = std::move(error);
    return body;
}

StripeError invalid(std::string_view message) {
    return {400, "invalid_request_error", message};
}

StripeError missing_param(std::string_view param) {
    return invalid(fmt::format("Missing required param: {}.", param))
        .code("parameter_missing")
        .param(param)
        .unexecuted();
}

StripeError no_such(std::string_view type, std::string_view id, std::string_view param) {
    return StripeError(404, "invalid_request_error", fmt::format("No such {}: '{}'", type, id))
        .code("resource_missing")
        .param(param);
}

StripeError card_error(std::string_view code, std::string_view message) {
    return StripeError(402, "card_error", message).code(code);
}

}  // namespace daybook::sim
