// One API request on its way through a handler.
#pragma once

#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/routes.hpp>
#include <tools/stripe_sim/scope.hpp>
#include <tools/stripe_sim/spec.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::sim {

/// The caller's scope (the platform, or the account of Stripe-Account) with the request.
struct Call : Scope {
    Call(World& in, std::string of, const Route& on) : Scope(in, std::move(of)), route(on) {}

    /// What stands for {name} in the path.
    [[nodiscard]] std::string_view id(std::string_view name) const;

    // --- parameters, checked and typed; dotted paths reach into maps -------------------------
    /// Given, and not unset with ''.
    [[nodiscard]] bool has(std::string_view path) const { return sim::has(params, path); }
    /// Given at all; '' counts. Top level alone.
    [[nodiscard]] bool mentions(std::string_view name) const { return params.contains(name); }
    [[nodiscard]] std::string_view text(std::string_view path) const {
        return sim::text(params, path);
    }
    [[nodiscard]] std::int64_t integer(std::string_view path, std::int64_t other = 0) const {
        return sim::integer(params, path, other);
    }
    [[nodiscard]] bool flag(std::string_view path, bool other = false) const {
        return sim::flag(params, path, other);
    }
    [[nodiscard]] const json::object& object(std::string_view path) const {
        return sim::object(params, path);
    }
    [[nodiscard]] const json::array& array(std::string_view path) const {
        return sim::array(params, path);
    }

    // --- from parameters into documents --------------------------------------------------------
    /// Copies the mentioned ones into members of the same name; '' makes them null. An object is
    /// taken whole, with null for what it lacks.
    void copy(json::object& document, Names names) const;
    /// Merges metadata: '' for a key removes it, '' for all removes all.
    void copy_metadata(json::object& document) const { merge_metadata(document, params); }
    static void merge_metadata(json::object& document, const json::object& params);

    /// A publishable key may only act with the object's client_secret; 401 otherwise.
    void check_client_secret(const json::object& document) const;

    const Route& route;
    std::vector<std::pair<std::string_view, std::string>> ids;
    json::object params;
    std::string url;      ///< the path as requested
    std::string version;  ///< Stripe-Version, "" when none was sent
    std::string request_id;
    std::string idempotency_key;  ///< "" when none was sent
    bool publishable = false;     ///< came with a pk_ key
    std::string client_secret;    ///< what it came with
};

/// A request for a page or a private endpoint.
struct PageCall {
    [[nodiscard]] std::string_view id(std::string_view name) const;

    World& world;
    const ApiRequest& request;
    std::vector<std::pair<std::string_view, std::string>> ids;
    json::object params;  ///< the query, and the body if it is a form or JSON; not checked
};

/// A JSON answer for pages.
Reply json_reply(const json::value& body, int status = 200);
Reply html_reply(std::string html);

/// {"object":"list", ...} of rendered documents.
json::object list_of(const Scope& scope, std::string_view url,
                     const std::vector<const json::object*>& items, bool has_more = false);

/// {"id", "object", "deleted": true}
json::object deleted(std::string_view type, std::string_view id);

}  // namespace daybook::sim
