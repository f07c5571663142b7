// Prefixes, and how long what follows them is.
#include <tools/stripe_sim/ids.hpp>

#include <algorithm>
#include <array>
#include <sstream>

namespace daybook::sim {
namespace {

struct Form {
    std::string_view prefix;
    std::string_view lead;  ///< what real ids begin with
    std::size_t letters;
};

constexpr std::array forms = {
    Form{"cus_", "", 14},       Form{"prod_", "", 14},  Form{"req_", "", 14},
    Form{"cs_test_", "a1", 56}, Form{"acct_", "1", 15}, Form{"si_", "", 14},
    Form{"we_", "1", 23},       Form{"whsec_", "", 32}, Form{"pi_", "3", 23},
    Form{"ch_", "3", 23},       Form{"py_", "3", 23},   Form{"re_", "3", 23},
    Form{"pyr_", "1", 23},      Form{"tr_", "3", 23},   Form{"txn_", "3", 23},
    Form{"ws_", "", 24},        Form{"di_", "1", 23},   Form{"", "", 8},
};
constexpr Form usual{"", "1", 23};

}  // namespace

std::string Ids::make(std::string_view prefix) {
    const auto* found = std::ranges::find(forms, prefix, &Form::prefix);
    const Form& form = found == forms.end() ? usual : *found;
    std::string id(prefix);
    id += form.lead;
    return id + letters(form.letters);
}

std::string Ids::letters(std::size_t count) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::size_t a_draw = 10;  // 62^10 fits 64 bits
    std::string text;
    text.reserve(count);
    while (text.size() < count) {
        auto draw = random_();
        for (std::size_t i = 0; i < a_draw && text.size() < count; ++i, draw /= alphabet.size())
            text += alphabet[draw % alphabet.size()];
    }
    return text;
}

std::string Ids::client_secret(std::string_view id) {
    return std::string(id) + "_secret_" + letters(25);
}

std::string Ids::position() const {
    std::ostringstream out;
    out << random_;
    return out.str();
}

void Ids::resume(const std::string& position) {
    std::istringstream(position) >> random_;
}

}  // namespace daybook::sim
