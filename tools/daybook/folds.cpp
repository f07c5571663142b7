#include <ledger/json_text.hpp>
#include <projections/checkpoint.hpp>
#include <tools/daybook/folds.hpp>
#include <tools/daybook/table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace daybook::tools {

projections::LogOptions log_options(const Config& config, const Database& database) {
    projections::LogOptions log{.conninfo = database.conninfo(), .log_id = 0};
    auto db = database.connect();
    log.livemode = projections::live_tables_livemode(db, log.log_id).value_or(config.livemode);
    return log;
}

std::vector<const projections::Projection*> projections_named(
    const std::vector<std::string>& names) {
    const auto all = projections::all_projections();
    if (names.empty()) return {all.begin(), all.end()};
    std::vector<const projections::Projection*> chosen;
    for (const auto& name : names) {
        const auto* projection = projections::find_projection(name);
        if (projection == nullptr) {
            std::string known;
            for (const auto* each : all)
                known += fmt::format("{}{}", known.empty() ? "" : ", ", each->name);
            throw std::invalid_argument(
                fmt::format("there is no projection '{}'; there are {}", name, known));
        }
        if (std::ranges::find(chosen, projection) == chosen.end()) chosen.push_back(projection);
    }
    return chosen;
}

void print_folded(std::span<const projections::Folded> folded, bool json) {
    TextTable table({"projection", ">version", ">position", ">rows", ">set aside", "digest"});
    JsonArray array;
    for (const auto& result : folded) {
        table.add({result.projection->name, std::to_string(result.projection->version),
                   std::to_string(result.position), grouped(result.rows), grouped(result.set_aside),
                   result.digest.hex()});
        array.add(JsonObject()
                      .text("projection", result.projection->name)
                      .number("version", result.projection->version)
                      .number("position", result.position)
                      .number("rows", result.rows)
                      .number("set_aside", result.set_aside)
                      .text("digest", result.digest.hex())
                      .str());
    }
    fmt::print("{}", json ? array.str() + "\n" : table.str());
}

}  // namespace daybook::tools
