// A plausible set, not Stripe's own tables: those are not public.
#include <tools/stripe_sim/requirements.hpp>

#include <tools/stripe_sim/merge.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

constexpr std::string_view unmatched = "failed_keyed_identity";
constexpr std::string_view under_review = "under_review";

bool has_states(std::string_view country) {
    constexpr std::array<std::string_view, 3> with = {"US", "CA", "AU"};
    return std::ranges::find(with, country) != with.end();
}

bool requested(const Scope& owner, std::string_view capability) {
    const auto* found = owner.find("capability", capability);
    return found && flag(*found, "requested");
}

bool has_good_external_account(const Scope& owner, const json::object& account) {
    const ListQuery query{
        .limit = 100,
        .equal = {{"currency", std::string(text(account, "default_currency"))}},
        .match = [](const json::object& one) { return text(one, "status") != "errored"; }};
    return !owner.world.store.page(owner.account, "bank_account", query).items.empty() ||
           !owner.world.store.page(owner.account, "card", query).items.empty();
}

bool is_known(const json::object& person, std::string_view name) {
    if (name == "id_number") return flag(person, "id_number_provided");
    if (name == "ssn_last_4")
        return flag(person, "ssn_last_4_provided") || flag(person, "id_number_provided");
    return is_filled(person, name);
}

void need_business(const Scope& owner, const json::object& account, Needs& needs) {
    const auto want = [&](std::string_view path, bool given) {
        if (!given) needs.missing.emplace_back(path);
    };
    if (requested(owner, "card_payments")) {
        want("business_profile.mcc", is_filled(account, "business_profile.mcc"));
        want("business_profile.url",
             is_filled(account, "business_profile.url") ||
                 is_filled(account, "business_profile.product_description"));
    }
    const auto kind = text(account, "business_type");
    want("business_type", !kind.empty());
    if (kind.empty() || kind == "individual") return;
    for (const auto* path : {"company.address.city", "company.address.line1",
                             "company.address.postal_code", "company.name", "company.phone"})
        want(path, is_filled(account, path));
    want("company.tax_id", flag(account, "company.tax_id_provided"));
    if (kind == "company")
        want("company.owners_provided", flag(account, "company.owners_provided"));
}

/// What people's requirements begin with: individual., person_1. or representative.
std::string prefix_of(const json::object& account, const json::object* person) {
    if (text(account, "business_type") == "individual") return "individual.";
    return person ? fmt::format("{}.", text(*person, "id")) : "representative.";
}

void need_person(const Scope& owner, const json::object& account, Needs& needs) {
    static const json::object nobody;
    const auto* person = representative_of(owner);
    const auto prefix = prefix_of(account, person);
    for (const auto& name : person_needs(account, person ? *person : nobody))
        needs.missing.push_back(prefix + name);
    if (!person) return;
    if (text(account, "country") == "US" && !flag(*person, "id_number_provided"))
        needs.eventually.push_back(prefix + "id_number");
    const auto document = prefix + "verification.document";
    const auto result = text(*person, "verification.details_code");
    if (result == under_review) needs.pending.push_back(document);
    if (result != unmatched) return;
    needs.unverified.push_back(document);
    needs.errors.push_back(
        {{"code", "verification_failed_keyed_identity"},
         {"reason", "The person's keyed-in identity information could not be verified."},
         {"requirement", document}});
}

}  // namespace

std::vector<std::string> person_needs(const json::object& account, const json::object& person) {
    std::vector<std::string> missing;
    const auto want = [&](std::string_view name) {
        if (!is_known(person, name)) missing.emplace_back(name);
    };
    for (const auto* name : {"address.city", "address.line1", "address.postal_code"})
        want(name);
    if (has_states(text(account, "country"))) want("address.state");
    for (const auto* name :
         {"dob.day", "dob.month", "dob.year", "email", "first_name", "last_name", "phone"})
        want(name);
    if (text(account, "country") == "US") want("ssn_last_4");
    if (text(account, "business_type") != "individual") want("relationship.title");
    return missing;
}

const json::object* representative_of(const Scope& owner) {
    const ListQuery query{.limit = 1, .match = [](const json::object& person) {
                              return flag(person, "relationship.representative");
                          }};
    const auto found = owner.world.store.page(owner.account, "person", query).items;
    return found.empty() ? nullptr : found.front();
}

Needs needs_of(const Scope& owner, const json::object& account) {
    Needs needs;
    need_business(owner, account, needs);
    if (!text(account, "business_type").empty()) need_person(owner, account, needs);
    if (!has_good_external_account(owner, account)) needs.missing.emplace_back("external_account");
    for (const auto* path : {"tos_acceptance.date", "tos_acceptance.ip"})
        if (!is_filled(account, path)) needs.missing.emplace_back(path);
    std::ranges::sort(needs.missing);
    return needs;
}

void verify_person(json::object& person, const json::object& params) {
    const auto year = integer(params, "dob.year");
    const auto number = text(params, "id_number");
    auto result = text(person, "verification.details_code");
    if (year != 0 || !number.empty()) result = "";
    if (year == 1902 || number == "111111111") result = unmatched;
    if (has(params, "verification.document.front")) result = "";
    if (year == 1900) result = under_review;
    const std::string code(result);
    const bool told = integer(person, "dob.year") != 0;
    set(person, "verification.details_code") = text_or_null(code);
    set(person, "verification.status") = code == under_review   ? "pending"
                                         : code.empty() && told ? "verified"
                                                                : "unverified";
}

std::string_view test_value(std::string_view requirement) {
    struct Value {
        std::string_view name;  ///< what the requirement ends with
        std::string_view value;
    };
    constexpr std::array values = {
        Value{"business_type", "individual"},
        Value{"business_profile.mcc", "5734"},
        Value{"business_profile.url", "https://accessible.stripe.com"},
        Value{"company.name", "Test Company"},
        Value{"company.phone", "0000000000"},
        Value{"company.tax_id", "000000000"},
        Value{"company.owners_provided", "true"},
        Value{"address.city", "San Francisco"},
        Value{"address.line1", "address_full_match"},
        Value{"address.postal_code", "94111"},
        Value{"address.state", "CA"},
        Value{"dob.day", "1"},
        Value{"dob.month", "1"},
        Value{"dob.year", "1901"},
        Value{"email", "jenny.rosen@example.com"},
        Value{"first_name", "Jenny"},
        Value{"last_name", "Rosen"},
        Value{"phone", "0000000000"},
        Value{"ssn_last_4", "0000"},
        Value{"id_number", "000000000"},
        Value{"relationship.title", "CEO"},
        Value{"verification.document", "file_identity_document_success"},
        Value{"external_account", "000123456789"},
        Value{"tos_acceptance.ip", "127.0.0.1"},
    };
    const auto* found = std::ranges::find_if(
        values, [&](const Value& one) { return requirement.ends_with(one.name); });
    return found == values.end() ? std::string_view() : found->value;
}

}  // namespace daybook::sim
