// Stripe's form encoding, for the calls that Daybook makes up itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::api {

/// A form under construction. Names are written out as Stripe nests them,
/// `transfer_data[destination]`, and are the caller's own text; values are escaped. In escaped text
/// there are no braces, so what a client sent can never become a reference.
class Form {
public:
    /// Does nothing for an empty value: an empty parameter would unset the field.
    Form& text(std::string_view name, std::string_view value);
    Form& whole(std::string_view name, std::int64_t value);
    Form& boolean(std::string_view name, bool value);
    Form& unset(std::string_view name);
    /// `reference` stands for a value that is not known yet: `{0.id}` of an earlier step's answer,
    /// `{action}` for the id of the action, or text around one. It is not escaped.
    Form& refer(std::string_view name, std::string_view reference);
    /// metadata[key] below `name`; an empty value removes the key at Stripe. The key is escaped.
    Form& entry(std::string_view name, std::string_view key, std::string_view value);

    [[nodiscard]] const std::string& str() const { return encoded_; }

private:
    void begin(std::string_view name);
    std::string encoded_;
};

/// "items[2][price]" from ("items", 2, "price"); without the last part from ("items", 2).
std::string nested(std::string_view list, std::size_t index, std::string_view member = {});

/// Percent-encoding of all but A-Z a-z 0-9 - _ . ~
std::string percent_encoded(std::string_view text);

}  // namespace daybook::api
