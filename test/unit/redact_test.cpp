// Secrets that are not shown, at any depth of JSON in JSON; everything else keeps its bytes.
#include <api/redact.hpp>

#include <catch2/catch.hpp>

using daybook::api::without_secrets;

TEST_CASE("client secrets and signing secrets are not shown") {
    CHECK(without_secrets(R"({"client_secret":"pi_1_secret_abc","id":"pi_1"})") ==
          R"({"client_secret":"[redacted]","id":"pi_1"})");
    CHECK(without_secrets(R"({"a": {"client_secret" : "x"}, "secret": "whsec_1" })") ==
          R"({"a": {"client_secret" : "[redacted]"}, "secret": "[redacted]" })");
    CHECK(without_secrets(R"({"body":"{\"client_secret\":\"pi_1_secret_abc\",\"id\":\"x\"}"})") ==
          R"({"body":"{\"client_secret\":\"[redacted]\",\"id\":\"x\"}"})");
    CHECK(without_secrets(R"({"body":"{\"b\":\"{\\\"client_secret\\\":\\\"abc\\\"}\"}"})") ==
          R"({"body":"{\"b\":\"{\\\"client_secret\\\":\\\"[redacted]\\\"}\"}"})");
    CHECK(without_secrets(R"({"webhook_endpoint":{"signing_secret":"whsec_1"},"password":"p"})") ==
          R"({"webhook_endpoint":{"signing_secret":"[redacted]"},"password":"[redacted]"})");
    CHECK(without_secrets(R"({"url":"https://x/?c=pi_1_secret_abc&r=1"})") ==
          R"({"url":"https://x/?c=pi_1_secret_[redacted]&r=1"})");
}

TEST_CASE("a secret ends where its quotes do, whatever stands between them") {
    CHECK(without_secrets(R"({"password":"ab\"cd\\","id":"\"x"})") ==
          R"({"password":"[redacted]","id":"\"x"})");
    CHECK(without_secrets(R"({"body":"{\"password\":\"a\\\"b\\\\\",\"id\":\"x\"}"})") ==
          R"({"body":"{\"password\":\"[redacted]\",\"id\":\"x\"}"})");
    CHECK(without_secrets(R"({"secret":"whsec)") == R"({"secret":"[redacted])");
}

TEST_CASE("links that let their bearer in are not shown, others are") {
    CHECK(without_secrets(R"({"object":"login_link","url":"https://connect.stripe.com/x"})") ==
          R"({"object":"login_link","url":"[redacted]"})");
    const auto page = R"({"object":"checkout.session","url":"https://checkout.stripe.com/x"})";
    CHECK(without_secrets(page) == page);
}

TEST_CASE("what only looks like a secret stays") {
    for (const auto* json :
         {R"({"client_secret":null,"secret":false})", R"({"secret":{"a":1},"client_secret":[]})",
          R"({"note":"the client_secret","secretary":"Ann","x":"secret"})", R"({"a":1.50,"b":"é"})",
          R"({"client_secret)", R"({"secret":)", R"({"x":"_secret_"})", ""}) {
        INFO(json);
        CHECK(without_secrets(json) == json);
    }
}
