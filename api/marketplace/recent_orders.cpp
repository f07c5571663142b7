// A row for each likeness of an order; whoever inserts it first is the first.
#include <api/marketplace/recent_orders.hpp>

#include <ledger/pg/binary.hpp>
#include <ledger/sha256.hpp>

namespace daybook::api {
namespace {

pg::Params place_of(std::int32_t log_id, const std::string& likeness) {
    return pg::Params().number(log_id).binary(sha256(likeness));
}

}  // namespace

std::optional<RecentOrders::Met> RecentOrders::meet(const std::vector<std::string>& likenesses,
                                                    const Order& order) {
    pg::ArrayBuilder hashes(pg::oid::bytea);
    for (const auto& likeness : likenesses)
        hashes.element(sha256(likeness));
    const auto params = pg::Params()
                            .number(log_id_)
                            .binary(hashes.take_bytes(), pg::oid::bytea_array)
                            .text(order.idempotency_key)
                            .text(order.order_id);
    for (;;) {
        pg::Transaction transaction(db_);
        // What a crash of the server forgets is a second click at that very moment.
        db_.run("SET LOCAL synchronous_commit = off");
        // In one order, so that two of them never wait for each other.
        const auto placed = db_.run(
            "INSERT INTO ledger.recent_orders AS r"
            " (log_id, likeness, order_id, idempotency_key, placed_at)"
            " SELECT $1, likeness, $4, $3, now() FROM unnest($2) AS likeness ORDER BY likeness"
            " ON CONFLICT (log_id, likeness) DO UPDATE SET order_id = excluded.order_id,"
            " idempotency_key = excluded.idempotency_key, placed_at = excluded.placed_at"
            " WHERE r.idempotency_key = excluded.idempotency_key"
            " OR r.placed_at <= now() - interval '1 minute'",
            params);
        if (placed.affected() == static_cast<std::int64_t>(likenesses.size())) {
            forget_old();
            transaction.commit();
            return std::nullopt;
        }
        for (const auto& likeness : likenesses) {
            const auto there = db_.run(
                "SELECT order_id, idempotency_key FROM ledger.recent_orders"
                " WHERE log_id = $1 AND likeness = $2 AND idempotency_key <> $3",
                place_of(log_id_, likeness).text(order.idempotency_key));
            if (there.rows() == 1)
                return Met{likeness,
                           {std::string(there.text(0, 0)), std::string(there.text(0, 1))}};
        }
    }
}

void RecentOrders::replace(const Met& other, const Order& order) {
    db_.run(
        "UPDATE ledger.recent_orders SET order_id = $5, idempotency_key = $6, placed_at = now()"
        " WHERE log_id = $1 AND likeness = $2 AND order_id = $3 AND idempotency_key = $4",
        place_of(log_id_, other.likeness)
            .text(other.order.order_id)
            .text(other.order.idempotency_key)
            .text(order.order_id)
            .text(order.idempotency_key));
}

/// A few at a time, more than are added; none that anybody else is at.
void RecentOrders::forget_old() {
    db_.run(
        "DELETE FROM ledger.recent_orders WHERE log_id = $1 AND likeness IN"
        " (SELECT likeness FROM ledger.recent_orders WHERE log_id = $1"
        " AND placed_at <= now() - interval '1 minute' ORDER BY placed_at LIMIT 8"
        " FOR UPDATE SKIP LOCKED)",
        pg::Params().number(log_id_));
}

}  // namespace daybook::api
