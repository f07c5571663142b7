-- The log once more, packed for whoever reads it from end to end: some hundred rows in their order,
-- compressed. The rows of ledger.events are the log; this is a copy, which the owner may empty.

CREATE TABLE ledger.segments (
    log_id int    NOT NULL,
    after  bigint NOT NULL CHECK (after >= 0),
    upto   bigint NOT NULL CHECK (upto > after),
    events bytea  NOT NULL,
    PRIMARY KEY (log_id, after)
);
ALTER TABLE ledger.segments ALTER COLUMN events SET STORAGE EXTERNAL;  -- compressed already
COMMENT ON TABLE ledger.segments IS 'A packed copy of the log. Emptying it costs rebuilds time and nothing else: TRUNCATE ledger.segments; the service packs anew.';
COMMENT ON COLUMN ledger.segments.events IS 'The rows after the position `after` up to `upto` as COPY (FORMAT binary) sends them, in a zstd frame.';

GRANT SELECT, INSERT ON ledger.segments TO daybook_service;
