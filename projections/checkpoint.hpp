// Where projections stand, and who may move them on: their rows in ledger.projections.
#pragma once

#include <projections/digest.hpp>
#include <projections/group.hpp>

#include <ledger/pg/connection.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::projections {

/// How long a node may be silent before another takes its projections over.
constexpr std::chrono::seconds lease_lasts{5};

struct Checkpoint {
    std::int64_t position = 0;
    Digest digest;
    int version = 0;
    bool livemode = false;
    std::int64_t fence = 0;
};

/// The projection was taken over, or swapped by a rebuild; look at the checkpoint again.
class LostLease : public std::runtime_error {
public:
    explicit LostLease(std::string_view projection);
};

/// One set of tables of one projection.
struct Place {
    std::int32_t log_id = 0;
    std::string schema;
    std::string projection;
};

/// One set of tables of a group.
struct Site {
    std::int32_t log_id = 0;
    std::string schema;
    const Group* group = nullptr;

    [[nodiscard]] Place place(const Projection& member) const {
        return {log_id, schema, member.name};
    }
};

/// Null when this set of tables does not exist. `lock` holds the row until the transaction ends.
std::optional<Checkpoint> read_checkpoint(pg::Connection& db, const Place& place,
                                          bool lock = false);

/// Makes the row, or overwrites all of it but the lease and the fence.
void write_checkpoint(pg::Connection& db, const Place& place, const Checkpoint& checkpoint);

/// Whether the live tables are of real money or of test money; none before there are any. Throws
/// std::runtime_error when some are of the one and some of the other.
std::optional<bool> live_tables_livemode(pg::Connection& db, std::int32_t log_id);

void delete_checkpoint(pg::Connection& db, const Place& place);

/// Takes the leases of all members if they are free, run out, or `node`'s own already; the new
/// fences are in the result. Null: another node holds one, or there is no such row of the member's
/// version and this mode; then none is taken.
std::optional<std::vector<Checkpoint>> acquire_leases(pg::Connection& db, const Site& site,
                                                      const std::string& node, bool livemode);

/// Extends all leases of this node; one statement.
void renew_leases(pg::Connection& db, std::int32_t log_id, const std::string& node);
/// The fences of all projections in this schema, by name.
std::map<std::string, std::int64_t, std::less<>> fences(pg::Connection& db, std::int32_t log_id,
                                                        std::string_view schema);
void release_leases(pg::Connection& db, const Site& site, const std::string& node);

/// The statement that moves a checkpoint on inside a pipeline; it writes one row, or none when
/// the fence or the position is not what we think: then nothing may be committed.
void send_checkpoint(pg::Connection& db, const Place& place, const Checkpoint& from,
                     const Checkpoint& to);

}  // namespace daybook::projections
