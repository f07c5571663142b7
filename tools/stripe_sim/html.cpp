// Markup by hand; the pages are few and plain.
#include <tools/stripe_sim/html.hpp>

namespace daybook::sim {

std::string html_escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text)
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    return out;
}

std::string html_filled(
    std::string_view page,
    std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
    std::string out;
    while (!page.empty()) {
        const auto open = page.find("{{");
        const auto close = page.find("}}", open);
        if (close == std::string_view::npos) break;
        const auto name = page.substr(open + 2, close - open - 2);
        out += page.substr(0, open);
        for (const auto& [wanted, markup] : values)
            if (wanted == name) out += markup;
        page.remove_prefix(close + 2);
    }
    return out.append(page);
}

}  // namespace daybook::sim
