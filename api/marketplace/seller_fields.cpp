// daybook_fee_basis_points and daybook_fee_fixed in metadata.
#include <api/marketplace/seller_fields.hpp>

namespace daybook::api {
namespace {

constexpr std::int64_t fixed_max = 99'999'999;

}  // namespace

std::optional<FeeRate> read_fee(Input& in) {
    auto fee = in.object("fee");
    if (!fee) return std::nullopt;
    const auto points = fee->percent("percent");
    const auto fixed = fee->whole("fixed", {.most = fixed_max});
    fee->require("percent");
    if (!points) return std::nullopt;
    return FeeRate{*points, fixed.value_or(0)};
}

bool names_fee(Input& in) {
    return in.has("fee") || in.unset("fee");
}

void add_fee(Form& form, const FeeRate& rate) {
    form.entry("metadata", "daybook_fee_basis_points", std::to_string(rate.basis_points));
    form.entry("metadata", "daybook_fee_fixed", std::to_string(rate.fixed));
}

void remove_fee(Form& form) {
    form.entry("metadata", "daybook_fee_basis_points", "");
    form.entry("metadata", "daybook_fee_fixed", "");
}

}  // namespace daybook::api
