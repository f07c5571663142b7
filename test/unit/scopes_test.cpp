// What a key may do: plain scopes, the gateway's finer ones, and restrictions that only narrow.
#include <api/scopes.hpp>

#include <catch2/catch.hpp>

using namespace daybook::api;

namespace {

bool may(const Scopes& scopes, std::string_view needed, const Reach& reach = {}) {
    return !why_not(scopes, needed, reach);
}

bool may_call(const Scopes& scopes, std::string_view method, std::string_view path,
              const Reach& reach = {}) {
    return !why_not_call(scopes, method, path, reach);
}

constexpr Reach live{.account = {}, .livemode = true};

Reach on(std::string_view account) {
    return {.account = account, .livemode = false};
}

}  // namespace

TEST_CASE("a key may do what its scopes name, and admin may do everything") {
    CHECK(may({"orders:read"}, "orders:read"));
    CHECK_FALSE(may({"orders:read"}, "payouts:read"));
    CHECK_FALSE(may({"gateway:write"}, "payments:write"));
    CHECK(may({"admin"}, "payments:write"));
    CHECK(may_call({"admin"}, "POST", "/v1/payouts"));
    CHECK_FALSE(may_call({"payments:write"}, "POST", "/v1/payment_intents"));
    CHECK(*why_not({"orders:read"}, "payouts:read") == "this needs the scope payouts:read");
}

TEST_CASE("the gateway's coarse scopes split reading from writing") {
    CHECK(may_call({"gateway:read"}, "GET", "/v1/charges"));
    CHECK(may_call({"gateway:read"}, "HEAD", "/v1/charges"));
    CHECK_FALSE(may_call({"gateway:read"}, "POST", "/v1/charges"));
    CHECK_FALSE(may_call({"gateway:read"}, "DELETE", "/v1/customers/cus_1"));
    CHECK(may_call({"gateway:write"}, "POST", "/v1/charges"));
    CHECK(may_call({"gateway:write"}, "GET", "/v1/charges"));
}

TEST_CASE("a finer scope binds a key to methods and paths") {
    const Scopes scopes{"gateway:POST:/v1/payment_intents*", "gateway:*:/v1/customers/*/sources"};
    CHECK(may_call(scopes, "POST", "/v1/payment_intents"));
    CHECK(may_call(scopes, "POST", "/v1/payment_intents/pi_1/confirm"));
    CHECK_FALSE(may_call(scopes, "GET", "/v1/payment_intents"));
    CHECK_FALSE(may_call(scopes, "POST", "/v1/payouts"));
    CHECK_FALSE(may_call(scopes, "POST", "/v1/refunds/v1/payment_intents"));
    CHECK(may_call(scopes, "GET", "/v1/customers/cus_1/sources"));
    CHECK(may_call(scopes, "DELETE", "/v1/customers/cus_1/sources"));
    CHECK_FALSE(may_call(scopes, "GET", "/v1/customers/cus_1/sources/src_1"));
    CHECK(may_call({"gateway:GET:/v1/coupons/*"}, "GET", "/v1/coupons/summer%20sale"));
    CHECK_THAT(*why_not_call(scopes, "POST", "/v1/payouts", {}), Catch::Contains("/v1/payouts"));
}

TEST_CASE("a path that could be read in two ways opens nothing to a finer scope") {
    const Scopes scopes{"gateway:POST:/v1/payment_intents*"};
    for (const auto* path :
         {"/v1/payment_intents/../payouts", "/v1/payment_intents/%2e%2e/payouts",
          "/v1/payment_intents%2F..%2Fpayouts", "/v1/payment_intents/..", "/v1/payment_intents//x",
          "/v1/payment_intents/%252e%252e/payouts", "/v1/payment_intents\\..\\payouts",
          "/v1/payment_intents/..;/payouts", "/v1/payment_intents%3Fx", "/v1/payment_intents%zz",
          "/v1/payment_intents/./x"}) {
        INFO(path);
        CHECK_FALSE(may_call(scopes, "POST", path));
        CHECK(may_call({"gateway:write"}, "POST", path));
    }
}

TEST_CASE("a restriction to a mode narrows every scope") {
    CHECK(may({"orders:read", "only:testmode"}, "orders:read"));
    CHECK_FALSE(may({"orders:read", "only:testmode"}, "orders:read", live));
    CHECK_FALSE(may({"admin", "only:testmode"}, "orders:read", live));
    CHECK(may({"admin", "only:livemode"}, "orders:read", live));
    CHECK_FALSE(may_call({"gateway:write", "only:livemode"}, "POST", "/v1/charges"));
}

TEST_CASE("a restriction to accounts keeps a key to them and off the platform") {
    const Scopes scopes{"gateway:write", "payments:write", "account:acct_1", "account:acct_2"};
    CHECK(may_call(scopes, "POST", "/v1/charges", on("acct_1")));
    CHECK(may_call(scopes, "POST", "/v1/charges", on("acct_2")));
    CHECK_FALSE(may_call(scopes, "POST", "/v1/charges", on("acct_3")));
    CHECK_FALSE(may_call(scopes, "POST", "/v1/charges"));
    CHECK(may(scopes, "payments:write", on("acct_1")));
    CHECK_FALSE(may(scopes, "payments:write"));
    CHECK_FALSE(may({"admin", "account:acct_1"}, "payments:write", on("acct_3")));

    CHECK(may_call(scopes, "POST", "/v1/accounts/acct_1"));
    CHECK(may_call(scopes, "GET", "/v1/accounts/acct_2/persons"));
    CHECK_FALSE(may_call(scopes, "POST", "/v1/accounts/acct_3"));
    CHECK_FALSE(may_call(scopes, "POST", "/v1/accounts"));
    CHECK_FALSE(may_call(scopes, "POST", "/v1/accounts/acct_1/../acct_3"));
    CHECK(accounts_of(scopes) == std::vector<std::string_view>{"acct_1", "acct_2"});
    CHECK(accounts_of({"admin"}).empty());
}

TEST_CASE("a key's scopes are checked when it is made") {
    for (const auto scope : known_scopes())
        CHECK_FALSE(mistake_in({std::string(scope)}));
    CHECK_FALSE(mistake_in({"gateway:POST:/v1/payment_intents*", "only:testmode"}));
    CHECK_FALSE(mistake_in({"gateway:*:/v2/core/*", "account:acct_1AbC"}));

    CHECK_THAT(*mistake_in({"order:read"}), Catch::Contains("order:read"));
    CHECK_THAT(*mistake_in({"gateway:PUT:/v1/charges"}), Catch::Contains("method"));
    for (const auto* path : {"", "/", "charges", "/orders", "/v1/a b", "/v1/a?b", "/v1/%2e", "/v1"})
        CHECK_THAT(*mistake_in({std::string("gateway:GET:") + path}), Catch::Contains("path"));
    CHECK(mistake_in({"gateway:GET:/v1/" + std::string(300, 'a')}));
    CHECK(mistake_in({"admin", "account:"}));
    CHECK(mistake_in({"admin", "account:acct_1 "}));
    CHECK(mistake_in({"admin", "account:cus_1"}));
    CHECK(mistake_in({"admin", "only:weekends"}));
    CHECK_THAT(*mistake_in({"only:testmode", "account:acct_1"}), Catch::Contains("grants"));
    CHECK(mistake_in({}));
    CHECK(mistake_in({"admin", "only:testmode", "only:livemode"}));
}
