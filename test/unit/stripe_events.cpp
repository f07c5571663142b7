// Renders objects as JSON, folds them, and decodes the rows that come out.
#include <test/unit/stripe_events.hpp>

#include <ledger/pg/binary.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>

namespace daybook::test {

namespace {

using projections::Column;
using projections::Type;

std::string with(std::string members, std::string_view more) {
    if (!more.empty()) (members += ',') += more;
    return '{' + members + '}';
}

using Field = std::optional<std::string>;

std::vector<Field> fields_of(std::string_view bytes) {
    std::vector<Field> fields;
    while (!bytes.empty()) {
        const auto size = pg::take<std::int32_t>(bytes);
        if (size < 0) {
            fields.emplace_back();
        } else {
            fields.emplace_back(bytes.substr(0, static_cast<std::size_t>(size)));
            bytes.remove_prefix(static_cast<std::size_t>(size));
        }
    }
    return fields;
}

std::string shown(const Column& column, const Field& field) {
    if (!field) return "-";
    std::string_view bytes = *field;
    switch (column.type) {
        case Type::bigint: return fmt::to_string(pg::take<std::int64_t>(bytes));
        case Type::timestamp:
            return fmt::to_string((pg::take<std::int64_t>(bytes) + pg::postgres_epoch_us) /
                                  1'000'000);
        case Type::boolean: return bytes[0] != 0 ? "yes" : "no";
        default: break;
    }
    std::string text(bytes);
    std::ranges::replace(text, ' ', '_');
    return text.empty() ? "\"\"" : text;
}

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream in(line);
    return {std::istream_iterator<std::string>(in), {}};
}

std::string line_of(const std::vector<std::string>& words) {
    return fmt::format("{}\n", fmt::join(words, " "));
}

struct Stored {
    StripeEvent event;
    std::string payload;
    std::int64_t position = 0;
};

LogRow row_of(const Stored& stored) {
    LogRow row;
    row.position = stored.position;
    row.event_id = stored.event.id;
    row.type = stored.event.type;
    row.account = stored.event.account;
    row.occurred_at = stored.event.created * 1'000'000;
    row.payload = stored.payload;
    return row;
}

}  // namespace

std::string metadata(std::string_view order, std::string_view user, std::string_view product) {
    return fmt::format(R"("metadata":{{"order_id":"{}","user_id":"{}","product_id":"{}"}})", order,
                       user, product);
}

std::string payment_intent(std::string_view id, std::int64_t amount, std::string_view status,
                           std::string_view more) {
    return with(fmt::format(R"("id":"{}","object":"payment_intent","amount":{},"currency":"usd",)"
                            R"("status":"{}","created":100,"amount_received":{})",
                            id, amount, status, status == "succeeded" ? amount : 0),
                more);
}

std::string charge(std::string_view id, std::string_view intent, std::int64_t amount,
                   std::string_view more) {
    const auto named = intent.empty() ? "null" : fmt::format("\"{}\"", intent);
    return with(fmt::format(R"("id":"{}","object":"charge","amount":{},"amount_captured":{},)"
                            R"("amount_refunded":0,"currency":"usd","status":"succeeded",)"
                            R"("captured":true,"paid":true,"payment_intent":{},"created":100)",
                            id, amount, amount, named),
                more);
}

std::string refund(std::string_view id, std::string_view charge, std::string_view intent,
                   std::int64_t amount, std::string_view status, std::string_view more) {
    return with(fmt::format(R"("id":"{}","object":"refund","charge":"{}","payment_intent":"{}",)"
                            R"("amount":{},"currency":"usd","status":"{}","created":200)",
                            id, charge, intent, amount, status),
                more);
}

std::string dispute(std::string_view id, std::string_view charge, std::string_view intent,
                    std::string_view status, std::string_view more) {
    return with(fmt::format(R"("id":"{}","object":"dispute","charge":"{}","payment_intent":"{}",)"
                            R"("amount":1000,"currency":"usd","status":"{}","created":300)",
                            id, charge, intent, status),
                more);
}

