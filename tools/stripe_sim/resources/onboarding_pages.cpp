// What the owner of an account sees: the onboarding form, step by step, and a bare dashboard.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/embedded.hpp>
#include <tools/stripe_sim/html.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/onboarding.hpp>
#include <tools/stripe_sim/requirements.hpp>
#include <tools/stripe_sim/resources/account_links.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

constexpr std::string_view session_type = "onboarding_session";

struct Step {
    std::string_view heading;
    std::array<std::string_view, 3> prefixes;
};
constexpr std::array steps = {
    Step{"Your business", {"business_type", "business_profile.", "company."}},
    Step{"About you", {"individual.", "representative.", "person_"}},
    Step{"Where your payouts go", {"external_account", "external_account", "external_account"}},
    Step{"Terms of service", {"tos_acceptance.", "tos_acceptance.", "tos_acceptance."}},
    Step{"Further details", {"", "", ""}},
};

Reply redirect(std::string_view url) {
    Reply reply;
    reply.status = 303;
    reply.headers = fmt::format("Location: {}\r\n", url);
    return reply;
}

Reply shell(std::string_view heading, std::string_view account, std::string_view body) {
    return html_reply(html_filled(
        embedded::file("pages/onboarding.html"),
        {{"heading", html_escaped(heading)}, {"account", html_escaped(account)}, {"body", body}}));
}

Reply gone(std::string_view what) {
    auto reply = shell("Not found", "", fmt::format("<p>{}</p>", html_escaped(what)));
    reply.status = 404;
    return reply;
}

bool belongs(std::string_view field, const Step& step) {
    return std::ranges::any_of(step.prefixes,
                               [&](std::string_view prefix) { return field.starts_with(prefix); });
}

/// The fields of the first step that has any.
struct Form {
    std::string_view heading;
    std::vector<std::string> fields;
};
Form form_of(const json::object& account, const json::object& session) {
    const auto* due = text(session, "collect") == "eventually_due" ? "requirements.eventually_due"
                                                                   : "requirements.currently_due";
    Form form;
    for (const auto& step : steps) {
        form.heading = step.heading;
        for (const auto& field : array(account, due))
            if (belongs(field.as_string(), step)) form.fields.emplace_back(field.as_string());
        if (!form.fields.empty()) break;
    }
    return form;
}

/// "individual.dob.day" as people read it: "Dob day".
std::string label_of(std::string_view field) {
    for (const auto prefix : {"individual.", "representative.", "business_profile.", "company."})
        if (field.starts_with(prefix)) field.remove_prefix(std::string_view(prefix).size());
    if (field.starts_with("person_")) field.remove_prefix(field.find('.') + 1);
    std::string label(field);
    std::ranges::replace(label, '.', ' ');
    std::ranges::replace(label, '_', ' ');
    if (label.front() >= 'a' && label.front() <= 'z')
        label.front() = static_cast<char>(label.front() - 'a' + 'A');
    return label;
}

std::string input_of(std::string_view field) {
    const auto name = html_escaped(field);
    const auto label = html_escaped(label_of(field));
    if (field == "business_type")
        return fmt::format(
            "<label class=\"text\">{}\n<select name=\"{}\" data-test=\"individual\">"
            "<option>individual</option><option>company</option>"
            "<option>non_profit</option></select></label>\n",
            label, name);
    const auto test = test_value(field);
    return fmt::format(
        "<label class=\"text\">{}\n<input name=\"{}\" data-test=\"{}\" required></label>\n", label,
        name, html_escaped(test.empty() ? "test" : test));
}

