// Putting a plan together: its calls to Stripe, pinned to the version that Daybook is written for.
#pragma once

#include <api/actions/plan.hpp>
#include <api/context.hpp>
#include <api/form.hpp>
#include <ledger/json_text.hpp>

#include <string>
#include <string_view>

namespace daybook::api {

/// A plan of one kind, to which calls are added in their order.
class PlanOf {
public:
    /// `account` is the Stripe-Account of its calls; empty: the platform.
    PlanOf(std::string_view kind, const Context& context, std::string_view account = {});

    PlanOf& post(std::string path, const Form& form);
    PlanOf& get(std::string path);
    PlanOf& remove(std::string path, const Form& form);  ///< DELETE; its parameters go in the query
    PlanOf& decide(const JsonObject& decisions);

    /// The plan; the last that is asked of it.
    [[nodiscard]] Plan plan() { return std::move(plan_); }

private:
    PlanOf& add(std::string_view method, std::string path, std::string body);

    Plan plan_;
    std::string version_;
};

/// "/v1/payment_intents/pi_1/cancel" from ("payment_intents", "pi_1", "cancel"); what a client sent
/// is percent-encoded.
std::string stripe_path(std::string_view collection, std::string_view id,
                        std::string_view action = {});

/// An event-sourced action needs its trace at Stripe: metadata[daybook_action], and the client's.
void add_action_metadata(Form& form, const std::vector<std::pair<std::string, std::string>>& own);

}  // namespace daybook::api
