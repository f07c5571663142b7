#include <api/marketplace/stripe_problem.hpp>

#include <api/problem.hpp>

namespace daybook::api {

Response stripe_problem(const Plan& plan, const StripeAnswer& answer) {
    auto response =
        problem_response(Problem::stripe_unreachable, plan.requester.request_id, answer.body);
    response.status = answer.status;
    return response;
}

}  // namespace daybook::api
