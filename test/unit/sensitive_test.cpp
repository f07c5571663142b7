// What no log may hold: left out of whatever a client sends to Stripe, and nothing else is.
#include <api/actions/record.hpp>
#include <api/actions/sensitive.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace daybook::api;

namespace {

constexpr char json[] = "application/json";

/// A value that is left out of these, and only that.
struct Example {
    std::string_view body;
    std::string_view kept;
};

}  // namespace

TEST_CASE("What no log may hold is left out of forms") {
    const Example examples[] = {
        {"card[number]=4242&card%5Bcvc%5D=314&amount=5",
         "card[number]=[redacted]&card%5Bcvc%5D=[redacted]&amount=5"},
        {"payment_method_data[card][number]=4242", "payment_method_data[card][number]=[redacted]"},
        {"external_account[account_number]=000123&a=&&b",
         "external_account[account_number]=[redacted]&a=&&b"},
        {"account[individual][ssn_last_4]=1234", "account[individual][ssn_last_4]=[redacted]"},
        {"company[tax_id]=000000000&company[name]=A", "company[tax_id]=[redacted]&company[name]=A"},
        {"payment_method_data[sepa_debit][iban]=DE89",
         "payment_method_data[sepa_debit][iban]=[redacted]"},
        {"person[id_number]=1&person[first_name]=Jo",
         "person[id_number]=[redacted]&person[first_name]=Jo"},
        {"name=key&payload=hush&scope[type]=account",
         "name=key&payload=[redacted]&scope[type]=account"},
        {"pin[encrypted_number]=abc", "pin[encrypted_number]=[redacted]"},
        {"payment_method_options[card][three_d_secure][cryptogram]=M6+",
         "payment_method_options[card][three_d_secure][cryptogram]=[redacted]"},
        // spelled as nobody does, but as somebody could
        {"Card[Number]=4242", "Card[Number]=[redacted]"},
        {"+card[number]=4242", "+card[number]=[redacted]"},
        {"card[number=4242", "card[number=[redacted]"},
        {"cards[0][number]=4242", "cards[0][number]=[redacted]"},
        {"card%5Bnumber%5D%zz=4242", "card%5Bnumber%5D%zz=[redacted]"},
        // a card's number where none belongs
        {"description=4000 0566 5566 5556", "description=[redacted]"},
        {"source=4000-0566-5566-5556", "source=[redacted]"},
        {"note=4000%20056655665556", "note=[redacted]"},
    };
    for (const auto& [body, kept] : examples)
        CHECK(without_sensitive(body) == kept);
}

TEST_CASE("What Stripe shows to everybody stays, so that the request can be made again") {
    for (const std::string_view body :
         {"metadata[number]=7&description=cvc", "metadata[iban]=DE89", "number=INV-1",
          "amount=5&&b", "payload[value]=25&payload[stripe_customer_id]=cus_1",
          "customer_details[tax_ids][0][value]=DE1", "billing_details[tax_id]=000.000.000-00",
          "account_holder_name=A&routing_number=110000000", "individual[dob][year]=1990",
          "metadata[at]=1790000000000", "amount=99999999999", "description=4000056655665557"})
        CHECK(without_sensitive(body) == body);
    const std::string_view kept =
        R"({"payload": {"value":"25"}, "metadata":{"iban":"DE89"}, "amounts":[1.50, 32]})";
    CHECK(without_sensitive(kept, json) == kept);
}

TEST_CASE("What no log may hold is left out of JSON, wherever it stands") {
    const Example examples[] = {
        {R"({"card": {"number" : "42\"42", "cvc":314}, "x": 1})",
         R"({"card":{"number":"[redacted]","cvc":"[redacted]"},"x":1})"},
        // POST /v2/core/accounts
        {R"({"identity":{"individual":{"id_numbers":[{"type":"us_ssn","value":"1"},
             {"type":"us_itin","value":"2"}],"given_name":"Jo"}}})",
         R"({"identity":{"individual":{"id_numbers":[{"type":"us_ssn","value":"[redacted]"},)"
         R"({"type":"us_itin","value":"[redacted]"}],"given_name":"Jo"}}})"},
        {R"({"identity":{"business_details":{"id_numbers":[{"type":"us_ein","value":"1"}]}}})",
         R"({"identity":{"business_details":{"id_numbers":[{"type":"us_ein","value":"[redacted]"}]}}})"},
        // POST /v2/core/vault/us_bank_accounts, gb_bank_accounts
        {R"({"account_number":"000123456789","routing_number":"110000000"})",
         R"({"account_number":"[redacted]","routing_number":"110000000"})"},
        {R"({"iban":"GB1","sort_code":"108800"})", R"({"iban":"[redacted]","sort_code":"108800"})"},
        // POST /v2/money_management/outbound_setup_intents
        {R"({"payment_method_data":{"type":"card","card":{"number":"4242","exp_month":"1"}}})",
         R"({"payment_method_data":{"type":"card","card":{"number":"[redacted]","exp_month":"1"}}})"},
        // names with escapes, values of other kinds, a value in the name's place
        {R"({"account_n\u0075mber":12345678901})", R"({"account_number":"[redacted]"})"},
        {R"({"cvc":["1",{"a":2}],"b":"cvc"})",
         R"({"cvc":["[redacted]",{"a":"[redacted]"}],"b":"cvc"})"},
        {R"([{"iban":null}])", R"([{"iban":"[redacted]"}])"},
        {R"({"description":"4000056655665556","n":4000056655665556})",
         R"({"description":"[redacted]","n":"[redacted]"})"},
    };
    for (const auto& [body, kept] : examples) {
        CHECK(without_sensitive(body, json) == kept);
        CHECK(without_sensitive(kept, json) == kept);
    }
}

TEST_CASE("A body that cannot be read is left out as a whole") {
    CHECK(without_sensitive(R"({"account_number":"000123456789")") == left_out);
    CHECK(without_sensitive("account_number=000123456789", json) == left_out);
    CHECK(without_sensitive("--b\r\nContent-Disposition: form-data; name=\"card[number]\"\r\n") ==
          left_out);
    CHECK(without_sensitive("x", "multipart/form-data; boundary=b") == left_out);
    CHECK(without_sensitive("").empty());
}

TEST_CASE("Parameters in the address are a form too") {
    CHECK(target_without_sensitive("/v1/tokens?card[number]=4242&card[exp_year]=2034") ==
          "/v1/tokens?card[number]=[redacted]&card[exp_year]=2034");
    CHECK(target_without_sensitive("/v1/tokens") == "/v1/tokens");
}

TEST_CASE("A record says whether it left something out") {
    Plan plan;
    plan.id = "act_1";
    const auto leaves_out = [&plan](Step step) {
        plan.steps = {std::move(step)};
        return !is_repeatable(requested_event(plan).payload);
    };
    CHECK(leaves_out({.path = "/v1/tokens", .body = "card[cvc]=1"}));
    CHECK(leaves_out({.path = "/v1/tokens?card[cvc]=1"}));
    CHECK_FALSE(leaves_out({.path = "/v1/refunds?a=1", .body = "amount=1"}));
    plan.steps = {{.path = "/v1/tokens?pii[id_number]=123", .body = "card[cvc]=314"}};
    const auto payload = requested_event(plan).payload;
    CHECK(payload.find("314") == std::string::npos);
    CHECK(payload.find("=123") == std::string::npos);
    CHECK_FALSE(is_repeatable(payload));
    // a client's own words are no sign of it
    plan.steps = {{.path = "/v1/refunds", .body = "metadata[a]=[redacted]"}};
    CHECK(is_repeatable(requested_event(plan).payload));
}