std::string session(std::string_view id, std::int64_t amount, std::string_view status,
                    std::string_view payment_status, std::string_view more) {
    return with(fmt::format(R"("id":"{}","object":"checkout.session","mode":"payment",)"
                            R"("amount_total":{},"currency":"usd","status":"{}",)"
                            R"("payment_status":"{}","created":90)",
                            id, amount, status, payment_status),
                more);
}

std::string subscription(std::string_view id, std::string_view status, std::string_view more) {
    return with(fmt::format(R"("id":"{}","object":"subscription","status":"{}","created":100,)"
                            R"("customer":"cus_1","cancel_at_period_end":false,"items":{{"data":)"
                            R"([{{"current_period_end":9,"price":{{"product":"prod_plan"}}}}]}})",
                            id, status),
                more);
}

std::string invoice(std::string_view id, std::string_view subscription, std::string_view reason,
                    std::int64_t amount, std::string_view status, std::int64_t period_end,
                    std::string_view more) {
    return with(
        fmt::format(R"("id":"{}","object":"invoice","status":"{}","billing_reason":"{}",)"
                    R"("currency":"usd","amount_due":{},"amount_paid":{},"created":100,)"
                    R"("customer":"cus_1","parent":{{"type":"subscription_details",)"
                    R"("subscription_details":{{"subscription":"{}","metadata":)"
                    R"({{"order_id":"o_sub","user_id":"u_1"}}}}}},"lines":{{"data":[{{"id":"il_1",)"
                    R"("amount":{},"quantity":1,"currency":"usd","description":"Plan",)"
                    R"("period":{{"start":1,"end":{}}},"pricing":{{"price_details":)"
                    R"({{"price":"price_1","product":"prod_plan"}}}}}}]}})",
                    id, status, reason, amount, status == "paid" ? amount : 0, subscription, amount,
                    period_end),
        more);
}

std::string invoice_payment(std::string_view id, std::string_view invoice,
                            std::string_view intent) {
    return fmt::format(R"({{"id":"{}","object":"invoice_payment","invoice":"{}","status":"paid",)"
                       R"("payment":{{"type":"payment_intent","payment_intent":"{}"}}}})",
                       id, invoice, intent);
}

std::string payout(std::string_view id, std::string_view status, std::string_view more) {
    return with(fmt::format(R"("id":"{}","object":"payout","amount":9000,"currency":"usd",)"
                            R"("status":"{}","created":500,"arrival_date":600,"automatic":true,)"
                            R"("method":"standard","type":"bank_account")",
                            id, status),
                more);
}

std::string mirrored(std::string_view name, std::string_view id, std::string_view more,
                     std::int64_t created) {
    return with(fmt::format(R"("id":"{}","object":"{}","created":{})", id, name, created), more);
}

StripeEvent answered(std::string path, std::int64_t created, std::string object,
                     std::string steps) {
    StripeEvent event{"action.succeeded", created, std::move(object), std::move(steps)};
    event.path = std::move(path);
    event.answered_at = created;
    event.until = created;
    return event;
}

namespace {

/// act_1.outcome is about act_1.
std::string action_payload(const StripeEvent& event) {
    return fmt::format(
        R"({{"id":"{}","object":"daybook.action","type":"{}","created":{},"livemode":false,)"
        R"("action":{{"id":"{}","kind":"gateway","method":"POST","path":"{}","account":null,)"
        R"("requester":{{"key_id":"key_1","remote":"127.0.0.1","user_agent":"ua",)"
        R"("request_id":"r_1"}},"answered_at":{},"answered_at_us":{},)"
        R"("snapshot_until":{},"attempts":1,"settled_by":"answer","status":200,)"
        R"("error":null}},"answer":{{}},"steps":{},"data":{{"object":{}}}}})",
        event.id, event.type, event.created, event.id.substr(0, event.id.find('.')), event.path,
        event.answered_at, event.answered_at_us, event.until,
        event.previous.empty() ? "[]" : event.previous,
        event.object.empty() ? "null" : event.object);
}

}  // namespace

