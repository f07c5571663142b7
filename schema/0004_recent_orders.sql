-- The orders of the last minute, by what two equal ones have in common: of two that are placed at the
-- same moment, on whichever nodes, one finds the other here. The log knows both too late for that. No
-- record of anything: a row is worth nothing after its minute, and is removed then.
CREATE TABLE ledger.recent_orders (
    log_id          int         NOT NULL,
    likeness        bytea       NOT NULL CHECK (length(likeness) = 32),
    order_id        text        NOT NULL,
    idempotency_key text        NOT NULL,
    placed_at       timestamptz NOT NULL,
    PRIMARY KEY (log_id, likeness)
);
CREATE INDEX recent_orders_by_age ON ledger.recent_orders (log_id, placed_at);
COMMENT ON COLUMN ledger.recent_orders.likeness IS 'SHA-256 of what equal orders have in common.';

GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.recent_orders TO daybook_service;
GRANT SELECT ON ledger.recent_orders TO daybook_reader;
