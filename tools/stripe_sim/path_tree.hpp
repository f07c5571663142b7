// Finds a route by its path: literal segments before {names}. Only spec.cpp uses it.
#pragma once

#include <tools/stripe_sim/spec.hpp>

namespace daybook::sim {

class PathTree {
public:
    void add(const Route& route);

    /// Adds what stands for each {name} to `match.ids`.
    void find(std::string_view method, std::string_view path, Match& match) const;

    [[nodiscard]] const Route* exact(std::string_view method, std::string_view pattern) const;

private:
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> literal;
        std::unique_ptr<Node> any;
        std::map<std::string, const Route*, std::less<>> methods;
    };
    using Segments = std::vector<std::string_view>;

    static const Route* find(const Node& node, std::string_view method, const Segments& path,
                             std::size_t depth);

    Node root_;
};

}  // namespace daybook::sim
