// `daybook keys`: API keys: make one, list them, revoke one.
#include <api/keys.hpp>
#include <ledger/json_text.hpp>
#include <tools/daybook/commands.hpp>
#include <tools/daybook/database.hpp>
#include <tools/daybook/table.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

namespace daybook::tools {
namespace {

struct Options {
    std::vector<std::string> scopes;
    std::string label;
    std::string key_id;
    bool json = false;
};

int run_create(const Options& options) {
    const Database database(read_config(), "keys");
    database.require_schema();
    auto db = database.connect();
    const auto created = api::create_key(db, options.label, options.scopes);
    if (options.json) {
        fmt::print("{}\n",
                   JsonObject().text("key_id", created.key_id).text("key", created.key).str());
        return exit_ok;
    }
    // The key alone on stdout, so that KEY=$(daybook keys create …) works.
    fmt::print("{}\n", created.key);
    fmt::print(stderr, "This is key {}. It is shown once and stored only as a hash: keep it now.\n",
               created.key_id);
    return exit_ok;
}

int run_list(bool json) {
    const Database database(read_config(), "keys");
    database.require_schema();
    auto db = database.connect();
    TextTable table({"key", "label", "scopes", "created", "revoked"});
    JsonArray array;
    for (const auto& key : api::list_keys(db)) {
        JsonArray scopes;
        for (const auto& scope : key.scopes)
            scopes.text(scope);
        table.add({key.key_id, key.label, fmt::format("{}", fmt::join(key.scopes, ", ")),
                   key.created_at, key.revoked_at});
        array.add(JsonObject()
                      .text("key_id", key.key_id)
                      .text("label", key.label)
                      .raw("scopes", scopes.str())
                      .text("created_at", key.created_at)
                      .text_or_null("revoked_at", key.revoked_at)
                      .str());
    }
    if (json)
        fmt::print("{}\n", array.str());
    else
        fmt::print("{}", table.empty() ? "there are no keys\n" : table.str());
    return exit_ok;
}

int run_revoke(const std::string& key_id) {
    if (key_id.starts_with("dbk_"))
        throw std::invalid_argument(
            "that is the key itself; give its id (key_…), which `daybook keys list` shows");
    const Database database(read_config(), "keys");
    database.require_schema();
    auto db = database.connect();
    if (!api::revoke_key(db, key_id)) {
        fmt::print(stderr, "daybook: there is no valid key {}\n", key_id);
        return exit_no;
    }
    fmt::print("revoked {}\n", key_id);
    return exit_ok;
}

}  // namespace

void add_keys(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand("keys", "API keys: create, list, revoke");
    command->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    command->footer(
        "Examples:  KEY=$(daybook keys create --scope admin --label backend)\n"
        "           daybook keys create --scope 'gateway:POST:/v1/payment_intents*' \\\n"
        "               --scope gateway:read --scope only:testmode --label shop\n"
        "           daybook keys list\n"
        "           daybook keys revoke key_4f3a\n"
        "Exits 0, 1 when there is no such key, 2 when there is no such scope.");
    auto* create = command->add_subcommand("create", "Make a key; prints it once");
    create
        ->add_option(
            "--scope", options->scopes,
            fmt::format("What it may do; repeat it for several. There are: {}; and finer: {}",
                        fmt::join(api::known_scopes(), ", "), fmt::join(api::scope_forms(), ", ")))
        ->required()
        ->expected(1)
        ->take_all();
    create->add_option("--label", options->label, "What it is for, for the list of keys");
    create->add_flag("--json", options->json, "One JSON object with key_id and key");
    auto* list = command->add_subcommand("list", "List keys, valid and revoked");
    list->add_flag("--json", options->json, "One JSON array");
    auto* revoke = command->add_subcommand("revoke", "End a key's validity, for good");
    revoke->add_option("key", options->key_id, "Its id (key_…), not the key itself")->required();
    command->callback([=, &chosen] {
        chosen = [=] {
            if (create->parsed()) return run_create(*options);
            if (revoke->parsed()) return run_revoke(options->key_id);
            return run_list(options->json);
        };
    });
}

}  // namespace daybook::tools
