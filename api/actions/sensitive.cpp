// By the names of the fields, as Stripe spells them in every resource of v1 and v2: those that its
// objects never show again, or only as last4 or `…_provided`. Dates of birth, addresses and the tax
// ids of customers are not among them: Stripe repeats those in its answers and webhooks.
#include <api/actions/sensitive.hpp>

#include <api/target.hpp>
#include <ledger/json_text.hpp>

#include <simdjson.h>

#include <boost/algorithm/string/case_conv.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace daybook::api {
namespace {

/// Wherever they stand, with all that is inside them.
constexpr std::array<std::string_view, 18> names = {"account_number",
                                                    "business_tax_id",
                                                    "business_vat_id",
                                                    "cryptogram",
                                                    "cvc",
                                                    "encrypted_number",
                                                    "iban",
                                                    "id_number",
                                                    "id_number_secondary",
                                                    "password",
                                                    "personal_id_number",
                                                    "pk_token",
                                                    "private_key_file_password",
                                                    "security_code",
                                                    "sender_account_number",
                                                    "sender_iban",
                                                    "ssn_last_4",
                                                    "swipe_data"};
constexpr std::array<std::string_view, 4> of_companies = {
    "export_license_id", "registration_number", "tax_id", "vat_id"};

/// The names on the way to a value, without the indices of lists, in lower case.
using Path = std::vector<std::string>;

bool has(const auto& list, std::string_view name) {
    return std::ranges::find(list, name) != list.end();
}

bool is_named_sensitive(const Path& path) {
    if (path.empty() || has(path, "metadata")) return false;  // Stripe shows metadata to everybody
    if (std::ranges::any_of(path, [](const auto& name) { return has(names, name); })) return true;
    const auto& last = path.back();
    if (path.size() == 1) return last == "payload";  // what POST /v1/apps/secrets keeps
    const auto& parent = path[path.size() - 2];
    if (last == "number") return true;  // of a card; an invoice's own number has no parent
    if (last == "value") return parent == "id_numbers";
    return parent == "company" && has(of_companies, last);
}

/// Fourteen to nineteen digits, in groups or not, that begin and add up like those of a card.
bool looks_like_card(std::string_view value) {
    constexpr std::size_t digits_min = 14, digits_max = 19, groups_max = 6;
    if (value.size() > digits_max + groups_max) return false;
    std::vector<int> digits;
    for (const char c : value) {
        if (c >= '0' && c <= '9')
            digits.push_back(c - '0');
        else if (c != ' ' && c != '-')
            return false;
    }
    if (digits.size() < digits_min || digits.size() > digits_max) return false;
    if (digits.front() < 2 || digits.front() > 6) return false;
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const bool doubled = i % 2 == 1;
        const int digit = digits[digits.size() - 1 - i] * (doubled ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

bool is_sensitive(const Path& path, std::string_view value) {
    return is_named_sensitive(path) || (!has(path, "metadata") && looks_like_card(value));
}

/// Whether this part of a path counts the members of a list.
bool is_index(std::string_view part) {
    return std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
}

void go_down(Path& path, std::string_view name) {
    path.push_back(boost::to_lower_copy(std::string(name)));
}

// --- forms ---------------------------------------------------------------------------------------

/// payment_method_data[card][number] as its three parts.
Path path_of(std::string_view name) {
    constexpr std::string_view between = "[] ";
    Path path;
    while (!name.empty()) {
        const auto begin = name.find_first_not_of(between);
        if (begin == std::string_view::npos) break;
        const auto end = std::min(name.find_first_of(between, begin), name.size());
        const auto part = name.substr(begin, end - begin);
        if (!is_index(part)) go_down(path, part);
        name.remove_prefix(end);
    }
    return path;
}

bool is_pair_sensitive(std::string_view name, std::string_view value) {
    const auto decoded_name = percent_decoded(name, true);
    const auto decoded_value = percent_decoded(value, true);
    if (!decoded_name) return true;  // who knows what it stands for
    return is_sensitive(path_of(*decoded_name), decoded_value ? *decoded_value : value);
}

std::string form_without(std::string_view form) {
    std::string out;
    for (;;) {
        const auto end = form.find('&');
        const auto pair = form.substr(0, end);
        const auto equals = pair.find('=');
        const auto name = pair.substr(0, equals);
        const bool known =
            equals == std::string_view::npos || !is_pair_sensitive(name, pair.substr(equals + 1));
        if (known)
            out += pair;
        else
            out.append(name).append("=").append(left_out);
        if (end == std::string_view::npos) return out;
        out += '&';
        form.remove_prefix(end + 1);
    }
}

// --- JSON ----------------------------------------------------------------------------------------

/// Writes a document anew without what is sensitive.
class Redaction {
public:
    std::string write(const simdjson::dom::element& element) {
        if (element.is_object()) return object(element);
        if (element.is_array()) return array(element);
        std::string text = simdjson::minify(element);
        std::string_view value;
        if (element.get(value) != simdjson::SUCCESS) value = text;
        if (!is_sensitive(path_, value)) return text;
        found_ = true;
        return '"' + std::string(left_out) + '"';
    }
    [[nodiscard]] bool found() const { return found_; }

private:
    std::string object(const simdjson::dom::object& members) {
        JsonObject out;
        for (const auto& [name, value] : members) {
            go_down(path_, name);
            out.raw(name, write(value));
            path_.pop_back();
        }
        return out.str();
    }
    std::string array(const simdjson::dom::array& members) {
        JsonArray out;
        for (const auto member : members)
            out.add(write(member));
        return out.str();
    }

    Path path_;
    bool found_ = false;
};

std::string json_without(std::string_view body) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
        return std::string(left_out);
    Redaction redaction;
    auto written = redaction.write(root);
    return redaction.found() ? written : std::string(body);
}

bool is_json(std::string_view body, std::string_view content_type) {
    const auto first = body.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return false;
    return body[first] == '{' || body[first] == '[' ||
           content_type.find("json") != std::string_view::npos;
}

}  // namespace

std::string without_sensitive(std::string_view body, std::string_view content_type) {
    if (body.empty()) return {};
    if (content_type.starts_with("multipart/") || body.starts_with("--"))
        return std::string(left_out);
    return is_json(body, content_type) ? json_without(body) : form_without(body);
}

std::string target_without_sensitive(std::string_view target) {
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return std::string(target);
    return std::string(target.substr(0, mark + 1)).append(form_without(target.substr(mark + 1)));
}

}  // namespace daybook::api
