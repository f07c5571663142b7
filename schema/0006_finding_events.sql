-- Finds events by object, account or type without reading the whole log, for next to nothing when one
-- is appended: a filter for every 32 pages, which says whether they may hold such an event.
CREATE INDEX events_by_object ON ledger.events USING brin (
    object_id text_bloom_ops (n_distinct_per_range = 400, false_positive_rate = 0.001),
    account   text_bloom_ops (n_distinct_per_range = 200, false_positive_rate = 0.001),
    type      text_bloom_ops (n_distinct_per_range = 50, false_positive_rate = 0.001)
) WITH (pages_per_range = 32);

-- What was appended since the last vacuum has no filter yet and is read. By default the next vacuum
-- comes when the log has grown by a fifth, which is a lot of a long log.
ALTER TABLE ledger.events SET (
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 100000
);
