// Plans, call by call.
#include <api/marketplace/steps.hpp>

namespace daybook::api {

PlanOf::PlanOf(std::string_view kind, const Context& context, std::string_view account)
    : version_(context.node.stripe.api_version) {
    plan_.kind = kind;
    plan_.account = account;
}

PlanOf& PlanOf::add(std::string_view method, std::string path, std::string body) {
    Step step;
    step.method = method;
    step.path = std::move(path);
    step.body = std::move(body);
    step.account = plan_.account;
    step.version = version_;
    if (step.body.empty()) step.content_type.clear();
    plan_.steps.push_back(std::move(step));
    return *this;
}

PlanOf& PlanOf::post(std::string path, const Form& form) {
    return add("POST", std::move(path), form.str());
}

PlanOf& PlanOf::get(std::string path) {
    return add("GET", std::move(path), {});
}

PlanOf& PlanOf::remove(std::string path, const Form& form) {
    if (!form.str().empty()) path.append("?").append(form.str());
    return add("DELETE", std::move(path), {});
}

PlanOf& PlanOf::decide(const JsonObject& decisions) {
    plan_.decisions = decisions.str();
    return *this;
}

std::string stripe_path(std::string_view collection, std::string_view id, std::string_view action) {
    std::string path = "/v1/";
    path.append(collection).append("/").append(percent_encoded(id));
    if (!action.empty()) path.append("/").append(action);
    return path;
}

void add_action_metadata(Form& form, const std::vector<std::pair<std::string, std::string>>& own) {
    for (const auto& [key, value] : own)
        form.entry("metadata", key, value);
    form.refer("metadata[daybook_action]", "{action}");
}

}  // namespace daybook::api
