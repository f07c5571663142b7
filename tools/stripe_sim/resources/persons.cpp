// Persons, with what is still missing of each.
#include <tools/stripe_sim/resources/persons.hpp>

#include <tools/stripe_sim/account_state.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/merge.hpp>
#include <tools/stripe_sim/requirements.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

json::object begin_person(const Scope& owner, const json::object& account) {
    auto person = owner.begin("person", "person_");
    person["account"] = account.at("id");
    owner.fill(person, "address", json::object());
    owner.fill(person, "dob", json::object());
    for (const auto* name : {"email", "first_name", "last_name", "phone"})
        person[name] = nullptr;
    person["id_number_provided"] = false;
    person["ssn_last_4_provided"] = false;
    person["metadata"] = json::object();
    owner.fill(person, "relationship", json::object());
    owner.fill(person, "verification", {{"document", json::object()}, {"status", "unverified"}});
    return person;
}

void apply(const Scope& owner, const json::object& account, json::object& person,
           const json::object& params) {
    json::object plain(params);
    plain.erase("metadata");
    merge(owner.world.spec, *owner.world.spec.object("person"), person, plain);
    Call::merge_metadata(person, params);
    verify_person(person, params);
    json::array missing;
    if (flag(person, "relationship.representative"))
        for (const auto& name : person_needs(account, person))
            missing.emplace_back(name);
    owner.fill(person, "requirements",
               {{"currently_due", missing}, {"eventually_due", missing}, {"past_due", missing}});
}

/// What was told, under each name that the account's requirements may have for it.
void tell(const Scope& scope, const json::object& person, const json::object& params) {
    std::vector<std::string> paths;
    for (const auto& path : paths_of(params))
        for (const auto prefix : {text(person, "id"), std::string_view("individual"),
                                  std::string_view("representative")})
            paths.push_back(fmt::format("{}.{}", prefix, path));
    account_told(scope, text(person, "account"), paths);
}

const json::object& account_of(const Call& call) {
    return call.on("").get("account", call.id("account"), "account");
}

json::object create(Call& call) {
    const auto& account = account_of(call);
    const auto owner = owner_of(call, call.id("account"));
    auto person = begin_person(owner, account);
    apply(owner, account, person, call.params);
    auto& stored = owner.put(std::move(person));
    owner.emit("person.created", stored);
    tell(call, stored, call.params);
    change_account(call, call.id("account"));
    return stored;
}

json::object update(Call& call) {
    const auto& account = account_of(call);
    const auto owner = owner_of(call, call.id("account"));
    auto& person = owner.edit("person", call.id("person"), "person");
    const json::object before(person);
    apply(owner, account, person, call.params);
    owner.emit_changed("person.updated", before, person);
    tell(call, person, call.params);
    change_account(call, call.id("account"));
    return person;
}

json::object remove(Call& call) {
    const auto owner = owner_of(call, call.id("account"));
    const json::object last(owner.get("person", call.id("person"), "person"));
    owner.erase("person", call.id("person"));
    owner.emit("person.deleted", last);
    change_account(call, call.id("account"));
    return deleted("person", call.id("person"));
}

json::object list(Call& call) {
    const auto& account = account_of(call);
    const auto owner = owner_of(call, text(account, "id"));
    ListQuery query;
    query.limit = limit_of(call);
    query.starting_after = call.text("starting_after");
    query.ending_before = call.text("ending_before");
    query.match = [&](const json::object& person) {
        for (const auto& [name, wanted] : call.object("relationship"))
            if (flag(person, fmt::format("relationship.{}", std::string_view(name))) !=
                wanted.as_bool())
                return false;
        return true;
    };
    const auto page = call.world.store.page(owner.account, "person", query);
    return list_of(owner, call.url, page.items, page.has_more);
}

}  // namespace

json::object& change_representative(const Scope& owner, const json::object& account,
                                    const json::object& params) {
    if (const auto* found = representative_of(owner)) {
        auto& person = owner.edit("person", text(*found, "id"));
        const json::object before(person);
        apply(owner, account, person, params);
        owner.emit_changed("person.updated", before, person);
        tell(owner, person, params);
        return person;
    }
    auto person = begin_person(owner, account);
    set(person, "relationship.representative") = true;
    apply(owner, account, person, params);
    auto& stored = owner.put(std::move(person));
    owner.emit("person.created", stored);
    return stored;
}

void add_persons(Routes& on) {
    on("POST", "/v1/accounts/{account}/persons", create);
    on("GET", "/v1/accounts/{account}/persons", list);
    on("GET", "/v1/accounts/{account}/persons/{person}", [](Call& call) {
        return owner_of(call, call.id("account")).get("person", call.id("person"), "person");
    });
    on("POST", "/v1/accounts/{account}/persons/{person}", update);
    on("DELETE", "/v1/accounts/{account}/persons/{person}", remove);
}

}  // namespace daybook::sim
