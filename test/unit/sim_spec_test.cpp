// Routes, blank documents, and parameters held against Stripe's own declarations.
#include <test/sim.hpp>

#include <catch2/catch.hpp>

using namespace daybook::sim;
using daybook::test::Sim;

TEST_CASE("Literal segments of a path come before names") {
    const Sim sim;
    const auto search = sim.world.spec.match("GET", "/v1/payment_intents/search");
    REQUIRE(search.route != nullptr);
    CHECK(search.route->path == "/v1/payment_intents/search");
    const auto one = sim.world.spec.match("GET", "/v1/payment_intents/pi_1");
    REQUIRE(one.route != nullptr);
    REQUIRE(one.ids.size() == 1);
    CHECK(one.ids.front().second == "pi_1");
    CHECK(sim.world.spec.match("PUT", "/v1/payment_intents/pi_1").route == nullptr);
    CHECK(sim.world.spec.match("GET", "/v1/payment_intents//").route == nullptr);
    CHECK(sim.world.spec.match("GET", "").route == nullptr);
}

TEST_CASE("A blank document has all that its object always has") {
    const Sim sim;
    const auto intent = sim.world.spec.blank("payment_intent");
    CHECK(text(intent, "object") == "payment_intent");
    CHECK(intent.at("amount") == json::value(0));
    CHECK(intent.at("customer").is_null());
    CHECK(intent.at("metadata").is_object());
    CHECK_FALSE(intent.contains("amount_details"));
}

TEST_CASE("Wrong parameters are refused as Stripe refuses them") {
    Sim sim;
    struct Case {
        std::string_view form;
        std::string_view code;
        std::string_view param;
        std::string_view message;
    };
    const Case cases[] = {
        {"amount=100&currency=usd&foo=1", "parameter_unknown", "foo",
         "Received unknown parameter: foo"},
        {"amount=100&currency=usd&shipping[foo]=1", "parameter_unknown", "shipping[foo]",
         "Received unknown parameter: shipping[foo]"},
        {"amount=100", "parameter_missing", "currency", "Missing required param: currency."},
        {"amount=ten&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: ten"},
        {"amount=9223372036854775808&currency=usd", "parameter_invalid_integer", "amount",
         "Invalid integer: 9223372036854775808"},
        {"amount=1.5&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: 1.5"},
        {"amount=100&currency=usd&confirm=maybe", "", "confirm", "Invalid boolean: maybe"},
        {"amount=100&currency=", "parameter_invalid_empty", "currency", ""},
        {"amount=100&currency=usd&capture_method=never", "", "capture_method",
         "Invalid capture_method: must be one of automatic, automatic_async, or manual"},
        {"amount=100&currency=usd&metadata=x", "", "metadata", "Invalid object: x"},
        {"amount=100&currency=xxx", "", "currency", ""},
        {"amount=49&currency=usd", "amount_too_small", "amount",
         "Amount must be at least $0.50 usd"},
        {"amount=100000000&currency=usd", "amount_too_large", "amount", ""},
        {"amount=0&currency=usd", "parameter_invalid_integer", "amount",
         "Invalid positive integer"},
        {"amount=-5&currency=usd", "parameter_invalid_integer", "amount", ""},
        {"amount=1005&currency=kwd", "", "amount", ""},
        {"amount=150&currency=isk", "", "amount", ""},
    };
    for (const auto& [form, code, param, message] : cases) {
        INFO(form);
        const auto answer = sim.post("/v1/payment_intents", form);
        CHECK(answer.status == 400);
        CHECK(text(answer.body, "error.type") == "invalid_request_error");
        CHECK(answer.code() == code);
        CHECK(answer.param() == param);
        if (!message.empty()) CHECK(answer.message() == message);
    }
}

TEST_CASE("Old parameters pass when no API version is named") {
    Sim sim;
    ApiRequest request;
    request.method = "POST";
    request.path = "/v1/payment_intents";
    request.body = "amount=2000&currency=usd&payment_method_types[]=card";
    const auto answer = sim.send(request);
    CHECK(answer.status == 200);
    CHECK(answer.body.at("payment_method_types") == json::value{"card"});
    request.stripe_version = sim.world.spec.version();
    CHECK(sim.send(request).code() == "parameter_unknown");
}

TEST_CASE("Keys and accounts are checked first") {
    Sim sim;
    ApiRequest request;
    request.method = "GET";
    request.path = "/v1/customers";
    for (const auto* header : {"Bearer sk_live_0123456789", "Bearer sk_test_", "Bearer", "Basic !!",
                               "Bearer pk_test_0123456789", "Digest x"}) {
        INFO(header);
        request.authorization = header;
        CHECK(sim.send(request).status == 401);
    }
    request.authorization = "Basic c2tfdGVzdF8wMTIzNDU2Nzg5Og==";
    CHECK(sim.send(request).status == 200);
    request.stripe_account = "acct_unknown";
    CHECK(sim.send(request).code() == "account_invalid");
}

