// `daybook serve`: the service: database, appender, projectors and HTTP, until a signal ends it.
#include <api/service.hpp>
#include <ledger/appender.hpp>
#include <ledger/logging.hpp>
#include <ledger/sealer.hpp>
#include <projections/projectors.hpp>
#include <tools/daybook/commands.hpp>
#include <tools/daybook/database.hpp>
#include <tools/daybook/simulated_stripe.hpp>
#include <tools/daybook/version.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>

namespace daybook::tools {
namespace {

constexpr auto connect_patience = std::chrono::milliseconds(3000);
constexpr auto connect_poll = std::chrono::milliseconds(2);

/// Known to this process alone.
std::string passing_secret() {
    std::random_device random;
    std::string secret = "whsec_";
    for (int i = 0; i < 4; ++i)
        secret += fmt::format("{:08x}", random());
    return secret;
}

/// The signals that the main thread waits for; every thread started later leaves them to it.
sigset_t take_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGCHLD})
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // a client that hung up is an error of its own connection
    return signals;
}

void prepare_process() {
    // One descriptor a connection: what the system allows, not what a shell starts with.
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

/// Unique among the processes that share a database: host, process, and the moment of its start.
std::string node_name() {
    std::array<char, 256> host{};
    gethostname(host.data(), host.size() - 1);
    return fmt::format("{}:{}:{:x}", host.data(), getpid(),
                       std::chrono::system_clock::now().time_since_epoch().count());
}

/// Fills in the secrets that the embedded default makes for itself, and says where they are. With a
/// database elsewhere only a simulated Stripe needs them, which is told anew at each start.
std::string complete_secrets(Config& config, const Database& database) {
    const auto* directory = database.data_directory();
    std::string where;
    const auto complete = [&](std::vector<std::string>& secrets, std::string_view file,
                              std::string_view path) {
        if (!secrets.empty()) return;
        if (!directory) return secrets.push_back(passing_secret());
        secrets.push_back(directory->webhook_secret(file));
        where +=
            fmt::format("; signing secret of {} in {}", path, (directory->path() / file).string());
    };
    complete(config.webhook_secrets, secret_file, "/webhooks/stripe");
    complete(config.connect_secrets, connect_secret_file, "/webhooks/stripe/connect");
    return where;
}

/// The parts of the service. They end in the reverse order of their start: HTTP stops and drains,
/// the appender commits what was accepted, the projectors write their checkpoints.
class Node {
public:
    Node(const Config& config, const Database& database)
        : projectors_({.conninfo = database.conninfo(),
                       .log_id = 0,
                       .livemode = config.livemode,
                       .node = node_name(),
                       .listen = config.notify}),
          appender_(database.conninfo(), 0),
          sealer_(database.conninfo(), 0) {
        appender_.on_commit([this](std::int64_t head) { projectors_.wake(head); });
        listen(config, database);
        http_ = std::thread([this] { run_http(); });
        // Ready means that webhooks are taken, which a log out of reach only delays.
        for (auto left = connect_patience; !appender_.stats().connected && left.count() > 0;
             left -= connect_poll)
            std::this_thread::sleep_for(connect_poll);
    }

    ~Node() {
        service_->stop();
        http_.join();
    }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    [[nodiscard]] std::uint16_t port() const { return service_->port(); }

private:
    void listen(const Config& config, const Database& database) {
        try {
            service_.emplace(appender_, projectors_,
                             api::ApiOptions{.listen = config.listen.text(),
                                             .conninfo = database.conninfo(),
                                             .log_id = 0,
                                             .secrets = config.webhook_secrets,
                                             .connect_secrets = config.connect_secrets,
                                             .livemode = config.livemode,
                                             .stripe = config.stripe});
        } catch (const pg::Error&) {
            throw;
        } catch (const std::runtime_error& error) {
            throw BadConfig(fmt::format("DAYBOOK_LISTEN: {}", error.what()));
        }
    }

    void run_http() {
        try {
            service_->run();
        } catch (const std::exception& error) {
            // Without its listener a service is worth nothing: let the supervisor start it anew.
            logging::error("the HTTP service ended", {{"error", error.what()}});
            std::terminate();
        }
    }

    projections::Projectors projectors_;
    Appender appender_;
    Sealer sealer_;
    std::optional<api::Service> service_;
    std::thread http_;
};

/// Until SIGTERM or SIGINT. A Postgres of ours that dies meanwhile is started again; the appender
/// and the projectors reconnect by themselves.
void wait_for_the_end(const sigset_t& signals, EmbeddedPostgres* server) {
    for (;;) {
        siginfo_t info{};
        const int signal = sigwaitinfo(&signals, &info);
        if (signal == SIGTERM || signal == SIGINT) {
            logging::info("shutting down", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
            return;
        }
        if (signal != SIGCHLD || server == nullptr || !server->died()) continue;
        logging::error("the embedded Postgres died; starting it again");
        server->start();
        logging::info("the embedded Postgres is back");
    }
}

int run_serve() {
    auto config = read_config();
    require_secrets(config);
    logging::set_up(config.log_level, config.log_format);
    const auto signals = take_signals();
    prepare_process();

    const Database database(config, "serve");
    for (const auto& file : database.migrate())
        logging::info("migration applied", {{"file", file}});
    const auto secrets = complete_secrets(config, database);
    {
        std::optional<SimulatedStripe> simulated;
        if (config.simulates()) config.stripe = simulated.emplace(config).settings();
        const Node node(config, database);
        config.listen.port = node.port();
        if (simulated) simulated->run(node.port());
        logging::info("serving", {{"version", version},
                                  {"listen", config.listen.text()},
                                  {"livemode", config.livemode ? "true" : "false"},
                                  {"database", config.embedded() ? "embedded" : "external"}});
        fmt::print(
            "daybook is ready on http://{}{}{}; API keys: daybook keys create --scope admin\n",
            config.listen.text(), secrets,
            simulated ? fmt::format("; a Stripe simulator (not Stripe) delivers to it from {}",
                                    simulated->url())
                      : "");
        std::fflush(stdout);
        wait_for_the_end(signals, database.server());
    }
    logging::info("stopped");
    return exit_ok;
}

}  // namespace

void add_serve(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand("serve", "Run the service: webhooks, projections, queries");
    const std::string about =
        "Brings the schema up to date, then takes Stripe's webhooks, keeps the projections "
        "current\n"
        "and answers queries, until SIGTERM or SIGINT, when it finishes what it accepted. Without\n"
        "DATABASE_URL it starts a Postgres of its own in DAYBOOK_DATA_DIR and makes the webhook\n"
        "secrets that are not configured; without STRIPE_SECRET_KEY, too, it brings a Stripe\n"
        "simulator that delivers to it (DAYBOOK_SIMULATOR=off: none). One line on stdout says when "
        "it is ready, and where.";
    command->footer(
        about +
        "\n\nExamples:  daybook serve\n"
        "           DATABASE_URL=postgres://daybook@db/shop STRIPE_WEBHOOK_SECRET=whsec_… \\\n"
        "               STRIPE_CONNECT_WEBHOOK_SECRET=whsec_… daybook serve\n"
        "Exits 0 after a signal, 2 for a bad configuration or a data directory in use, 3 when the\n"
        "database cannot be reached at the start.");
    command->callback([&chosen] { chosen = run_serve; });
}

}  // namespace daybook::tools
