// Decides by the type of an event what its object is, parses the payload and reads it.
#include <projections/stripe/codec.hpp>

#include <ledger/json_parse.hpp>
#include <projections/stripe/readers.hpp>

#include <algorithm>

namespace daybook::projections::stripe {

namespace {

constexpr std::int64_t per_second = 1'000'000;

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
    payout,
    mirror,
    action
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
    {"action.", Kind::action},
    {"account.updated", Kind::account},
    {"account.application.", Kind::authorization},
    {"account.external_account.", Kind::external_account},
    {"capability.", Kind::capability},
    {"payout.", Kind::payout},
    {"customer.created", Kind::mirror},  // not customer.discount.created and its like
    {"customer.updated", Kind::mirror},
    {"customer.deleted", Kind::mirror},
    {"product.", Kind::mirror},
    {"price.", Kind::mirror},
    {"coupon.", Kind::mirror},
    {"promotion_code.", Kind::mirror},
};

Kind kind_of(std::string_view type) {
    for (const auto& prefix : prefixes)
        if (type.starts_with(prefix.text)) return prefix.kind;
    return Kind::none;
}

/// What objects call themselves.
struct Name {
    std::string_view text;
    Kind kind;
};
constexpr Name names[] = {{"payment_intent", Kind::payment_intent},
                          {"charge", Kind::charge},
                          {"refund", Kind::refund},
                          {"dispute", Kind::dispute},
                          {"checkout.session", Kind::checkout_session},
                          {"subscription", Kind::subscription},
                          {"invoice", Kind::invoice},
                          {"invoice_payment", Kind::invoice_payment},
                          {"account", Kind::account},
                          {"capability", Kind::capability},
                          {"payout", Kind::payout},
                          {"customer", Kind::mirror},
                          {"product", Kind::mirror},
                          {"price", Kind::mirror},
                          {"coupon", Kind::mirror},
                          {"promotion_code", Kind::mirror}};

/// What data.object.object must say in an event of this type; empty where several names are right.
std::string_view object_name(Kind kind, std::string_view type) {
    if (kind == Kind::mirror) return type.substr(0, type.find('.'));
    for (const auto& name : names)
        if (name.kind == kind) return name.text;
    return {};
}

/// What an object is, by its own name alone; none for what no fold knows.
Kind kind_of(Json object, std::string_view named) {
    for (const auto& name : names)
        if (name.text == named) return name.kind;
    // A seller's, not a card of a customer's.
    const bool external = named == "bank_account" || named == "card";
    return external && member(object, "account") ? Kind::external_account : Kind::none;
}

Object read_object(Kind kind, std::string_view type, std::string_view name, Json json,
                   const MaybeJson& previous, Fields fields) {
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
        case Kind::mirror: return read_mirror(name, json, previous, fields);
        case Kind::action:
        case Kind::none: break;
    }
    return std::monostate();
}

Object read_payload(Kind kind, std::string_view type, Json root, Fields fields) {
    const auto data = member(root, "data");
    const auto object = member(data, "object");
    if (!object || !object->is_object()) throw Unreadable("data.object is missing");
    const auto expected = object_name(kind, type);
    const auto named = fields.id(object, "object");
    if (!expected.empty() && !named.empty() && named != expected)
        throw Unreadable("data.object is a " + std::string(named) + ", not a " +
                         std::string(expected));
    return read_object(kind, type, expected, *object, member(data, "previous_attributes"), fields);
}

// --- actions -------------------------------------------------------------------------------------

/// Which connected account an object of the platform's own calls belongs to.
std::string_view owner_of(const Object& object) {
    if (const auto* account = std::get_if<Account>(&object)) return account->id;
    if (const auto* capability = std::get_if<Capability>(&object)) return capability->account;
    if (const auto* external = std::get_if<ExternalAccount>(&object)) return external->account;
    return {};
}

/// Makes events of the objects that an action's calls to Stripe answered.
class Snapshots {
public:
    Snapshots(const Event& action, std::vector<Event>& out, Arena& arena)
        : action_(action), out_(out), arena_(arena) {}

