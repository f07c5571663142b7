// A tree with one level per segment.
#include <tools/stripe_sim/path_tree.hpp>

#include <api/target.hpp>

namespace daybook::sim {
namespace {

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto end = path.find('/');
        segments.push_back(path.substr(0, end));
        path = end == std::string_view::npos ? std::string_view() : path.substr(end);
    }
    return segments;
}

bool is_name(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

void PathTree::add(const Route& route) {
    Node* node = &root_;
    for (const auto segment : split(route.path)) {
        auto& next = is_name(segment) ? node->any : node->literal[std::string(segment)];
        if (!next) next = std::make_unique<Node>();
        node = next.get();
    }
    node->methods[route.method] = &route;
}

const Route* PathTree::find(const Node& node, std::string_view method, const Segments& path,
                            std::size_t depth) {
    if (depth == path.size()) {
        const auto found = node.methods.find(method);
        return found == node.methods.end() ? nullptr : found->second;
    }
    if (const auto next = node.literal.find(path[depth]); next != node.literal.end())
        if (const auto* route = find(*next->second, method, path, depth + 1)) return route;
    if (node.any && !path[depth].empty()) return find(*node.any, method, path, depth + 1);
    return nullptr;
}

void PathTree::find(std::string_view method, std::string_view path, Match& match) const {
    const auto segments = split(path);
    const auto* route = find(root_, method, segments, 0);
    if (!route) return;
    std::size_t i = 0;
    for (const auto pattern : split(route->path)) {
        const auto segment = segments[i++];
        if (!is_name(pattern)) continue;
        auto id = api::percent_decoded(segment, false);
        if (!id) return;
        match.ids.emplace_back(pattern.substr(1, pattern.size() - 2), std::move(*id));
    }
    match.route = route;
}

const Route* PathTree::exact(std::string_view method, std::string_view pattern) const {
    const Node* node = &root_;
    for (const auto segment : split(pattern)) {
        if (is_name(segment)) {
            node = node->any.get();
        } else {
            const auto next = node->literal.find(segment);
            node = next == node->literal.end() ? nullptr : next->second.get();
        }
        if (!node) return nullptr;
    }
    const auto found = node->methods.find(method);
    return found != node->methods.end() && found->second->path == pattern ? found->second : nullptr;
}

}  // namespace daybook::sim
