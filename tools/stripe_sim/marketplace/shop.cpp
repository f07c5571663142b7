// Nothing here knows what is bought.
#include <tools/stripe_sim/marketplace/shop.hpp>

#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {

json::object Shop::get(std::string path, const json::object& params, std::string account) {
    return api_.perform("GET", std::move(path), params, std::move(account));
}

json::object Shop::post(std::string path, const json::object& params, std::string account) {
    return api_.perform("POST", std::move(path), params, std::move(account));
}

json::object Shop::del(std::string path, const json::object& params) {
    return api_.perform("DELETE", std::move(path), params);
}

std::optional<json::object> Shop::try_post(std::string path, const json::object& params,
                                           std::string* code) {
    try {
        return post(std::move(path), params);
    } catch (const StripeError& error) {
        if (code) *code = text(error.members(), "code");
        refused(error);
        return std::nullopt;
    }
}

json::object Shop::act(std::string path, const json::object& body) {
    ApiRequest request;
    request.method = "POST";
    request.path = std::move(path);
    request.content_type = "application/json";
    request.body = compact(body);
    const auto reply = api_.handle(std::move(request));
    auto answer = std::move(json::parse(reply.body).as_object());
    world.store.rest();
    if (reply.status >= 400) throw invalid(text(answer, "error.message"));
    return answer;
}

void Shop::later(Seconds delay, std::function<void()> what) {
    agenda_.emplace(now() + delay, std::move(what));
}

void Shop::live_until(Seconds end) {
    while (!agenda_.empty() && agenda_.begin()->first <= end) {
        const auto next = agenda_.extract(agenda_.begin());
        if (next.key() > now()) world.advance(next.key() - now());
        try {
            next.mapped()();
        } catch (const StripeError& error) {
            refused(error);
        }
    }
    if (end > now()) world.advance(end - now());
}

Seconds Shop::now() const {
    return world.clock.now();
}

void Shop::refused(const StripeError& error) {
    const auto code = text(error.members(), "code");
    count(fmt::format("refused: {}", code.empty() ? error.what() : code));
}

}  // namespace daybook::sim
