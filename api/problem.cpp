// The table of all problems and how one becomes an answer.
#include <api/problem.hpp>

#include <iterator>

namespace daybook::api {
namespace {

constexpr ProblemKind kinds[] = {
    {Problem::signature_missing, "signature-missing", 400, "The Stripe-Signature header is missing",
     "Send the webhook through Stripe, or sign it as Stripe's SDKs do. A proxy in front of Daybook "
     "must pass the header on."},
    {Problem::signature_malformed, "signature-malformed", 400,
     "The Stripe-Signature header has no usable timestamp",
     "The header must read t=<Unix seconds>,v1=<64 hexadecimal digits>, as Stripe sends it."},
    {Problem::signature_without_v1, "signature-without-v1", 400,
     "The Stripe-Signature header has no v1 signature",
     "Only the scheme v1 counts; v0 and other schemes are ignored on purpose."},
    {Problem::signature_mismatch, "signature-mismatch", 400, "No signature fits the body",
     "Check that the secret of this very endpoint is configured (account and Connect endpoints, "
     "test and live mode have different ones), and that no proxy rewrites the body."},
    {Problem::signature_stale, "signature-stale", 400, "The signature is too old",
     "Stripe signs each retry anew, so check this machine's clock; if it is right, the request is "
     "a replay."},
    {Problem::body_not_json, "body-not-json", 400, "The body is not JSON",
     "Send JSON in UTF-8 and uncompressed; a webhook exactly as Stripe renders it."},
    {Problem::body_not_an_object, "body-not-an-object", 400, "The body is not a JSON object",
     "A request's body is one JSON object; a webhook's is one event."},
    {Problem::event_without_id, "event-without-id", 400, "The event has no usable id",
     "An event needs a text id of 1 to 255 bytes; it is what makes a delivery count only once."},
    {Problem::event_without_type, "event-without-type", 400, "The event has no usable type",
     "An event needs a text type of 1 to 255 bytes. Any type is accepted, known or not."},
    {Problem::body_too_large, "body-too-large", 413, "The body is larger than 2 MiB",
     "Stripe's events are far smaller; check what sends this."},
    {Problem::malformed_request, "malformed-request", 400, "The request cannot be understood",
     "Send one plain HTTP/1.1 request: one Host, one Content-Length or Transfer-Encoding: chunked, "
     "a path that begins with a slash, valid percent escapes."},
    {Problem::headers_too_large, "headers-too-large", 431, "The headers are larger than 16 KB",
     "Send fewer or shorter headers; cookies are not needed here."},
    {Problem::not_found, "not-found", 404, "There is nothing at this path",
     "docs/api.md lists every path."},
    {Problem::no_such_record, "no-such-record", 404, "There is no such record",
     "Check the id. A record appears once its first event is projected: GET /projections shows how "
     "far that is."},
    {Problem::no_such_replay, "no-such-replay", 404, "There is no replay of this name",
     "GET /replays lists them; daybook replay makes one."},
    {Problem::method_not_allowed, "method-not-allowed", 405, "This path does not take this method",
     "The Allow header names the methods it takes."},
    {Problem::unknown_parameter, "unknown-parameter", 400, "A query parameter is not known here",
     "The detail names it and those that are known; a filter that is silently ignored would show "
     "wrong results."},
    {Problem::invalid_parameter, "invalid-parameter", 400, "A query parameter has a bad value",
     "The detail says what is expected."},
    {Problem::invalid_cursor, "invalid-cursor", 400, "The cursor does not belong to this list",
     "Pass next_cursor of the previous page unchanged, or none to start again."},
    {Problem::key_missing, "key-missing", 401, "An API key is needed",
     "Send Authorization: Bearer dbk_…; daybook keys create makes one."},
    {Problem::key_refused, "key-refused", 401, "The API key is not valid",
     "It is unknown or revoked: daybook keys list shows those that are valid."},
    {Problem::scope_missing, "scope-missing", 403, "The API key may not do this",
     "Use a key that has the scope named in the detail, or admin."},
    {Problem::content_type_not_json, "content-type-not-json", 415, "The body is not sent as JSON",
     "Send Content-Type: application/json with a body; Stripe's forms are for /v1."},
    {Problem::invalid_body, "invalid-body", 422, "The body has fields that cannot be used",
     "errors has every one of them: its JSON pointer and what is wrong. Nothing was sent to "
     "Stripe."},
    {Problem::seller_not_ready, "seller-not-ready", 409, "The seller cannot do this yet",
     "missing says what Stripe still needs; POST /connect/accounts/{id}/onboarding-link leads the "
     "seller there."},
    {Problem::likely_duplicate, "likely-duplicate", 409, "This looks like the same order again",
     "The buyer placed an equal order within the last minute: go on with order_id, or send "
     "\"force\": true if two are meant."},
    {Problem::refund_too_large, "refund-too-large", 409, "That much is not left to refund",
     "left says how much is. Nothing was sent to Stripe."},
    {Problem::wrong_state, "wrong-state", 409, "Its state does not allow this",
     "The detail says which state it is in. Nothing was sent to Stripe."},
    {Problem::payment_declined, "payment-declined", 402, "The payment was declined",
     "customer_message is fit for the buyer; the same order can be tried again."},
    {Problem::stripe_refused, "stripe-refused", 422, "Stripe refuses the request",
     "stripe has its code, message and parameter. Nothing was done."},
    {Problem::stripe_not_found, "stripe-not-found", 404, "Stripe does not know the object",
     "stripe names the parameter. Check the id, the mode and the connected account."},
    {Problem::stripe_conflict, "stripe-conflict", 409, "Stripe is busy with the same object",
     "Nothing was done. Try again with a new idempotency key."},
    {Problem::stripe_busy, "stripe-busy", 503, "Stripe takes no more requests now",
     "Nothing was done. Try again after the time in Retry-After, with a new idempotency key."},
    {Problem::stripe_failed, "stripe-failed", 502, "Stripe failed or does not accept the key",
     "GET /actions/{id} with the id in the header Daybook-Action shows what became of it."},
    {Problem::queue_full, "queue-full", 503, "Too much is waiting already",
     "Try again after the time in Retry-After. Stripe does so by itself."},
    {Problem::database_unavailable, "database-unavailable", 503, "The database does not answer",
     "Nothing was acknowledged. Try again after the time in Retry-After."},
    {Problem::append_unsettled, "append-unsettled", 503, "The commit took too long to confirm",
     "The event may or may not be in the log. Send it again: a second delivery counts once."},
    {Problem::query_too_slow, "query-too-slow", 503, "The query took too long",
     "Ask for fewer rows or filter by an indexed field such as an id or a status."},
    {Problem::projection_not_ready, "projection-not-ready", 503, "The projection is not there yet",
     "It is being built. Try again after the time in Retry-After; GET /projections shows how far "
     "it is."},
    {Problem::projection_behind, "projection-behind", 503, "The projection is not there yet",
     "It has not folded what the request needs to know. Try again after the time in Retry-After; "
     "GET /projections shows how far it is."},
    {Problem::not_ready, "not-ready", 503, "The service is not ready",
     "It runs but cannot reach its database."},
    {Problem::idempotency_key_missing, "idempotency-key-missing", 400,
     "The Idempotency-Key header is missing",
     "Send a key of your own for each thing that is to happen once, and the same one with every "
     "repetition."},
    {Problem::idempotency_key_invalid, "idempotency-key-invalid", 400,
     "The Idempotency-Key header has a bad value",
     "Use 1 to 255 printable ASCII characters without blanks, for example a UUID."},
    {Problem::idempotency_key_reused, "idempotency-key-reused", 422,
     "The Idempotency-Key was used for another request",
     "A key stands for one request for ever. Send another request with another key, or this one "
     "exactly as it was."},
    {Problem::idempotency_key_in_use, "idempotency-key-in-use", 409,
     "A request with this Idempotency-Key is under way",
     "Repeat the request with the same key a little later to get its answer."},
    {Problem::stripe_not_configured, "stripe-not-configured", 503, "There is no Stripe to act on",
     "Set STRIPE_SECRET_KEY, or let the simulator run (DAYBOOK_SIMULATOR=on)."},
    {Problem::stripe_unreachable, "stripe-unreachable", 502, "Stripe gave no usable answer",
     "Repeat the request with the same Idempotency-Key: it is carried out once, however often it "
     "is sent."},
    {Problem::stripe_too_slow, "stripe-too-slow", 504, "Stripe did not answer in time",
     "Repeat the request with the same Idempotency-Key: it is carried out once, however often it "
     "is sent."},
    {Problem::never_carried_out, "never-carried-out", 502, "Stripe did not carry this out",
     "It was given up after everything was read that would show a trace of it. Use another "
     "Idempotency-Key to try anew."},
    {Problem::action_under_way, "action-under-way", 504,
     "The action takes longer than this request",
     "It goes on. Repeat the request with the same Idempotency-Key, or ask GET /actions/{id}."},
    {Problem::stopping, "stopping", 503, "The service is shutting down",
     "Try again after the time in Retry-After: another node or the restarted one will answer."},
    {Problem::internal, "internal", 500, "The service failed",
     "It is not the request's fault. The log has the details under the id in instance."},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < std::size(kinds); ++i)
        if (static_cast<std::size_t>(kinds[i].problem) != i) return false;
    return std::size(kinds) == static_cast<std::size_t>(Problem::internal) + 1;
}
static_assert(in_order(), "the table has one row for each problem, in the order of the enum");

}  // namespace

std::span<const ProblemKind> problem_kinds() {
    return kinds;
}

const ProblemKind& kind_of(Problem problem) {
    return kinds[static_cast<std::size_t>(problem)];
}

Response problem_response(Problem problem, std::string_view request_id, std::string_view detail,
                          const JsonObject& members) {
    const ProblemKind& kind = kind_of(problem);
    Response response;
    response.status = kind.status;
    response.content_type = "application/problem+json";
    JsonObject body;
    body.text("type", std::string("/problems/").append(kind.slug)).text("title", kind.title);
    body.number("status", kind.status);
    if (!detail.empty()) body.text("detail", detail);
    if (!request_id.empty()) body.text("instance", request_id);
    response.body = body.text("help", kind.help).members(members).str();
    if (kind.status == 503) response.headers = "Retry-After: 1\r\n";
    if (kind.status == 401)
        response.headers = problem == Problem::key_missing
                               ? "WWW-Authenticate: Bearer realm=\"daybook\"\r\n"
                               : "WWW-Authenticate: Bearer realm=\"daybook\", "
                                 "error=\"invalid_token\"\r\n";
    return response;
}

}  // namespace daybook::api
