-- One event in one transaction into a table like the log's, as any handler would write it.
INSERT INTO events (log_id, position, event_id, source, type, livemode, occurred_at, recorded_at, payload, payload_sha256)
SELECT 0, n, 'evt_' || n, 'webhook', 'charge.succeeded', false, now(), now(), p, sha256(p)
FROM (SELECT nextval('position') AS n, convert_to(:payload, 'UTF8') AS p) AS event;
