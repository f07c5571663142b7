// Builds Stripe events for tests, folds them and shows the rows.
#pragma once

#include <projections/projection.hpp>
#include <projections/stripe/codec.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::test {

struct StripeEvent {
    std::string type;
    std::int64_t created = 0;
    std::string object;         ///< JSON
    std::string previous = {};  ///< JSON of data.previous_attributes, or nothing
    std::string account = {};
    std::string id = {};  ///< given by its place in the story when empty
    /// Of an action.* event alone: what the client called, and when it was answered. Its `object`
    /// is what Stripe answered, `previous` the answers of earlier steps as a JSON array.
    std::string path = {};
    std::int64_t answered_at = 0, answered_at_us = 0;
    std::int64_t until = 0;
};

/// What our own call to Stripe answered: `path` is what the client called.
StripeEvent answered(std::string path, std::int64_t created, std::string object,
                     std::string steps = {});

/// An object with these members; `more` is JSON that adds members or overrides earlier ones.
std::string payment_intent(std::string_view id, std::int64_t amount, std::string_view status,
                           std::string_view more = {});
std::string charge(std::string_view id, std::string_view intent, std::int64_t amount,
                   std::string_view more = {});
std::string refund(std::string_view id, std::string_view charge, std::string_view intent,
                   std::int64_t amount, std::string_view status, std::string_view more = {});
std::string dispute(std::string_view id, std::string_view charge, std::string_view intent,
                    std::string_view status, std::string_view more = {});
std::string session(std::string_view id, std::int64_t amount, std::string_view status,
                    std::string_view payment_status, std::string_view more = {});
std::string subscription(std::string_view id, std::string_view status, std::string_view more = {});
std::string invoice(std::string_view id, std::string_view subscription, std::string_view reason,
                    std::int64_t amount, std::string_view status, std::int64_t period_end,
                    std::string_view more = {});
std::string invoice_payment(std::string_view id, std::string_view invoice, std::string_view intent);
std::string payout(std::string_view id, std::string_view status, std::string_view more = {});
/// A customer, product, price, coupon or promotion code.
std::string mirrored(std::string_view name, std::string_view id, std::string_view more = {},
                     std::int64_t created = 100);

/// "metadata":{…} with all three names of the marketplace.
std::string metadata(std::string_view order, std::string_view user, std::string_view product);

/// The rows of a projection in memory: table by table, sorted, shown as text.
class Story {
public:
    explicit Story(std::string_view projection) : projection_(projection) {}

    Story& given(std::vector<StripeEvent> events);

    /// Checks the rows of `table`: the first line names columns, each further line is a row, `-` is
    /// NULL. Folds the events in order, backwards, and shuffled with duplicates, each time anew.
    Story& then(std::string_view table, std::string_view expected);

private:
    std::string_view projection_;
    std::vector<StripeEvent> events_;
};

/// The payload as Stripe would send it.
std::string payload_of(const StripeEvent& event);

/// Reads log rows with a codec and folds them into one projection.
class MemoryFold {
public:
    explicit MemoryFold(const projections::Projection& projection)
        : projection_(projection), fold_(projection.fold()) {}

    void apply(const LogRow& row);
    /// One that was read before; its texts outlive the fold.
    void apply(const projections::Event& event);

    /// Every row's table and bytes without trace columns, sorted.
    std::vector<std::string> rows();

    /// The rows of one table with these columns, sorted, as lines.
    std::string show(std::string_view table, const std::vector<std::string>& columns);

private:
    const projections::Projection& projection_;
    std::unique_ptr<projections::Fold> fold_;
    projections::stripe::Codec codec_;
    Arena arena_;
    std::vector<projections::Event> events_;
};

}  // namespace daybook::test
