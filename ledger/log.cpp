#include <ledger/log.hpp>

#include <ledger/log_rows.hpp>
#include <ledger/segments.hpp>

#include <algorithm>

namespace daybook {
namespace {

/// Segments are worth a look where there is more than a batch to read.
constexpr std::int64_t sealed_positions_min = 4'000;

}  // namespace

std::int64_t head_position(pg::Connection& db, std::int32_t log_id) {
    const auto head =
        db.run("SELECT position FROM ledger.heads WHERE log_id = $1", pg::Params().number(log_id));
    return head.rows() == 0 ? 0 : head.number(0, 0);
}

std::int64_t position_at(pg::Connection& db, std::int32_t log_id, Microseconds time) {
    // Both axes only grow (the head's lock hands out both), so the answer can be bisected.
    std::int64_t below = 0;
    std::int64_t above = head_position(db, log_id) + 1;
    while (above - below > 1) {
        const auto middle = below + (above - below) / 2;
        const auto row = db.run(
            "SELECT (extract(epoch FROM recorded_at) * 1000000)::bigint FROM ledger.events"
            " WHERE log_id = $1 AND position = $2",
            pg::Params().number(log_id).number(middle));
        (row.rows() == 1 && row.number(0, 0) <= time ? below : above) = middle;
    }
    return below;
}

void scan(pg::Connection& db, std::int32_t log_id, const LogRange& range,
          const std::function<void(const LogRow&)>& row) {
    pg::Transaction transaction(db, "BEGIN READ ONLY");
    read_in_order(db);
    auto slice = range;
    while (slice.after < range.upto) {
        slice.upto = std::min(range.upto, slice.after + positions_per_snapshot);
        if (slice.upto - slice.after >= sealed_positions_min)
            slice.after = scan_sealed(db, log_id, slice, row);
        if (slice.after < slice.upto)
            copy_rows(db, log_id, slice, [&](std::string_view fields) { row(take_row(fields)); });
        slice.after = slice.upto;
    }
    transaction.commit();
}

std::optional<StoredEvent> find_event(pg::Connection& db, std::int32_t log_id,
                                      std::string_view event_id) {
    const auto found = db.run(
        "SELECT position, event_id, type, coalesce(object_id, ''), coalesce(account, ''),"
        " livemode, coalesce(api_version, ''),"
        " (extract(epoch FROM occurred_at) * 1000000)::bigint,"
        " (extract(epoch FROM recorded_at) * 1000000)::bigint,"
        " coalesce(causation_id, ''), coalesce(correlation_id, ''), source"
        " FROM ledger.events WHERE log_id = $1 AND event_id = $2",
        pg::Params().number(log_id).text(event_id));
    if (found.rows() == 0) return std::nullopt;
    const auto bytes = db.run(
        "SELECT payload, payload_sha256 FROM ledger.events WHERE log_id = $1 AND event_id = $2",
        pg::Params().number(log_id).text(event_id), true);
    StoredEvent event;
    event.position = found.number(0, 0);
    event.event_id = found.text(0, 1);
    event.type = found.text(0, 2);
    event.object_id = found.text(0, 3);
    event.account = found.text(0, 4);
    event.livemode = found.boolean(0, 5);
    event.api_version = found.text(0, 6);
    event.occurred_at = found.number(0, 7);
    event.recorded_at = found.number(0, 8);
    event.causation_id = found.text(0, 9);
    event.correlation_id = found.text(0, 10);
    for (const auto source :
         {Source::webhook, Source::action, Source::fetch, Source::backfill, Source::staff})
        if (name(source) == found.text(0, 11)) event.source = source;
    event.payload = bytes.text(0, 0);
    event.payload_sha256 = bytes.text(0, 1);
    return event;
}

}  // namespace daybook
