#include <projections/prepare.hpp>

#include <projections/checkpoint.hpp>
#include <projections/layout.hpp>

#include <ledger/log.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace daybook::projections {
namespace {

/// A projection that is new to a log longer than this is built in bulk, not event by event.
constexpr std::int64_t live_start_max = 20'000;

/// Two nodes that rebuild the tables for each other's kind of money would serve now this, now that.
void require_mode(pg::Connection& db, const ProjectorOptions& options) {
    const auto other = db.run(
        "SELECT lease_owner FROM ledger.projections WHERE log_id = $1 AND schema_name = $2"
        " AND livemode <> $3 AND lease_owner <> $4 AND lease_until > clock_timestamp()",
        pg::Params()
            .number(options.log_id)
            .text(live_schema)
            .boolean(options.livemode)
            .text(options.node));
    if (other.rows() > 0)
        throw std::runtime_error(
            fmt::format("node {} keeps the tables with STRIPE_LIVEMODE={}, and this one has {}",
                        other.text(0, 0), !options.livemode, options.livemode));
}

void prepare_group(pg::Connection& db, const ProjectorOptions& options, const Group& group,
                   std::vector<const Projection*>& stale) {
    const Site site{options.log_id, std::string(live_schema), &group};
    pg::Transaction transaction(db);
    db.run("SELECT pg_advisory_xact_lock(hashtext('daybook.projections'))");
    std::vector<std::optional<Checkpoint>> found;
    for (const auto* member : group.members())
        found.push_back(read_checkpoint(db, site.place(*member)));
    const bool anew = std::ranges::none_of(found, &std::optional<Checkpoint>::has_value);
    if (anew) {
        for (const auto& table : physical_tables(group)) {
            create_table(db, table, live_schema);
            create_indexes(db, table, live_schema);
        }
    }
    const bool in_bulk = !anew || head_position(db, options.log_id) > live_start_max;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& member = *group.members()[i];
        if (!found[i]) {
            Checkpoint fresh;
            fresh.version = in_bulk ? 0 : member.version;
            fresh.livemode = options.livemode;
            write_checkpoint(db, site.place(member), fresh);
            found[i] = fresh;
        }
        if (found[i]->version < member.version ||
            (found[i]->version == member.version && found[i]->livemode != options.livemode))
            stale.push_back(&member);
    }
    transaction.commit();
}

}  // namespace

std::vector<const Projection*> prepare_tables(pg::Connection& db, const ProjectorOptions& options) {
    require_mode(db, options);
    std::vector<const Projection*> stale;
    for (const auto* group : all_groups())
        prepare_group(db, options, *group, stale);
    return stale;
}

}  // namespace daybook::projections
