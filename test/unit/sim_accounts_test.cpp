// Accounts tell what Stripe asks for, may then do what they requested, and can be turned away.
#include <test/sim.hpp>

#include <tools/stripe_sim/account_state.hpp>
#include <tools/stripe_sim/resources/accounts.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

constexpr std::string_view express =
    "type=express&country=US&capabilities[transfers][requested]=true&"
    "capabilities[card_payments][requested]=true";

Reply visit(Sim& sim, std::string_view method, std::string_view url, std::string_view form = "") {
    Api api(sim.world);
    ApiRequest request;
    request.method = method;
    request.path = url.starts_with("http") ? url.substr(sim.world.base_url.size()) : url;
    request.body = form;
    request.content_type = "application/x-www-form-urlencoded";
    return api.handle(std::move(request));
}

std::string location(const Reply& reply) {
    const auto from = reply.headers.find("Location: ") + 10;
    return reply.headers.substr(from, reply.headers.find("\r\n", from) - from);
}

std::string due(const json::object& account, std::string_view list = "currently_due") {
    std::string all;
    for (const auto& one : array(account, fmt::format("requirements.{}", list)))
        all += fmt::format("{} ", std::string_view(one.as_string()));
    return all;
}

/// Everything that a person must tell in the US, as parameters.
std::string person_of(std::string_view prefix, int year, std::string_view number) {
    return fmt::format(
        "{0}[first_name]=Jenny&{0}[last_name]=Rosen&{0}[email]=j@example.com&"
        "{0}[phone]=0000000000&{0}[dob][day]=1&{0}[dob][month]=1&"
        "{0}[dob][year]={1}&{0}[address][line1]=address_full_match&"
        "{0}[address][city]=Town&{0}[address][state]=CA&"
        "{0}[address][postal_code]=94111&{0}[id_number]={2}",
        prefix, year, number);
}

constexpr std::string_view custom =
    "type=custom&country=US&business_type=individual&capabilities[transfers][requested]=true&"
    "tos_acceptance[date]=1&tos_acceptance[ip]=127.0.0.1&external_account=btok_us_verified";

}  // namespace

TEST_CASE("An Express account begins with everything due and may do nothing") {
    Sim sim;
    const auto account = sim.post("/v1/accounts", express).body;
    CHECK(text(account, "type") == "express");
    CHECK(text(account, "controller.stripe_dashboard.type") == "express");
    CHECK(text(account, "capabilities.transfers") == "inactive");
    CHECK(due(account) ==
          "business_profile.mcc business_profile.url business_type "
          "external_account tos_acceptance.date tos_acceptance.ip ");
    CHECK(due(account, "past_due") == due(account));
    CHECK(text(account, "requirements.disabled_reason") == "requirements.past_due");
    CHECK(!flag(account, "details_submitted"));
    const auto id = std::string(text(account, "id"));
    CHECK(sim.post(fmt::format("/v1/accounts/{}/login_links", id)).status == 400);
    CHECK(sim.post("/v1/accounts/" + id, "tos_acceptance[date]=1").status == 400);
    CHECK(sim.post("/v1/transfers", "amount=1&currency=usd&destination=" + id).code() ==
          "insufficient_capabilities_for_transfer");
    CHECK(sim.post("/v1/accounts", "country=XX").code() == "country_code_invalid");
    const auto same = sim.post("/v1/accounts",
                               "controller[stripe_dashboard][type]=express&controller[fees][payer]"
                               "=application&controller[losses][payments]=application");
    CHECK(text(same.body, "type") == "express");
    CHECK(text(sim.post("/v1/accounts", "controller[fees][payer]=application").body, "type") ==
          "none");
}

