// What the files of Input share: the parsed body, the objects met in it, the problems noted.
#pragma once

#include <api/input.hpp>

#include <simdjson.h>

#include <algorithm>

namespace daybook::api {

/// A name as one step of a JSON pointer (RFC 6901).
inline std::string escaped(std::string_view name) {
    std::string step;
    for (const char c : name) {
        if (c == '~')
            step += "~0";
        else if (c == '/')
            step += "~1";
        else
            step += c;
    }
    return step;
}

/// Line ends and tabs may stand in a text.
inline bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
}

constexpr std::size_t problems_max = 100;
constexpr std::size_t members_max = 256;

struct Input::Body {
    struct Met {
        simdjson::dom::object object;
        std::string pointer;
        std::vector<std::string> read;
    };
    struct Noted {
        std::string pointer;
        std::string detail;
    };
    simdjson::dom::parser parser;
    std::vector<Met> met;
    std::vector<Noted> problems;

    void note(std::string pointer, std::string detail) {
        if (problems.size() < problems_max)
            problems.push_back({std::move(pointer), std::move(detail)});
    }
    /// Takes an object in; names given twice are a problem, because readers disagree on them.
    std::size_t meet(simdjson::dom::object object, std::string pointer) {
        std::vector<std::string_view> names;
        for (const auto member : object) {
            if (std::ranges::find(names, member.key) != names.end())
                note(pointer + '/' + escaped(member.key), "is given more than once");
            names.push_back(member.key);
            if (names.size() > members_max) {
                note(pointer, "has too many members");
                break;
            }
        }
        met.push_back({object, std::move(pointer), {}});
        return met.size() - 1;
    }
};

/// A member that is there and not null.
struct Input::Found {
    std::optional<simdjson::dom::element> element;
};

}  // namespace daybook::api
