// Values that no log may hold: card numbers, bank account numbers, numbers of people's papers.
#pragma once

#include <string>
#include <string_view>

namespace daybook::api {

inline constexpr std::string_view left_out = "[redacted]";

/// The body of a call to Stripe with such values replaced by `left_out`, whatever its encoding:
/// what is sensitive is what Stripe takes and never gives back, besides whatever looks like the
/// number of a card. A body without any is returned as it is. In a form the order and the spelling
/// of everything else stay; JSON is written anew. A body that cannot be read (broken JSON,
/// multipart) is left out as a whole.
std::string without_sensitive(std::string_view body, std::string_view content_type = {});

/// The same for the parameters of a request target, which are a form.
std::string target_without_sensitive(std::string_view target);

}  // namespace daybook::api
