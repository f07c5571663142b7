-- The shape of ledger.events without its guards, for pgbench.
CREATE SEQUENCE position CACHE 1;
CREATE TABLE events (
    log_id         int         NOT NULL,
    position       bigint      NOT NULL,
    event_id       text        NOT NULL,
    source         text        NOT NULL,
    type           text        NOT NULL,
    object_id      text,
    account        text,
    livemode       boolean     NOT NULL,
    api_version    text,
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    causation_id   text,
    correlation_id text,
    payload        bytea       COMPRESSION lz4 NOT NULL,
    payload_sha256 bytea       NOT NULL,
    PRIMARY KEY (log_id, position),
    UNIQUE (log_id, event_id)
);
