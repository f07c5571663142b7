// Nested parameters into a document that knows more, or less, than they say.
#pragma once

#include <tools/stripe_sim/spec.hpp>

#include <string>
#include <vector>

namespace daybook::sim {

/// Takes over the parameters that are members: objects member by member, null for what is unset.
/// Of what is secret (id_number) the document tells only that it is there (id_number_provided).
void merge(const Spec& spec, const Fields& fields, json::object& document,
           const json::object& params);

/// Every parameter by its dotted path: {"dob": {"day": 1}} is "dob.day".
std::vector<std::string> paths_of(const json::object& params);

/// Whether something stands at the path that is not "" either.
bool is_filled(const json::object& document, std::string_view path);

}  // namespace daybook::sim
