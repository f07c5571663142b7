// Writing JSON as Stripe does, pretty or in one line.
#include <tools/stripe_sim/json.hpp>

#include <ledger/json_text.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace daybook::sim {
namespace {

constexpr std::size_t usual_bytes = 4096;
constexpr std::size_t escaped_bytes_max = 6;  ///< of one character: \u001f
constexpr std::size_t number_bytes_max = 32;

/// Appends to a string that is longer than what is written until the end: events are many, and
/// asking the string for room with each piece takes as long as writing it.
class Writer {
public:
    Writer(std::string& out, bool indented) : out_(out), at_(out.size()), indented_(indented) {
        need(usual_bytes);
    }
    ~Writer() {
        out_.resize_and_overwrite(at_, [this](char*, std::size_t) { return at_; });
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void write(const json::value& value) {
        switch (value.kind()) {
            case json::kind::object: return write(value.get_object());
            case json::kind::array: return write(value.get_array());
            case json::kind::string: return text(value.get_string());
            case json::kind::null: return raw("null");
            case json::kind::bool_: return raw(value.get_bool() ? "true" : "false");
            case json::kind::int64: return number(value.get_int64());
            case json::kind::uint64: return number(value.get_uint64());
            case json::kind::double_: return number(value.get_double());
        }
    }

    void write(const json::object& object) {
        raw("{");
        indent_ += 2;
        bool first = true;
        for (const auto& [name, item] : object) {
            begin_item(std::exchange(first, false));
            text(name);
            raw(indented_ ? ": " : ":");
            write(item);
        }
        indent_ -= 2;
        if (!first) new_line();
        raw("}");
    }

private:
    void write(const json::array& array) {
        raw("[");
        indent_ += 2;
        bool first = true;
        for (const auto& item : array) {
            begin_item(std::exchange(first, false));
            write(item);
        }
        indent_ -= 2;
        if (!first) new_line();
        raw("]");
    }

    void begin_item(bool first) {
        if (!first) raw(",");
        new_line();
    }

    void new_line() {
        if (!indented_) return;
        need(1 + indent_);
        *here() = '\n';
        std::memset(here() + 1, ' ', indent_);
        at_ += 1 + indent_;
    }

    void raw(std::string_view piece) {
        need(piece.size());
        std::memcpy(here(), piece.data(), piece.size());
        at_ += piece.size();
    }

    void number(auto value) {
        need(number_bytes_max);
        arrive(std::to_chars(here(), here() + number_bytes_max, value).ptr);
    }

    void text(std::string_view text) {
        need(text.size() * escaped_bytes_max + 2);
        char* to = here();
        *to++ = '"';
        for (;;) {
            const auto plain = json_plain_length(text);
            to = std::copy_n(text.data(), plain, to);
            text.remove_prefix(plain);
            if (text.empty()) break;
            to = write_json_escape(to, text.front());
            text.remove_prefix(1);
        }
        *to++ = '"';
        arrive(to);
    }

    [[nodiscard]] char* here() const { return out_.data() + at_; }
    void arrive(const char* there) { at_ = static_cast<std::size_t>(there - out_.data()); }

    void need(std::size_t bytes) {
        if (out_.size() - at_ >= bytes) return;
        out_.resize_and_overwrite(std::max(at_ + bytes, out_.capacity()),
                                  [](char*, std::size_t all) { return all; });
    }

    std::string& out_;
    std::size_t at_ = 0;  ///< what is beyond is not written yet
    std::size_t indent_ = 0;
    bool indented_;
};

}  // namespace

void append_pretty(std::string& out, const json::value& value) {
    Writer(out, true).write(value);
}

void append_pretty(std::string& out, const json::object& object) {
    Writer(out, true).write(object);
}

std::string pretty(const json::object& document) {
    std::string out;
    append_pretty(out, document);
    return out;
}

void append_compact(std::string& out, const json::value& value) {
    Writer(out, false).write(value);
}

void append_compact(std::string& out, const json::object& object) {
    Writer(out, false).write(object);
}

std::string compact(const json::object& document) {
    std::string out;
    append_compact(out, document);
    return out;
}

}  // namespace daybook::sim