TEST_CASE("The onboarding page asks step by step, once per link, and then lets the account work") {
    Sim sim;
    const auto id = std::string(sim.post("/v1/accounts", express).id());
    const auto form = fmt::format(
        "account={}&type=account_onboarding&refresh_url=https://a.b/again"
        "&return_url=https://a.b/done",
        id);
    CHECK(sim.post("/v1/account_links", "account=" + id + "&type=account_onboarding").param() ==
          "refresh_url");
    const auto url = std::string(text(sim.post("/v1/account_links", form).body, "url"));
    const auto page = location(visit(sim, "GET", url));
    CHECK(location(visit(sim, "GET", url)) == "https://a.b/again");
    const auto markup = visit(sim, "GET", page).body;
    CHECK(markup.contains("simulator"));
    CHECK(markup.contains("name=\"business_type\""));
    CHECK(location(visit(sim, "POST", page,
                         "business_type=individual&business_profile.mcc=5734&"
                         "business_profile.url=https://shop.example")) == page);
    CHECK(visit(sim, "GET", page).body.contains("name=\"individual.dob.year\""));
    visit(sim, "POST", page,
          "individual.first_name=Jenny&individual.last_name=Rosen&individual.email=j@example.com&"
          "individual.phone=0000000000&individual.dob.day=1&individual.dob.month=1&"
          "individual.dob.year=1901&individual.address.line1=address_full_match&"
          "individual.address.city=Town&individual.address.state=CA&"
          "individual.address.postal_code=94111&individual.ssn_last_4=0000");
    CHECK(visit(sim, "GET", page).body.contains("name=\"external_account\""));
    visit(sim, "POST", page, "external_account=000123456789");
    CHECK(visit(sim, "GET", page).body.contains("Agree and submit"));
    CHECK(location(visit(sim, "POST", page)) == "https://a.b/done");
    CHECK(visit(sim, "GET", page).status == 404);

    const auto account = sim.get("/v1/accounts/" + id).body;
    for (const auto* name : {"charges_enabled", "payouts_enabled", "details_submitted"})
        CHECK(flag(account, name));
    CHECK(due(account).empty());
    CHECK(due(account, "eventually_due") == "individual.id_number ");
    CHECK(text(account, "individual.verification.status") == "verified");
    const auto events = sim.events(id);
    for (const auto* type : {"person.created", "account.external_account.created",
                             "capability.updated", "account.updated"})
        CHECK(std::ranges::find(events, type) != events.end());
    const auto login = sim.post(fmt::format("/v1/accounts/{}/login_links", id)).body;
    CHECK(visit(sim, "GET", text(login, "url")).body.contains("Express dashboard"));

    const auto late = std::string(text(sim.post("/v1/account_links", form).body, "url"));
    sim.world.advance(hour);
    CHECK(location(visit(sim, "GET", late)) == "https://a.b/again");
}

TEST_CASE("A custom account is active once the platform has told everything") {
    Sim sim;
    const auto whole = fmt::format("{}&{}", custom, person_of("individual", 1901, "000000000"));
    const auto good = sim.post("/v1/accounts", whole).body;
    CHECK(text(good, "capabilities.transfers") == "active");
    CHECK(flag(good, "individual.id_number_provided"));
    CHECK(due(good, "eventually_due").empty());

    const auto doubtful =
        sim.post("/v1/accounts",
                 fmt::format("{}&{}", custom, person_of("individual", 1902, "000000000")))
            .body;
    CHECK(due(doubtful) == "individual.verification.document ");
    CHECK(text(doubtful, "capabilities.transfers") == "inactive");
    const auto& error = array(doubtful, "requirements.errors").at(0).as_object();
    CHECK(text(error, "code") == "verification_failed_keyed_identity");
    const auto shown =
        sim.post(fmt::format("/v1/accounts/{}", text(doubtful, "id")),
                 "individual[verification][document][front]=file_identity_document_success")
            .body;
    CHECK(text(shown, "capabilities.transfers") == "active");

    const auto listed =
        sim.post("/v1/accounts",
                 fmt::format("{}&{}", custom, person_of("individual", 1900, "000000000")))
            .body;
    CHECK(text(listed, "requirements.disabled_reason") == "requirements.pending_verification");
    CHECK(text(listed, "capabilities.transfers") == "pending");
}

TEST_CASE("A company has persons, and its representative tells the rest") {
    Sim sim;
    const auto account =
        sim.post("/v1/accounts",
                 "type=custom&country=DE&business_type=company&capabilities[transfers][requested]="
                 "true&company[name]=GmbH&company[tax_id]=DE1&company[phone]=1&"
                 "company[owners_provided]=true&company[address][line1]=a&company[address][city]=b&"
                 "company[address][postal_code]=c&tos_acceptance[date]=1&tos_acceptance[ip]=::1&"
                 "external_account[object]=bank_account&external_account[country]=DE&"
                 "external_account[currency]=eur&"
                 "external_account[account_number]=DE89370400440532013000")
            .body;
    CHECK(due(account).contains("representative.first_name "));
    CHECK(!due(account).contains("ssn_last_4"));
    const auto persons = fmt::format("/v1/accounts/{}/persons", text(account, "id"));
    const auto person = sim.post(persons, "relationship[representative]=true&first_name=Anna").body;
    const auto named = sim.get(fmt::format("/v1/accounts/{}", text(account, "id"))).body;
    CHECK(due(named).contains(fmt::format("{}.last_name ", text(person, "id"))));
    sim.post(fmt::format("{}/{}", persons, text(person, "id")),
             "last_name=B&email=a@b.de&phone=1&dob[day]=1&dob[month]=1&dob[year]=1901&"
             "address[line1]=a&address[city]=b&address[postal_code]=c&relationship[title]=CEO");
    const auto done = sim.get(fmt::format("/v1/accounts/{}", text(account, "id"))).body;
    CHECK(due(done).empty());
    CHECK(text(done, "capabilities.transfers") == "active");
    CHECK(array(sim.get(persons, "relationship[representative]=true").body, "data").size() == 1);
    CHECK(flag(sim.del(fmt::format("{}/{}", persons, text(person, "id"))).body, "deleted"));
    CHECK(sim.events(text(account, "id")).back() == "capability.updated");
}

