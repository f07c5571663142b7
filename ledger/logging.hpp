// The service's own log: lines on stderr, as text for people or as JSON for machines.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace daybook::logging {

enum class Format { text, json };

/// Sets level (trace, debug, info, warn, error, off) and format for the process. Call once, before
/// other threads start; until then lines go out as text at level info.
void set_up(std::string_view level, Format format);

/// A fact beside the message. Never a secret, a payload, or card data.
class Field {
public:
    Field(std::string_view name, std::string_view value) : name_(name), value_(value) {}
    Field(std::string_view name, const char* value) : name_(name), value_(value) {}
    Field(std::string_view name, const std::string& value) : name_(name), value_(value) {}
    Field(std::string_view name, std::int64_t value)
        : name_(name), value_(std::to_string(value)), number_(true) {}

    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] const std::string& value() const { return value_; }
    [[nodiscard]] bool is_number() const { return number_; }

private:
    std::string_view name_;
    std::string value_;
    bool number_ = false;
};
using Fields = std::initializer_list<Field>;

/// Thread-safe, all of them. `message` is constant text; what varies goes into fields.
void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warn(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});

}  // namespace daybook::logging
