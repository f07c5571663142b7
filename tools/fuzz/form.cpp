// Fuzzes the form parser: it answers with a tree or with a refusal, and reading its own writing
// gives the same tree.
// The code itself and not its library, so that the fuzzer sees its branches.
#include <api/target.cpp>
#include <ledger/invariant.hpp>
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/form.cpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace daybook;

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text)
        for (const char part : {'%', "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4],
                                "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15]})
            out += part;
}

/// Form encoding of a tree without arrays, which have several spellings. False when it has one.
bool append_form(std::string& out, const sim::json::object& tree, const std::string& path) {
    for (const auto& [name, value] : tree) {
        std::string encoded;
        append_escaped(encoded, name);
        const auto here = path.empty() ? encoded : path + "[" + encoded + "]";
        if (value.is_array() || name.empty()) return false;
        if (const auto* inner = value.if_object()) {
            if (inner->empty() || !append_form(out, *inner, here)) return false;
            continue;
        }
        out += here + "=";
        append_escaped(out, value.get_string());
        out += '&';
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    try {
        const auto tree = sim::parse_form(input);
        std::string written;
        if (append_form(written, tree, "")) invariant(sim::parse_form(written) == tree);
    } catch (const sim::StripeError& error) {
        invariant(error.status() == 400);
    }
    return 0;
}
