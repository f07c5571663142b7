// Decides by the type of an event what its object is, parses the payload and reads it.
#include <projections/stripe/codec.hpp>

#include <projections/stripe/readers.hpp>

namespace daybook::projections::stripe {

namespace {

enum class Kind {
    none,
    payment_intent,
    charge,
    refund,
    dispute,
    checkout_session,
    subscription,
    invoice,
    invoice_payment,
    account,
    capability,
    external_account,
    authorization,
    payout
};

/// The first prefix that fits wins, so the longer ones stand first. Thin (v2) events fit none.
struct Prefix {
    std::string_view text;
    Kind kind;
};
constexpr Prefix prefixes[] = {
    {"payment_intent.", Kind::payment_intent},
    {"charge.dispute.", Kind::dispute},
    {"charge.refund.", Kind::refund},
    {"charge.", Kind::charge},
    {"refund.", Kind::refund},
    {"checkout.session.", Kind::checkout_session},
    {"customer.subscription.", Kind::subscription},
    {"invoice.upcoming", Kind::none},  // a preview that never becomes an object
    {"invoice.", Kind::invoice},
    {"invoice_payment.", Kind::invoice_payment},
    {"account.updated", Kind::account},
    {"account.application.", Kind::authorization},
    {"account.external_account.", Kind::external_account},
    {"capability.", Kind::capability},
    {"payout.", Kind::payout},
};

Kind kind_of(std::string_view type) {
    for (const auto& prefix : prefixes)
        if (type.starts_with(prefix.text)) return prefix.kind;
    return Kind::none;
}

/// What data.object.object must say; empty where several names are right.
std::string_view object_name(Kind kind) {
    switch (kind) {
        case Kind::payment_intent: return "payment_intent";
        case Kind::charge: return "charge";
        case Kind::refund: return "refund";
        case Kind::dispute: return "dispute";
        case Kind::checkout_session: return "checkout.session";
        case Kind::subscription: return "subscription";
        case Kind::invoice: return "invoice";
        case Kind::invoice_payment: return "invoice_payment";
        case Kind::account: return "account";
        case Kind::capability: return "capability";
        case Kind::payout: return "payout";
        case Kind::none:
        case Kind::external_account:
        case Kind::authorization: break;
    }
    return {};
}

Object read_object(Kind kind, std::string_view type, Json json, const MaybeJson& previous,
                   Fields fields) {
    switch (kind) {
        case Kind::payment_intent: return read_payment_intent(json, fields);
        case Kind::charge: return read_charge(json, previous, fields);
        case Kind::refund: return read_refund(json, fields);
        case Kind::dispute: return read_dispute(json, fields);
        case Kind::checkout_session: return read_checkout_session(json, fields);
        case Kind::subscription: return read_subscription(json, previous, fields);
        case Kind::invoice: return read_invoice(json, fields);
        case Kind::invoice_payment: return read_invoice_payment(json, fields);
        case Kind::account: return read_account(json, previous, fields);
        case Kind::capability: return read_capability(json, previous, fields);
        case Kind::external_account: return read_external_account(json, fields);
        case Kind::authorization: return Authorization{type.ends_with(".authorized")};
        case Kind::payout: return read_payout(json, fields);
        case Kind::none: break;
    }
    return std::monostate();
}

Object read_payload(Kind kind, std::string_view type, Json root, Fields fields) {
    const auto data = member(root, "data");
    const auto object = member(data, "object");
    if (!object || !object->is_object()) throw Unreadable("data.object is missing");
    const auto expected = object_name(kind);
    const auto named = fields.id(object, "object");
    if (!expected.empty() && !named.empty() && named != expected)
        throw Unreadable("data.object is a " + std::string(named) + ", not a " +
                         std::string(expected));
    return read_object(kind, type, *object, member(data, "previous_attributes"), fields);
}

}  // namespace

class Codec::Parser : public simdjson::dom::parser {};

Codec::Codec() : parser_(std::make_unique<Parser>()) {}
Codec::~Codec() = default;
Codec::Codec(Codec&&) noexcept = default;
Codec& Codec::operator=(Codec&&) noexcept = default;

void Codec::read(const LogRow& row, Arena& arena, Event& out) {
    constexpr std::int64_t per_second = 1'000'000;
    out.position = row.position;
    out.id = arena.keep(row.event_id);
    out.type = arena.keep(row.type);
    out.account = arena.keep(row.account);
    out.created = row.occurred_at / per_second;
    out.object = std::monostate();
    out.error = {};
    const auto kind = kind_of(out.type);
    if (kind == Kind::none) return;

    Json root;
    if (const auto bad = parser_->parse(row.payload.data(), row.payload.size()).get(root);
        bad != simdjson::SUCCESS) {
        out.error = arena.keep(std::string("the payload is not valid JSON: ") +
                               simdjson::error_message(bad));
        return;
    }
    try {
        out.object = read_payload(kind, out.type, root, Fields(arena));
    } catch (const Unreadable& why) {
        out.error = arena.keep(why.what());
    }
}

}  // namespace daybook::projections::stripe
