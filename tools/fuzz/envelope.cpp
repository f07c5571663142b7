// Fuzzes the envelope parser: what it accepts has an identity and a type that Postgres can keep.
// The code itself and not its library, so that the fuzzer sees its branches.
#include <api/envelope.cpp>
#include <api/time.cpp>
#include <ledger/invariant.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

bool storable(const std::string& text) {
    return text.size() <= 255 && text.find('\0') == std::string::npos;
}

void check(const std::string& body) {
    using daybook::invariant;
    constexpr daybook::Microseconds received = 1'790'000'000'000'000;
    const auto event = daybook::api::parse_envelope(body, received);
    if (!event) return;
    invariant(!event->event_id.empty() && !event->type.empty());
    invariant(event->payload == body);
    for (const auto* text : {&event->event_id, &event->type, &event->object_id, &event->account,
                             &event->api_version, &event->causation_id, &event->correlation_id})
        invariant(storable(*text));
    // The years 0 to 9999, a day more for offsets: what timestamptz takes and people can read.
    invariant(event->occurred_at >= -62'167'305'600'000'000);
    invariant(event->occurred_at <= 253'402'387'200'000'000);
    const auto again = daybook::api::parse_envelope(body, received);
    invariant(again && again->event_id == event->event_id);
}

/// An event whose values are the lines of the input, so that the fuzzer need not find JSON first.
std::string event_of(std::string_view input, bool quoted) {
    std::string body = "{";
    for (const auto* name : {"id", "type", "created", "account", "livemode", "related_object"}) {
        const auto end = input.find('\n');
        const auto value = input.substr(0, end);
        input = end == std::string_view::npos ? std::string_view() : input.substr(end + 1);
        body += body.size() > 1 ? ",\"" : "\"";
        body.append(name).append("\":");
        if (quoted) body += '"';
        body += value;
        if (quoted) body += '"';
    }
    return body + "}";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);
    check(input);
    check(event_of(input, true));
    check(event_of(input, false));
    return 0;
}