std::string payload_of(const StripeEvent& event) {
    if (event.type.starts_with("action.")) return action_payload(event);
    const auto previous =
        event.previous.empty() ? "" : fmt::format(R"(,"previous_attributes":{})", event.previous);
    return fmt::format(R"({{"id":"{}","object":"event","type":"{}","created":{},)"
                       R"("data":{{"object":{}{}}}}})",
                       event.id, event.type, event.created, event.object, previous);
}

void MemoryFold::apply(const LogRow& row) {
    const auto& types = projection_.types;
    if (std::ranges::find(types, row.type) == types.end()) return;
    arena_.clear();
    events_.clear();
    codec_.read(row, arena_, events_);
    for (const auto& event : events_)
        apply(event);
}

void MemoryFold::apply(const projections::Event& event) {
    const auto& types = projection_.types;
    if (std::ranges::find(types, event.type) == types.end()) return;
    if (!event.error.empty()) throw std::runtime_error(std::string(event.error));
    fold_->apply(event);
}

std::vector<std::string> MemoryFold::rows() {
    std::vector<std::string> all;
    fold_->drain([&](std::string_view, const projections::Resting&, projections::RowSink& sink) {
        for (const auto& [index, row] : sink.entries()) {
            const auto& table = projection_.tables[index];
            std::string bytes = table.name;
            const auto fields = fields_of(row.bytes());
            for (std::size_t column = 0; column < fields.size(); ++column)
                if (table.columns[column].use != projections::Use::trace)
                    bytes += '|' + shown(table.columns[column], fields[column]);
            all.push_back(std::move(bytes));
        }
    });
    std::ranges::sort(all);
    return all;
}

std::string MemoryFold::show(std::string_view name, const std::vector<std::string>& columns) {
    std::vector<std::string> lines;
    fold_->drain([&](std::string_view, const projections::Resting&, projections::RowSink& sink) {
        for (const auto& [index, row] : sink.entries()) {
            const auto& table = projection_.tables[index];
            if (table.name != name) continue;
            const auto fields = fields_of(row.bytes());
            if (fields.size() != table.columns.size()) throw std::logic_error("fields are missing");
            std::vector<std::string> words;
            for (const auto& column : columns) {
                const auto found = std::ranges::find_if(
                    table.columns, [&](const Column& c) { return c.name == column; });
                if (found == table.columns.end()) throw std::logic_error("no column " + column);
                words.push_back(
                    shown(*found, fields[static_cast<std::size_t>(found - table.columns.begin())]));
            }
            lines.push_back(line_of(words));
        }
    });
    std::ranges::sort(lines);
    return fmt::format("{}", fmt::join(lines, ""));
}

Story& Story::given(std::vector<StripeEvent> events) {
    for (auto& event : events) {
        // Ids that do not sort by their place, so that no test passes by that luck.
        const auto number = events_.size() + 1;
        if (event.id.empty()) event.id = fmt::format("evt_{:03}", number * 611 % 1000);
        events_.push_back(std::move(event));
    }
    return *this;
}

Story& Story::then(std::string_view table, std::string_view expected) {
    std::istringstream in{std::string(expected)};
    std::vector<std::string> columns;
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        auto words = words_of(line);
        if (words.empty()) continue;
        if (columns.empty())
            columns = std::move(words);
        else
            lines.push_back(line_of(words));
    }
    std::ranges::sort(lines);
    const auto wanted = fmt::format("{}", fmt::join(lines, ""));

    std::vector<Stored> stored;
    for (const auto& event : events_)
        stored.push_back({event, payload_of(event), static_cast<std::int64_t>(stored.size()) + 1});
    constexpr std::uint64_t shuffles = 20;
    for (std::uint64_t seed = 0; seed < shuffles; ++seed) {
        auto order = stored;
        if (seed == 1) std::ranges::reverse(order);
        if (seed > 1) {
            order.insert(order.end(), stored.begin(), stored.end());
            std::mt19937_64 random(seed);
            std::shuffle(order.begin(), order.end(), random);
        }
        MemoryFold fold(*projections::find_projection(projection_));
        for (const auto& event : order)
            fold.apply(row_of(event));
        INFO("order of arrival " << seed << ", table " << table);
        REQUIRE(fold.show(table, columns) == wanted);
    }
    return *this;
}

}  // namespace daybook::test
