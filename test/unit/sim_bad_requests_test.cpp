// Requests that make no sense, to every route that is handled: each gets Stripe's error, none a
// 500.
#include <test/sim.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

/// The path with something in place of each {name}.
std::string concrete(std::string_view pattern) {
    std::string path;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '{') {
            path += pattern[i];
            continue;
        }
        path += "none_1";
        i = pattern.find('}', i);
    }
    return path;
}

/// Bodies that are wrong whatever the route, and each parameter in kinds that it is not.
std::vector<std::string> nonsense(const Route& route) {
    std::vector<std::string> forms = {"unknown=1", "a[=1",      "a[b=1",        "=1",      "%",
                                      "a=%ff",     "a[]=1&a=2", "expand[]=x.y", "limit=-1"};
    for (const auto& [name, shape] : route.params->list) {
        forms.push_back(name + "=");
        forms.push_back(name + "=%00");
        forms.push_back(name + "[zz]=1");
        forms.push_back(name + "[0][0]=1");
        forms.push_back(name + "=99999999999999999999");
    }
    return forms;
}

bool is_refusal(const Sim::Answer& answer) {
    return answer.status >= 400 && answer.status < 500 && has(answer.body, "error.type") &&
           has(answer.body, "error.message");
}

}  // namespace

TEST_CASE("Nonsense is refused in Stripe's shape, on every route") {
    Sim sim;
    std::size_t refused = 0;
    for (const auto& route : sim.world.spec.routes()) {
        const auto* entry = sim.world.routes.entry(route);
        if (!route.listed || !entry || !entry->handler || route.path.starts_with("/v2/")) continue;
        for (const auto& form : nonsense(route)) {
            ApiRequest request;
            request.method = route.method;
            request.path = concrete(route.path);
            (route.method == "GET" ? request.query : request.body) = form;
            request.stripe_version = sim.world.spec.version();
            const auto answer = sim.send(request);
            INFO(route.method << " " << route.path << " " << form << " " << answer.status);
            CHECK((answer.status == 200 || is_refusal(answer)));
            refused += is_refusal(answer) ? 1U : 0U;
        }
    }
    CHECK(refused >= 200);
}

TEST_CASE("Bodies that are no JSON are refused where JSON is asked for") {
    Sim sim;
    for (const auto* body : {"{", "[]", "1", "{\"a\":1,}", "\xff", "{\"a\":}"}) {
        ApiRequest request;
        request.method = "POST";
        request.path = "/v1/customers";
        request.content_type = "application/json";
        request.body = body;
        INFO(body);
        CHECK(is_refusal(sim.send(request)));
    }
}
