// What goes wrong on purpose: a list of rules, each with a seed, for requests and for deliveries.
#pragma once

#include <tools/stripe_sim/clock.hpp>
#include <tools/stripe_sim/http.hpp>
#include <tools/stripe_sim/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

class Idempotency;

/// What is to go wrong with one event on its way to one target. The default is nothing.
struct DeliveryFault {
    bool lose = false;
    bool wrong_signature = false;
    bool null_balance_transaction = false;
    std::int64_t copies = 0;   ///< in addition
    std::uint64_t shift = 0;   ///< how many later events may overtake it
    Seconds delay = 0;         ///< virtual
    std::uint8_t version = 0;  ///< of known_versions()
};

/// Deterministic: whether a rule strikes depends on its seed and on how many requests or events it
/// saw before, never on time or threads.
class FaultRules {
public:
    /// Adds a rule and returns it as it is shown. Throws StripeError 400 for what makes no sense.
    json::object add(const json::object& given, Seconds now);
    /// False when there is no such rule.
    bool remove(std::string_view id);
    void clear() { rules_.clear(); }
    [[nodiscard]] json::array shown() const;

    /// Asked for every API request that found its route and whose key is good. May make
    /// `idempotency` forget the request's key.
    Fault judge(const ApiRequest& request, const std::string& request_id, std::string_view account,
                Idempotency& idempotency, Seconds now);
    /// Asked for every event that a target takes.
    DeliveryFault judge(std::string_view target, std::string_view event_type, Seconds now);

    [[nodiscard]] json::object saved() const;
    void resume(const json::object& saved);

private:
    struct Rule {
        std::string id;
        std::string kind;
        std::string method;  ///< "" is any
        std::string path;    ///< "" is any; * stands for anything
        std::string event;   ///< pattern; "" is any
        std::string target;  ///< "" is any
        std::string reason;  ///< Stripe-Rate-Limited-Reason
        std::string version;
        std::int64_t parts_per_million = 1'000'000;
        std::optional<std::int64_t> left;  ///< how often it may still strike
        std::int64_t skip = 0;             ///< that pass first
        std::uint64_t seed = 1;
        std::int64_t delay_ms = 0;
        Seconds delay = 0;
        std::int64_t window = 0;
        std::int64_t status = 0;
        std::optional<bool> keep;
        std::optional<Seconds> until;
        std::int64_t seen = 0;    ///< that matched
        std::int64_t struck = 0;  ///< that went wrong

        [[nodiscard]] std::uint64_t chance() const;
        bool strikes(Seconds now);
    };

    static Rule read(const json::object& given);
    static json::object show(const Rule& rule);
    static void apply(const Rule& rule, const std::string& request_id, Fault& fault);

    std::vector<Rule> rules_;
    std::uint64_t made_ = 0;
};

}  // namespace daybook::sim
