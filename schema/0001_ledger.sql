-- The log: every event once, in commit order, for ever; and what the projectors know of it.
--
-- log_id leads every key so that the same schema can be distributed by it; a single node has one
-- log, number 0. Times are UTC. Roles: whoever migrates owns the log; daybook_service runs the
-- service and may only INSERT into and SELECT from the log; daybook_reader only reads.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'daybook_service') THEN
        CREATE ROLE daybook_service NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'daybook_reader') THEN
        CREATE ROLE daybook_reader NOLOGIN;
    END IF;
END
$$;

GRANT daybook_service TO CURRENT_USER;

CREATE TABLE ledger.heads (
    log_id      int         PRIMARY KEY,
    position    bigint      NOT NULL CHECK (position >= 0),
    recorded_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE ledger.heads IS 'The last position of each log. Its row is the lock under which positions and times of recording are handed out, so that both only grow.';

INSERT INTO ledger.heads (log_id, position, recorded_at) VALUES (0, 0, now());

CREATE TABLE ledger.events (
    log_id         int         NOT NULL,
    position       bigint      NOT NULL CHECK (position > 0),
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
    payload_sha256 bytea       NOT NULL CHECK (length(payload_sha256) = 32),
    PRIMARY KEY (log_id, position),
    UNIQUE (log_id, event_id)
);
-- Compressed, but kept in the row: a value moved out costs a second table and a second index. And
-- the short columns must not be moved out in the payload's stead, which is what MAIN alone does.
ALTER TABLE ledger.events
    ALTER COLUMN payload SET STORAGE MAIN,
    ALTER COLUMN event_id SET STORAGE PLAIN,
    ALTER COLUMN source SET STORAGE PLAIN,
    ALTER COLUMN type SET STORAGE PLAIN,
    ALTER COLUMN object_id SET STORAGE PLAIN,
    ALTER COLUMN account SET STORAGE PLAIN,
    ALTER COLUMN api_version SET STORAGE PLAIN,
    ALTER COLUMN causation_id SET STORAGE PLAIN,
    ALTER COLUMN correlation_id SET STORAGE PLAIN;
COMMENT ON TABLE ledger.events IS 'The log. Append only: UPDATE, DELETE and TRUNCATE are refused for every role.';
COMMENT ON COLUMN ledger.events.payload IS 'The bytes exactly as received.';

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.events is append only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Correct a mistake by appending an event that says so.';
END
$$;

SET citus.enable_unsafe_triggers = on;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.events
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger.events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.events ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.events ENABLE ALWAYS TRIGGER never_truncated;

-- One group of events in one round trip. Advancing the head comes first, because it is the lock;
-- then the rows, and their number is checked: fewer than sent means that some are in the log
-- already. Then nothing is appended and NULL comes back, so that positions stay gapless; otherwise
-- the new head. Everybody who listens is told once a group.
CREATE FUNCTION ledger.append(
    in_log int, event_ids text[], sources text[], types text[], object_ids text[],
    accounts text[], livemodes boolean[], api_versions text[], occurred timestamptz[],
    causation_ids text[], correlation_ids text[], payloads bytea[], hashes bytea[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    sent     bigint := cardinality(event_ids);
    written  bigint;
    new_head bigint;
    at       timestamptz;
BEGIN
    UPDATE ledger.heads
        SET position = position + sent, recorded_at = greatest(recorded_at, clock_timestamp())
        WHERE log_id = in_log RETURNING position, recorded_at INTO STRICT new_head, at;
    INSERT INTO ledger.events (log_id, position, event_id, source, type, object_id, account,
        livemode, api_version, occurred_at, recorded_at, causation_id, correlation_id, payload,
        payload_sha256)
    SELECT in_log, new_head - sent + new.place, new.event_id, new.source, new.type, new.object_id,
           new.account, new.livemode, new.api_version, new.occurred_at, at, new.causation_id,
           new.correlation_id, new.payload, new.payload_sha256
    FROM unnest(event_ids, sources, types, object_ids, accounts, livemodes, api_versions, occurred,
                causation_ids, correlation_ids, payloads, hashes)
         WITH ORDINALITY AS new(event_id, source, type, object_id, account, livemode, api_version,
                                occurred_at, causation_id, correlation_id, payload,
                                payload_sha256, place)
    ON CONFLICT (log_id, event_id) DO NOTHING;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> sent THEN
        RAISE unique_violation;  -- undoes both statements
    END IF;
    PERFORM pg_notify('daybook_log', '');
    RETURN new_head;
EXCEPTION WHEN unique_violation THEN
    RETURN NULL;
END
$$;

CREATE VIEW ledger.events_json AS
    SELECT log_id, position, event_id, source, type, object_id, account, livemode, api_version,
           occurred_at, recorded_at, causation_id, correlation_id,
           convert_from(payload, 'UTF8')::json AS payload
    FROM ledger.events;
COMMENT ON VIEW ledger.events_json IS 'The log with its payloads as JSON, for people and reports.';

-- One row per set of tables of a projection: live ones (schema app), a rebuild's, a replay's.
CREATE TABLE ledger.projections (
    log_id      int         NOT NULL,
    schema_name text        NOT NULL,
    name        text        NOT NULL,
    version     int         NOT NULL,
    livemode    boolean     NOT NULL,
    position    bigint      NOT NULL CHECK (position >= 0),
    digest      bytea       NOT NULL CHECK (length(digest) = 32),
    fence       bigint      NOT NULL DEFAULT 0,
    lease_owner text,
    lease_until timestamptz,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (log_id, schema_name, name)
) WITH (fillfactor = 50);
COMMENT ON COLUMN ledger.projections.fence IS 'Raised whenever the projection changes hands; a checkpoint with an older one is refused.';

CREATE TABLE ledger.exceptions (
    log_id      int         NOT NULL,
    schema_name text        NOT NULL,
    projection  text        NOT NULL,
    position    bigint      NOT NULL,
    event_id    text        NOT NULL,
    error       text        NOT NULL,
    noted_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (log_id, schema_name, projection, position)
);
COMMENT ON TABLE ledger.exceptions IS 'Events that a projection could not fold, set aside with the error.';

CREATE TABLE ledger.replays (
    log_id     int         NOT NULL,
    name       text        NOT NULL,
    position   bigint      NOT NULL,
    as_of      text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (log_id, name)
);

CREATE TABLE ledger.api_keys (
    key_id     text        PRIMARY KEY,
    hash       bytea       NOT NULL UNIQUE CHECK (length(hash) = 32),
    label      text        NOT NULL DEFAULT '',
    scopes     text[]      NOT NULL CHECK (cardinality(scopes) > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
COMMENT ON COLUMN ledger.api_keys.hash IS 'SHA-256 of the key; the key itself is shown once and kept nowhere.';

CREATE SCHEMA app AUTHORIZATION daybook_service;

-- Projectors make and swap whole sets of tables: app, the rebuild beside it, replays.
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO daybook_service', current_database()); END $$;

GRANT USAGE ON SCHEMA ledger TO daybook_service, daybook_reader;
GRANT SELECT, INSERT ON ledger.events TO daybook_service;
GRANT SELECT, UPDATE ON ledger.heads TO daybook_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.projections, ledger.exceptions, ledger.replays TO daybook_service;
GRANT SELECT, INSERT, UPDATE ON ledger.api_keys TO daybook_service;
GRANT SELECT ON ledger.migrations TO daybook_service, daybook_reader;
GRANT SELECT ON ledger.events_json TO daybook_service, daybook_reader;
GRANT SELECT ON ledger.events, ledger.heads, ledger.projections, ledger.exceptions, ledger.replays TO daybook_reader;
GRANT USAGE ON SCHEMA app TO daybook_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE daybook_service IN SCHEMA app GRANT SELECT ON TABLES TO daybook_reader;