    void read(Json root) {
        std::size_t step = 0;
        if (const auto steps = member(root, "steps"))
            each_item(*steps, [&](Json answer) {
                // When it was taken is not recorded, so it gives way to all but the creation's
                // event.
                if (const auto object = member(answer, "object"))
                    add(*object, Fields::integer(member(*object, "created"), "created"),
                        order_of_made + std::string(action_.id) + '/' + std::to_string(step));
                ++step;
            });
        if (const auto object = member(member(root, "data"), "object")) {
            // What the call took is counted off Stripe's clock, and that is too much when the
            // object was made just before.
            const auto made = Fields::integer(member(*object, "created"), "created");
            const auto at = std::max(action_.created, made);
            const auto id = Fields(arena_).id(object, "id");
            const bool change =
                !id.empty() && action_.action->path.find(id) != std::string_view::npos;
            if (change)
                add(*object, at, order_of_answer(), std::max(action_.action->snapshot_until, at));
            else
                add(*object, at, order_of_made + std::string(action_.id));
            // A product that is made with its price may answer both.
            const auto price = member(*object, "default_price");
            if (price && price->is_object())
                add(*price, Fields::integer(member(*price, "created"), "created"),
                    order_of_made + std::string(action_.id) + "/default_price");
        }
    }

private:
    /// Changes made within one second are told apart by the microsecond of their answers.
    [[nodiscard]] std::string order_of_answer() const {
        const auto& action = *action_.action;
        const auto answered =
            std::to_string(std::max(action.answered_at_us, action.answered_at * per_second));
        return order_of_change + std::string(20 - answered.size(), '0') + answered +
               std::string(action_.id);
    }

    void add(Json json, std::int64_t created, const std::string& order, std::int64_t until = 0) {
        Fields fields(arena_);
        const auto named = fields.id(json, "object");
        const auto kind = kind_of(json, named);
        const auto deleted = member(json, "deleted");  // a stub with nothing but its id
        if (kind == Kind::none || created <= 0 || (deleted && Fields::boolean(*deleted))) return;
        Event event = action_;
        event.action.reset();
        event.type = action_object;
        event.created = created;
        event.until = until;
        event.order = arena_.keep(order);
        event.object = read_object(kind, event.type, named, json, std::nullopt, fields);
        if (const auto owner = owner_of(event.object); !owner.empty()) event.account = owner;
        out_.push_back(std::move(event));
    }

    const Event action_;
    std::vector<Event>& out_;
    Arena& arena_;
};

}  // namespace

class Codec::Parser : public simdjson::dom::parser {};

Codec::Codec() : parser_(std::make_unique<Parser>()) {}
Codec::~Codec() = default;
Codec::Codec(Codec&&) noexcept = default;
Codec& Codec::operator=(Codec&&) noexcept = default;

void Codec::read(const LogRow& row, Arena& arena, std::vector<Event>& out) {
    Event& event = out.emplace_back();
    event.position = row.position;
    event.type = arena.keep(row.type);
    event.account = arena.keep(row.account);
    event.created = row.occurred_at / per_second;
    const auto kind = kind_of(event.type);
    if (event.type.ends_with(".created") && kind != Kind::none) {
        event.order = arena.keep(scratch_.assign(1, order_of_creation).append(row.event_id));
        event.id = event.order.substr(1);
    } else {
        event.order = event.id = arena.keep(row.event_id);
    }
    if (kind == Kind::none) return;

    const auto place = out.size() - 1;
    Json root;
    if (const auto bad = parse_json(*parser_, row.payload, root); bad != simdjson::SUCCESS) {
        event.error = arena.keep(std::string("the payload is not valid JSON: ") +
                                 simdjson::error_message(bad));
        return;
    }
    try {
        if (kind == Kind::action) {
            event.action = std::make_shared<const Action>(read_action(root, Fields(arena)));
            if (event.type == "action.succeeded") Snapshots(event, out, arena).read(root);
        } else {
            event.object = read_payload(kind, event.type, root, Fields(arena));
        }
    } catch (const Unreadable& why) {
        // One object of an action that cannot be read sets aside all of them, not the action.
        const bool snapshot = out[place].action != nullptr;
        out.resize(place + 1);
        if (snapshot) {
            out.push_back(out[place]);
            out.back().action.reset();
            out.back().type = action_object;
        }
        out.back().error = arena.keep(why.what());
    }
}

}  // namespace daybook::projections::stripe
