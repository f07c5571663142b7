-- From an action to the webhooks that its calls caused: they repeat the idempotency key that Stripe
-- was called with, which is the action's id. Webhooks of other causes cost this index nothing.
CREATE INDEX events_of_actions ON ledger.events (log_id, correlation_id)
    WHERE source = 'webhook' AND starts_with(correlation_id, 'act_');
