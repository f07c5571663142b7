// From a request to its answer: key, route, idempotency, parameters, handler, expansion.
#pragma once

#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/http.hpp>
#include <tools/stripe_sim/spec.hpp>

#include <string>
#include <variant>

namespace daybook::sim {

class World;
struct Call;

/// A request that may execute.
struct Admitted {
    ApiRequest request;
    Match match;
    std::string request_id;
    std::string account;       ///< "" is the platform
    bool publishable = false;  ///< came with a pk_ key
    bool holds_key = false;    ///< its idempotency key is in use until it is concluded
    Fault fault;
};

/// In two steps, so that a slow request can wait between them with its idempotency key in use.
class Api {
public:
    explicit Api(World& world) : world_(world) {}

    /// Pages are answered here; so are refusals and replays.
    std::variant<Reply, Admitted> admit(ApiRequest request);

    /// Runs the handler, stores the answer under its key, and adds Stripe's headers.
    Reply execute(Admitted& admitted);

    /// Ends a request that did not execute; `keep` stores the answer under its key.
    Reply conclude(Admitted& admitted, Reply reply, bool keep);

    /// All at once, for callers without sockets; faults that need time or a connection are left
    /// out.
    Reply handle(ApiRequest request);

    /// A request that no wire has seen: the same way to the same handler, from a tree as a form
    /// gives it (numbers may be numbers) to a document. `path` is of Stripe's API; `account` acts.
    /// Throws StripeError, and then takes nothing back that the handler had begun.
    json::object perform(std::string_view method, std::string path, const json::object& params,
                         std::string account = "");

    /// What a refusal looks like as an answer.
    static Reply refusal(const StripeError& error, const std::string& request_id);

private:
    Reply page(const ApiRequest& request, Match match);
    Reply run(const Admitted& admitted, bool& executed);
    json::object answer(Call& call, const json::object& raw);
    /// The same; a refusal leaves nothing behind, unless it is to.
    json::object answer_or_nothing(Call& call, const json::object& raw);
    void identify(Admitted& admitted, bool browser) const;
    bool claim_key(Admitted& admitted, Reply& answer);
    void add_headers(const Admitted& admitted, Reply& reply) const;

    World& world_;
};

}  // namespace daybook::sim
