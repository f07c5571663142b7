// Fuzzes the envelope parser: what it accepts has an identity and a type that Postgres can keep.
// The code itself and not its library, so that the fuzzer sees its branches.
#include <api/envelope.cpp>
#include <api/time.cpp>
#include <ledger/invariant.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

bool storable(const std::string& text) {
    return text.size() <= 255 && text.find('\0') == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using daybook::invariant;
    constexpr daybook::Microseconds received = 1'790'000'000'000'000;
    const std::string body(reinterpret_cast<const char*>(data), size);
    const auto event = daybook::api::parse_envelope(body, received);
    if (!event) return 0;
    invariant(!event->event_id.empty() && !event->type.empty());
    invariant(event->payload == body);
    for (const auto* text : {&event->event_id, &event->type, &event->object_id, &event->account,
                             &event->api_version, &event->causation_id, &event->correlation_id})
        invariant(storable(*text));
    // The years 0 to 9999: what timestamptz takes and what people can read.
    invariant(event->occurred_at >= -62'167'305'600'000'000);
    invariant(event->occurred_at <= 253'402'387'200'000'000);
    const auto again = daybook::api::parse_envelope(body, received);
    invariant(again && again->event_id == event->event_id);
    return 0;
}