std::string body_of(const Form& form) {
    if (form.fields.empty())
        return "<p>Nothing is missing.</p>\n"
               "<form method=\"post\"><button class=\"wide\">Return to the "
               "platform</button></form>\n";
    std::string body = "<form method=\"post\">\n";
    const bool terms = form.fields.front().starts_with("tos_acceptance.");
    if (terms) body += "<p>By submitting you agree to the terms of a simulator.</p>\n";
    for (const auto& field : form.fields)
        if (!terms) body += input_of(field);
    if (!terms)
        body +=
            "<p><button type=\"button\" class=\"wide plain\" data-use-test-data>Use test data"
            "</button></p>\n";
    body += fmt::format("<p><button class=\"wide\">{}</button></p>\n",
                        terms ? "Agree and submit" : "Continue");
    return body + "</form>\n";
}

/// Opens a link: once, and not for long.
Reply enter(PageCall& call) {
    const Scope platform(call.world, "");
    auto* link = call.world.store.edit("", onboarding_link, call.id("token"));
    if (!link || !platform.find("account", text(*link, "account")))
        return gone("There is no such link.");
    if (flag(*link, "used") || integer(*link, "expires_at") <= platform.now())
        return redirect(text(*link, "refresh_url"));
    (*link)["used"] = true;
    json::object session(*link);
    const auto id = call.world.ids.letters(24);
    session["id"] = id;
    session["object"] = std::string(session_type);
    platform.put(std::move(session));
    return redirect(fmt::format("/_sim/onboarding/form/{}", id));
}

Reply show(PageCall& call) {
    const Scope platform(call.world, "");
    const auto* session = platform.find(session_type, call.id("session"));
    const auto* account = session ? platform.find("account", text(*session, "account")) : nullptr;
    if (!account) return gone("This form is finished.");
    const auto form = form_of(*account, *session);
    return shell(form.heading, text(*account, "id"), body_of(form));
}

Reply submit(PageCall& call) {
    const Scope platform(call.world, "");
    const auto* session = platform.find(session_type, call.id("session"));
    const auto* account = session ? platform.find("account", text(*session, "account")) : nullptr;
    if (!account) return gone("This form is finished.");
    const auto form = form_of(*account, *session);
    json::object answers(call.params);
    for (const auto& field : form.fields) {
        if (field == "tos_acceptance.date") answers[field] = std::to_string(platform.now());
        if (field == "tos_acceptance.ip") answers[field] = "127.0.0.1";
    }
    if (!form.fields.empty()) answer_requirements(platform, text(*account, "id"), answers);
    if (!form.fields.empty() && !form_of(*account, *session).fields.empty())
        return redirect(fmt::format("/_sim/onboarding/form/{}", call.id("session")));
    const std::string url(text(*session, "return_url"));
    platform.erase(session_type, call.id("session"));
    return redirect(url);
}

std::string balance_rows(const World& world, std::string_view account) {
    std::string rows;
    for (const auto& [currency, amounts] : world.balances.of(account))
        rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", currency,
                            shown_amount(amounts.available, currency),
                            shown_amount(amounts.pending, currency));
    return rows;
}

/// Where a login link leads.
Reply dashboard(PageCall& call) {
    const Scope owner(call.world, std::string(call.id("account")));
    const auto* account = owner.on("").find("account", owner.account);
    if (!account) return gone("There is no such account.");
    std::string body =
        "<h2>Balance</h2><table><tr><th>Currency</th><th>Available</th>"
        "<th>Pending</th></tr>\n";
    body += balance_rows(call.world, owner.account) + "</table>\n<h2>Payouts</h2><table>\n";
    for (const auto* payout : call.world.store.page(owner.account, "payout", {}).items)
        body += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", text(*payout, "id"),
                            shown_amount(integer(*payout, "amount"), text(*payout, "currency")),
                            text(*payout, "status"));
    return shell("Express dashboard", owner.account, body + "</table>\n");
}

}  // namespace

void add_onboarding_pages(Routes& on) {
    on.page("GET", "/_sim/onboarding/{token}", enter);
    on.page("GET", "/_sim/onboarding/form/{session}", show);
    on.page("POST", "/_sim/onboarding/form/{session}", submit);
    on.page("GET", "/_sim/express/{account}", dashboard);
}

}  // namespace daybook::sim
