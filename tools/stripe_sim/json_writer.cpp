// Writing JSON as Stripe does, pretty or in one line.
#include <tools/stripe_sim/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace daybook::sim {
namespace {

constexpr std::size_t usual_bytes = 4096;
constexpr std::size_t escaped_bytes_max = 6;  ///< of one character: \u001f
constexpr std::size_t number_bytes_max = 32;

/// Eight characters at once: whether any of them may need an escape. It sees each that does.
bool may_need_escape(std::uint64_t word) {
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
    const auto below = [](std::uint64_t bytes, std::uint64_t limit) {
        return (bytes - ones * limit) & ~bytes;
    };
    const auto quotes = word ^ (ones * std::uint64_t{'"'});
    const auto backslashes = word ^ (ones * std::uint64_t{'\\'});
    return ((below(word, 0x20) | below(quotes, 1) | below(backslashes, 1)) & (ones * 0x80)) != 0;
}

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
        const char* from = text.data();
        const char* const end = from + text.size();
        for (std::uint64_t word = 0; end - from >= 8; from += 8, to += 8) {
            std::memcpy(&word, from, 8);
            if (may_need_escape(word)) break;
            std::memcpy(to, &word, 8);
        }
        for (; from != end; ++from)
            to = escaped(to, *from);
        *to++ = '"';
        arrive(to);
    }

    static char* escaped(char* to, char character) {
        const auto with = [to](char letter) {
            to[0] = '\\';
            to[1] = letter;
            return to + 2;
        };
        switch (character) {
            case '"':
            case '\\': return with(character);
            case '\n': return with('n');
            case '\r': return with('r');
            case '\t': return with('t');
            default: break;
        }
        const auto code = static_cast<unsigned char>(character);
        if (code >= 0x20) {
            *to = character;
            return to + 1;
        }
        constexpr std::string_view digits = "0123456789abcdef";
        std::memcpy(to, "\\u00", 4);
        to[4] = digits[code >> 4U];
        to[5] = digits[code & 0xfU];
        return to + 6;
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