TEST_CASE("What is asked for later has a deadline, and disables the account after it") {
    Sim sim;
    const Scope platform(sim.world, "");
    const auto id = std::string(text(make_active_account(platform, {}), "id"));
    const auto form = fmt::format(
        "fields=company.tax_id,individual.verification.document&"
        "deadline={}",
        Sim::start + day);
    const auto path = fmt::format("/_sim/accounts/{}/require", id);
    CHECK(visit(sim, "POST", path, form).status == 200);
    auto account = sim.get("/v1/accounts/" + id).body;
    CHECK(integer(account, "requirements.current_deadline") == Sim::start + day);
    CHECK(due(account, "past_due").empty());
    CHECK(flag(account, "charges_enabled"));
    sim.world.advance(2 * day);
    account = sim.get("/v1/accounts/" + id).body;
    CHECK(due(account, "past_due") == "company.tax_id individual.verification.document ");
    CHECK(text(account, "requirements.disabled_reason") == "requirements.past_due");
    CHECK(text(account, "capabilities.transfers") == "inactive");
    CHECK(!flag(account, "payouts_enabled"));
    sim.post("/v1/accounts/" + id,
             "company[tax_id]=000000000&individual[verification][document][front]=file_1");
    account = sim.get("/v1/accounts/" + id).body;
    CHECK(due(account).empty());
    CHECK(flag(account, "payouts_enabled"));
}

TEST_CASE("External accounts have one default per currency") {
    Sim sim;
    const auto id = std::string(text(make_active_account(Scope(sim.world, ""), {}), "id"));
    const auto path = fmt::format("/v1/accounts/{}/external_accounts", id);
    const auto first = sim.get(path).body;
    const auto& old = array(first, "data").at(0).as_object();
    const auto card = sim.post(path,
                               "external_account[object]=card&external_account[number]="
                               "4000056655665556&external_account[exp_month]=12&"
                               "external_account[exp_year]=2034&default_for_currency=true");
    CHECK(card.status == 200);
    CHECK(flag(card.body, "default_for_currency"));
    CHECK(sim.del(fmt::format("{}/{}", path, card.id())).status == 400);
    CHECK(flag(sim.del(fmt::format("{}/{}", path, text(old, "id"))).body, "deleted"));
    CHECK(array(sim.get(path, "object=bank_account").body, "data").empty());
    CHECK(sim.events(id).back() == "account.updated");
    CHECK(sim.post(path,
                   "external_account[object]=bank_account&external_account[country]=US&"
                   "external_account[currency]=usd&external_account[routing_number]=11&"
                   "external_account[account_number]=000123456789")
              .code() == "routing_number_invalid");
    CHECK(sim.get(fmt::format("{}/ba_none", path)).code() == "resource_missing");
}

TEST_CASE("A token brings the bank account or the card that it was made of") {
    Sim sim;
    const auto id = std::string(text(make_active_account(Scope(sim.world, ""), {}), "id"));
    const auto path = fmt::format("/v1/accounts/{}/external_accounts", id);
    const auto bank = sim.post("/v1/tokens",
                               "bank_account[country]=US&bank_account[currency]=usd&"
                               "bank_account[routing_number]=110000000&"
                               "bank_account[account_number]=000111111116");
    const auto added = sim.post(path, fmt::format("external_account={}", bank.id()));
    CHECK(text(added.body, "object") == "bank_account");
    CHECK(text(added.body, "last4") == "1116");
    const auto credit = sim.post("/v1/tokens",
                                 "card[number]=4242424242424242&card[exp_month]=1&"
                                 "card[exp_year]=2034");
    CHECK(sim.post(path, fmt::format("external_account={}", credit.id())).code() ==
          "external_account_unsupported");
    CHECK(sim.post(path, "external_account=nothing").code() == "resource_missing");
}

TEST_CASE("Capabilities are requested, and an account is rejected or deleted") {
    Sim sim;
    const auto id = std::string(text(make_active_account(Scope(sim.world, ""), {}), "id"));
    const auto path = fmt::format("/v1/accounts/{}/capabilities", id);
    CHECK(text(sim.post(path + "/ideal_payments", "requested=true").body, "status") == "active");
    CHECK(text(sim.post(path + "/ideal_payments", "requested=false").body, "status") ==
          "unrequested");
    CHECK(array(sim.get(path).body, "data").size() == 3);
    CHECK(sim.get(path + "/flying").code() == "resource_missing");

    const auto rejected =
        sim.post(fmt::format("/v1/accounts/{}/reject", id), "reason=terms_of_service").body;
    CHECK(text(rejected, "requirements.disabled_reason") == "rejected.terms_of_service");
    CHECK(text(rejected, "capabilities.transfers") == "inactive");

    CHECK(flag(sim.del("/v1/accounts/" + id).body, "deleted"));
    CHECK(sim.events(id).back() == "account.application.deauthorized");
    CHECK(sim.get("/v1/accounts/" + id).status == 404);
    sim.act_as(id);
    CHECK(sim.get("/v1/balance").status == 403);
    sim.act_as("");
    CHECK(text(sim.get("/v1/account").body, "id") == sim.world.platform_id);
    CHECK(array(sim.get("/v1/accounts").body, "data").empty());
}