TEST_CASE("Lists are newest first, in pages, within a range of time") {
    Sim sim;
    std::vector<std::string> made;
    for (int i = 0; i < 5; ++i) {
        made.emplace_back(sim.post("/v1/customers", "email=a@b.c").id());
        sim.world.advance(10);
    }
    const auto ids = [](const Sim::Answer& answer) {
        std::vector<std::string> all;
        for (const auto& item : array(answer.body, "data"))
            all.emplace_back(text(item.as_object(), "id"));
        return all;
    };
    const auto first = sim.get("/v1/customers", "limit=2");
    CHECK(ids(first) == std::vector{made[4], made[3]});
    CHECK(flag(first.body, "has_more"));
    const auto second = sim.get("/v1/customers", "limit=3&starting_after=" + made[3]);
    CHECK(ids(second) == std::vector{made[2], made[1], made[0]});
    CHECK_FALSE(flag(second.body, "has_more"));
    CHECK(ids(sim.get("/v1/customers", "limit=2&ending_before=" + made[0])) ==
          std::vector{made[2], made[1]});
    const auto from = std::to_string(Sim::start + 10);
    CHECK(ids(sim.get("/v1/customers", "created[gte]=" + from +
                                           "&created[lt]=" + std::to_string(Sim::start + 30))) ==
          std::vector{made[2], made[1]});
    CHECK(ids(sim.get("/v1/customers", "created=" + from)) == std::vector{made[1]});
    CHECK(sim.get("/v1/customers", "limit=101").param() == "limit");
    CHECK(sim.get("/v1/customers", "starting_after=cus_x").code() == "resource_missing");
}

TEST_CASE("Ids are expanded on demand, four levels deep") {
    Sim sim;
    const auto intent = sim.post("/v1/payment_intents",
                                 "amount=1000&currency=usd&payment_method=pm_card_visa&confirm=true"
                                 "&return_url=https://a.b&capture_method=automatic");
    const auto path = "/v1/payment_intents/" + std::string(intent.id());
    const auto one = sim.get(path, "expand[]=latest_charge.balance_transaction.source");
    CHECK(text(one.body, "latest_charge.balance_transaction.source.object") == "charge");
    const auto many = sim.get("/v1/payment_intents", "expand[]=data.latest_charge");
    CHECK(text(array(many.body, "data").front().as_object(), "latest_charge.object") == "charge");
    CHECK(sim.get(path, "expand[]=nothing").status == 400);
    CHECK(sim.get(path, "expand[]=amount.x").status == 400);
    CHECK(sim.get(path, "expand[]=latest_charge.a.b.c.d").status == 400);
}

TEST_CASE("What cannot be expanded is refused before anything is done") {
    Sim sim;
    for (const auto* path :
         {"nothing", "amount", "customer.nothing", "a.b.c.d.e", "latest_charge.amount.more"}) {
        const auto refused = sim.post(
            "/v1/payment_intents", std::string("amount=1000&currency=usd&expand[]=") + path, "key");
        INFO(path);
        CHECK(refused.param() == "expand");
    }
    CHECK(sim.events().empty());
    const auto made =
        sim.post("/v1/payment_intents",
                 "amount=1000&currency=usd&expand[]=latest_charge.balance_transaction"
                 "&expand[]=customer.default_source&expand[]=transfer_data.destination",
                 "key");
    CHECK(made.status == 200);
}

TEST_CASE("A customer session is for a customer that exists") {
    Sim sim;
    const std::string customer(sim.post("/v1/customers", "name=Ann").id());
    const std::string components = "&components[payment_element][enabled]=true";
    const auto made = sim.post("/v1/customer_sessions", "customer=" + customer + components);
    CHECK(text(made.body, "client_secret").starts_with("cuss_secret_"));
    CHECK(integer(made.body, "expires_at") == Sim::start + 30 * minute);
    CHECK(sim.post("/v1/customer_sessions", "customer=cus_1" + components).status == 404);
}

TEST_CASE("Payment intents are found by metadata and by fields") {
    Sim sim;
    for (const auto* order : {"o1", "o2", "o3"})
        sim.post("/v1/payment_intents",
                 std::string("amount=1000&currency=usd&metadata[order_id]=") + order);
    const auto count = [&sim](std::string_view query) {
        std::string encoded;
        for (const char c : query)
            encoded += c == ' ' ? std::string("+") : c == '&' ? "%26" : std::string(1, c);
        const auto answer = sim.get("/v1/payment_intents/search", "query=" + encoded);
        return answer.status == 200 ? static_cast<int>(array(answer.body, "data").size()) : -1;
    };
    CHECK(count("metadata['order_id']:'o1'") == 1);
    CHECK(count("metadata[\"order_id\"]:\"o1\" OR metadata['order_id']:'o2'") == 2);
    CHECK(count("status:'requires_payment_method' AND -metadata['order_id']:'o3'") == 2);
    CHECK(count("amount>999 amount<1001") == 3);
    CHECK(count("metadata['none']:null") == 3);
    CHECK(count("metadata['order_id']~'o'") == 3);
    for (const auto* broken : {"", "x", "status:", "status='a'", "metadata[order]:'a'", "a:'b' OR",
                               "a:'b' AND c:'d' OR e:'f'", "status:'open"}) {
        INFO(broken);
        CHECK(count(broken) == -1);
    }
}
