// Multipart bodies, as files are uploaded.
#pragma once

#include <tools/stripe_sim/json.hpp>

#include <string_view>

namespace daybook::sim {

/// Reads a multipart/form-data body into the tree that parse_form() makes. A part with a file name
/// becomes {"filename", "size", "type"}; its bytes are not kept. Throws StripeError 400, nothing
/// else.
json::object parse_multipart(std::string_view body, std::string_view content_type);

}  // namespace daybook::sim
