-- Payloads hold what Stripe answered, and that holds secrets: of an endpoint that was made through the
-- gateway the very one that signs its webhooks. People and reports read everything else; the owner
-- grants payloads to whom they are for.
REVOKE SELECT ON ledger.events, ledger.events_json FROM daybook_reader;
GRANT SELECT (log_id, position, event_id, source, type, object_id, account, livemode, api_version,
              occurred_at, recorded_at, causation_id, correlation_id, payload_sha256)
    ON ledger.events TO daybook_reader;
