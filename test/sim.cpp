// Requests as the official clients send them, minus the wire.
#include <test/sim.hpp>

#include <tools/stripe_sim/payout_schedule.hpp>
#include <tools/stripe_sim/state.hpp>

namespace daybook::test {
namespace {

sim::Config frozen() {
    sim::Config config;
    config.clock = sim::Clock::Mode::frozen;
    config.start = Sim::start;
    return config;
}

}  // namespace

Sim::Sim() : world(frozen()), api_(world) {
    // So that sums stay what the test made them, however many days pass.
    sim::change_schedule(sim::edit_balance_settings({world, ""}), {{"interval", "manual"}});
}

Sim::Sim(const std::filesystem::path& state) : world(frozen()), api_(world) {
    sim::load_state(world, state);
}

Sim::Answer Sim::send(sim::ApiRequest request) {
    if (request.authorization.empty()) request.authorization = "Bearer sk_test_0123456789";
    if (request.stripe_account.empty()) request.stripe_account = account_;
    const auto reply = api_.handle(std::move(request));
    Answer answer;
    answer.status = reply.status;
    answer.headers = reply.headers;
    answer.body = sim::json::parse(reply.body).as_object();
    return answer;
}

Sim::Answer Sim::get(std::string_view path, std::string_view query) {
    sim::ApiRequest request;
    request.method = "GET";
    request.path = path;
    request.query = query;
    request.stripe_version = world.spec.version();
    return send(std::move(request));
}

Sim::Answer Sim::post(std::string_view path, std::string_view form, std::string_view key) {
    sim::ApiRequest request;
    request.method = "POST";
    request.path = path;
    request.body = form;
    request.content_type = "application/x-www-form-urlencoded";
    request.idempotency_key = key;
    request.stripe_version = world.spec.version();
    return send(std::move(request));
}

Sim::Answer Sim::del(std::string_view path) {
    sim::ApiRequest request;
    request.method = "DELETE";
    request.path = path;
    return send(std::move(request));
}

std::string Sim::seller() {
    const sim::Scope platform(world, "");
    auto account = platform.begin("account", "acct_");
    account["capabilities"] = {{"card_payments", "active"}, {"transfers", "active"}};
    return std::string(sim::text(platform.put(std::move(account)), "id"));
}

std::vector<std::string> Sim::events(std::string_view account) {
    std::vector<std::string> types;
    for (std::size_t i = 0; i < world.events.count(); ++i)
        if (world.events.head(i).account == account) types.emplace_back(world.events.head(i).type);
    return types;
}

std::int64_t Sim::net(std::string_view account) {
    std::int64_t sum = 0;
    world.store.each(account, "balance_transaction", [&sum](const sim::json::object& transaction) {
        sum += sim::integer(transaction, "net");
    });
    return sum;
}

}  // namespace daybook::test
