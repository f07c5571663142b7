// Picking members of Stripe's objects and of decisions for an answer.
#pragma once

#include <api/http.hpp>
#include <api/marketplace/json_reader.hpp>
#include <ledger/json_text.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace daybook::api {

/// A member of the answer and where its value stands in the object: a JSON pointer. What is not
/// there becomes null.
struct Picked {
    std::string_view name;
    std::string_view pointer;
};

inline JsonObject& pick(JsonObject& into, const JsonReader& from,
                        std::initializer_list<Picked> members) {
    for (const auto& [name, pointer] : members)
        into.raw(name, from.raw(pointer));
    return into;
}

/// Members that have the same name in the answer.
inline JsonObject& pick_same(JsonObject& into, const JsonReader& from,
                             std::initializer_list<std::string_view> names) {
    for (const auto name : names)
        into.raw(name, from.raw(std::string("/").append(name)));
    return into;
}

inline Response answer_with(const JsonObject& body) {
    Response response;
    response.body = body.str();
    return response;
}

}  // namespace daybook::api
