// One DOM parse per webhook: it validates all of the document, and costs about a microsecond.
#include <api/envelope.hpp>

#include <api/time.hpp>
#include <ledger/json_parse.hpp>

#include <memory>

namespace daybook::api {
namespace {

using simdjson::dom::element;

constexpr std::size_t identifier_bytes_max = 255;  // Stripe's own limit; well inside an index row
constexpr std::size_t parser_bytes_max = std::size_t{256} << 10;

bool storable(std::string_view text) {
    return !text.empty() && text.size() <= identifier_bytes_max &&
           text.find('\0') == std::string_view::npos;
}

/// The string at this JSON pointer, or empty.
std::string text_at(const element& root, std::string_view pointer) {
    std::string_view text;
    if (root.at_pointer(pointer).get(text) != simdjson::SUCCESS || !storable(text)) return {};
    return std::string(text);
}

Microseconds created_of(const element& root, Microseconds received_at) {
    element created;
    if (root["created"].get(created) != simdjson::SUCCESS) return received_at;
    std::int64_t seconds = 0;
    if (created.get(seconds) == simdjson::SUCCESS)
        return parse_time(std::to_string(seconds)).value_or(received_at);
    std::string_view text;
    if (created.get(text) == simdjson::SUCCESS) return parse_rfc3339(text).value_or(received_at);
    return received_at;
}

std::expected<NewEvent, EnvelopeFailure> read(const element& root, Microseconds received_at) {
    if (!root.is_object()) return std::unexpected(EnvelopeFailure::not_an_object);
    NewEvent event;
    event.event_id = text_at(root, "/id");
    if (event.event_id.empty()) return std::unexpected(EnvelopeFailure::no_id);
    event.type = text_at(root, "/type");
    if (event.type.empty()) return std::unexpected(EnvelopeFailure::no_type);

    event.source = Source::webhook;
    event.object_id = text_at(root, "/data/object/id");
    if (event.object_id.empty()) event.object_id = text_at(root, "/related_object/id");
    event.account = text_at(root, "/account");
    bool livemode = false;
    if (root["livemode"].get(livemode) == simdjson::SUCCESS) event.livemode = livemode;
    event.api_version = text_at(root, "/api_version");
    event.occurred_at = created_of(root, received_at);
    // A snapshot names the request at its top, a thin event as its reason.
    event.causation_id = text_at(root, "/request/id");
    if (event.causation_id.empty()) event.causation_id = text_at(root, "/reason/request/id");
    event.correlation_id = text_at(root, "/request/idempotency_key");
    if (event.correlation_id.empty())
        event.correlation_id = text_at(root, "/reason/request/idempotency_key");
    return event;
}

}  // namespace

std::expected<NewEvent, EnvelopeFailure> parse_envelope(std::string body,
                                                        Microseconds received_at) {
    thread_local auto parser = std::make_unique<simdjson::dom::parser>();
    element root;
    std::expected<NewEvent, EnvelopeFailure> event = std::unexpected(EnvelopeFailure::not_json);
    if (parse_json(*parser, body, root) == simdjson::SUCCESS) event = read(root, received_at);
    // A rare big document must not keep its memory for the life of the thread.
    if (body.size() > parser_bytes_max) parser = std::make_unique<simdjson::dom::parser>();
    if (event) event->payload = std::move(body);
    return event;
}

}  // namespace daybook::api
