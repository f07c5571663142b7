#include <projections/checkpoint.hpp>

#include <projections/layout.hpp>

#include <fmt/format.h>

#include <stdexcept>

namespace daybook::projections {
namespace {

pg::Params at(const Place& place) {
    pg::Params params;
    params.number(place.log_id).text(place.schema).text(place.projection);
    return params;
}

Checkpoint decode(const pg::Result& row) {
    Checkpoint checkpoint;
    checkpoint.position = row.number(0, 0);
    std::string digest;
    const auto digits = row.text(0, 1);
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
        digest.push_back(static_cast<char>(nibble(digits[i]) << 4 | nibble(digits[i + 1])));
    }
    checkpoint.digest = Digest::from_bytes(digest);
    checkpoint.version = static_cast<int>(row.number(0, 2));
    checkpoint.livemode = row.boolean(0, 3);
    checkpoint.fence = row.number(0, 4);
    return checkpoint;
}

#define CHECKPOINT_COLUMNS "position, encode(digest, 'hex'), version, livemode, fence"
#define AT_PLACE " WHERE log_id = $1 AND schema_name = $2 AND name = $3"

std::optional<Checkpoint> acquire_lease(pg::Connection& db, const Place& place,
                                        const std::string& node, int version, bool livemode) {
    const auto row = db.run(
        "UPDATE ledger.projections SET lease_owner = $4, fence = fence + 1,"
        " lease_until = clock_timestamp() + make_interval(secs => $7::int)" AT_PLACE
        " AND version = $5 AND livemode = $6 AND (lease_owner IS NULL OR lease_owner = $4"
        " OR lease_until < clock_timestamp()) RETURNING " CHECKPOINT_COLUMNS,
        at(place).text(node).number(version).boolean(livemode).number(lease_lasts.count()));
    if (row.rows() == 0) return std::nullopt;
    return decode(row);
}

}  // namespace

LostLease::LostLease(std::string_view projection)
    : std::runtime_error(fmt::format("projection {} is no longer ours", projection)) {}

std::optional<Checkpoint> read_checkpoint(pg::Connection& db, const Place& place, bool lock) {
    const auto row =
        db.run(lock ? "SELECT " CHECKPOINT_COLUMNS " FROM ledger.projections" AT_PLACE " FOR UPDATE"
                    : "SELECT " CHECKPOINT_COLUMNS " FROM ledger.projections" AT_PLACE,
               at(place));
    if (row.rows() == 0) return std::nullopt;
    return decode(row);
}

void write_checkpoint(pg::Connection& db, const Place& place, const Checkpoint& checkpoint) {
    db.run(
        "INSERT INTO ledger.projections (log_id, schema_name, name, position, digest, version,"
        " livemode, fence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (log_id, schema_name, name) DO UPDATE SET position = excluded.position,"
        " digest = excluded.digest, version = excluded.version, livemode = excluded.livemode",
        at(place)
            .number(checkpoint.position)
            .binary(checkpoint.digest.bytes())
            .number(checkpoint.version)
            .boolean(checkpoint.livemode)
            .number(checkpoint.fence));
}

std::optional<bool> live_tables_livemode(pg::Connection& db, std::int32_t log_id) {
    const auto modes = db.run(
        "SELECT bool_or(livemode), bool_and(livemode) FROM ledger.projections WHERE log_id = $1"
        " AND schema_name = $2",
        pg::Params().number(log_id).text(live_schema));
    if (modes.null(0, 0)) return std::nullopt;
    if (modes.boolean(0, 0) != modes.boolean(0, 1))
        throw std::runtime_error(
            "some tables are of live money and some of test money: a service was on its way from"
            " one to the other; start it with the STRIPE_LIVEMODE that it is to have");
    return modes.boolean(0, 0);
}

void delete_checkpoint(pg::Connection& db, const Place& place) {
    db.run("DELETE FROM ledger.projections" AT_PLACE, at(place));
}

std::optional<std::vector<Checkpoint>> acquire_leases(pg::Connection& db, const Site& site,
                                                      const std::string& node, bool livemode) {
    pg::Transaction transaction(db);
    std::vector<Checkpoint> ours;
    for (const auto* member : site.group->members()) {
        auto lease = acquire_lease(db, site.place(*member), node, member->version, livemode);
        if (!lease) return std::nullopt;
        ours.push_back(*std::move(lease));
    }
    transaction.commit();
    return ours;
}

void renew_leases(pg::Connection& db, std::int32_t log_id, const std::string& node) {
    db.run(
        "UPDATE ledger.projections SET lease_until = clock_timestamp() +"
        " make_interval(secs => $3::int) WHERE log_id = $1 AND (schema_name, name) IN"
        // Who holds a row's lock renews it himself, or is about to take it over.
        " (SELECT schema_name, name FROM ledger.projections WHERE log_id = $1"
        " AND lease_owner = $2 FOR UPDATE SKIP LOCKED)",
        pg::Params().number(log_id).text(node).number(lease_lasts.count()));
}

std::map<std::string, std::int64_t, std::less<>> fences(pg::Connection& db, std::int32_t log_id,
                                                        std::string_view schema) {
    const auto rows =
        db.run("SELECT name, fence FROM ledger.projections WHERE log_id = $1 AND schema_name = $2",
               pg::Params().number(log_id).text(schema));
    std::map<std::string, std::int64_t, std::less<>> found;
    for (int row = 0; row < rows.rows(); ++row)
        found.emplace(rows.text(row, 0), rows.number(row, 1));
    return found;
}

void release_leases(pg::Connection& db, const Site& site, const std::string& node) {
    for (const auto* member : site.group->members())
        db.run("UPDATE ledger.projections SET lease_owner = NULL, lease_until = NULL" AT_PLACE
               " AND lease_owner = $4",
               at(site.place(*member)).text(node));
}

void send_checkpoint(pg::Connection& db, const Place& place, const Checkpoint& from,
                     const Checkpoint& to) {
    db.send(
        "UPDATE ledger.projections SET position = $4, digest = $5, updated_at ="
        " clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => "
        "$8::int)" AT_PLACE " AND fence = $6 AND position = $7",
        at(place)
            .number(to.position)
            .binary(to.digest.bytes())
            .number(from.fence)
            .number(from.position)
            .number(lease_lasts.count()));
}

}  // namespace daybook::projections
