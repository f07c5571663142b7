// Finds the newest attempt to pay, counts what was captured and what went back, and decides.
#include <projections/standing.hpp>

#include <algorithm>

namespace daybook::projections {

namespace {

enum class Progress { pending, failed, canceled, paid };

/// A payment intent with its charges, or a charge that has none.
struct Payment {
    std::string_view id;
    const Newest<PaymentState>* intent = nullptr;
    std::vector<std::pair<std::string_view, const ChargeFacts*>> charges;

    [[nodiscard]] const ChargeState* newest_charge() const {
        const ChargeState* newest = nullptr;
        for (const auto& [id_, facts] : charges)  // by id, so that equal times keep one order
            if (!newest || facts->state.value.created >= newest->created)
                newest = &facts->state.value;
        return newest;
    }
    [[nodiscard]] bool collected() const {
        return std::ranges::any_of(
            charges, [](const auto& charge) { return charge.second->state.value.collected(); });
    }
    /// Whether a charge failed at or after this second.
    [[nodiscard]] bool charge_failed_since(std::int64_t second) const {
        return std::ranges::any_of(charges, [&](const auto& charge) {
            const auto& state = charge.second->state;
            return state.value.status == "failed" && state.at >= second;
        });
    }
    [[nodiscard]] bool processing_since(std::int64_t second) const {
        return intent && intent->value.status == "processing" && intent->at >= second;
    }
    [[nodiscard]] Progress progress() const {
        if (collected()) return Progress::paid;
        if (!intent) {
            const auto* newest = newest_charge();
            return newest && newest->status == "failed" ? Progress::failed : Progress::pending;
        }
        const auto& state = intent->value;
        if (state.status == "succeeded") return Progress::paid;
        if (state.status == "canceled") return Progress::canceled;
        const bool waits = state.status == "requires_payment_method";
        if (waits && (state.failed || charge_failed_since(0))) return Progress::failed;
        return charge_failed_since(intent->at + 1) ? Progress::failed : Progress::pending;
    }
    [[nodiscard]] std::int64_t created() const {
        if (intent) return intent->value.created;
        const auto* newest = newest_charge();
        return newest ? newest->created : 0;
    }
    [[nodiscard]] std::int64_t asked() const {
        if (intent) return intent->value.amount;
        const auto* newest = newest_charge();
        return newest ? newest->amount : 0;
    }
    [[nodiscard]] std::int64_t captured() const {
        std::int64_t sum = 0;
        for (const auto& [id_, facts] : charges)
            if (facts->state.value.collected()) sum += facts->state.value.amount_captured;
        return intent ? std::max(sum, intent->value.received) : sum;
    }
    [[nodiscard]] std::optional<std::int64_t> application_fee() const {
        std::optional<std::int64_t> sum;
        for (const auto& [id_, facts] : charges) {
            const auto& state = facts->state.value;
            if (state.collected() && state.application_fee)
                sum = sum.value_or(0) + *state.application_fee;
        }
        return sum || !intent ? sum : intent->value.application_fee;
    }
    [[nodiscard]] std::string_view currency() const {
        if (intent) return intent->value.currency;
        const auto* newest = newest_charge();
        return newest ? std::string_view(newest->currency) : std::string_view();
    }
    [[nodiscard]] std::string_view failure_code() const {
        if (intent && !intent->value.failure_code.empty()) return intent->value.failure_code;
        const auto* newest = newest_charge();
        return newest ? std::string_view(newest->failure_code) : std::string_view();
    }
};

/// One try to pay for the purchase; the newest decides unless one was paid.
struct Attempt {
    std::int64_t created = 0;
    Progress progress = Progress::pending;
    std::string_view id;
    std::int64_t asked = 0;
    std::string_view currency;
    const Payment* payment = nullptr;
};

/// The facts of a purchase, or of one invoice in it.
class Part {
public:
    Part(const Purchase& purchase, std::string_view only_invoice)
        : purchase_(purchase), only_(only_invoice) {
        gather_payments();
        gather_attempts();
    }
    [[nodiscard]] Standing standing() const;

private:
    [[nodiscard]] bool covers(std::string_view payment) const {
        return only_.empty() || linked(only_, payment);
    }
    [[nodiscard]] bool linked(std::string_view container, std::string_view payment) const {
        return std::ranges::any_of(purchase_.links, [&](const auto& link) {
            return link.first == container && link.second == payment;
        });
    }
    Payment& payment(std::string_view id) {
        const auto found = std::ranges::find(payments_, id, &Payment::id);
        return found != payments_.end() ? *found : payments_.emplace_back(Payment{id, {}, {}});
    }
    void gather_payments();
    void gather_attempts();
    [[nodiscard]] bool retried(std::string_view invoice, std::int64_t failed_at) const;
    void finish(Attempt attempt, bool settled, std::int64_t due = 0);
    void count_refunds(Standing& out) const;
    void judge_disputes(Standing& out, bool& lost, bool& open) const;
    void pick_names(Standing& out, const Attempt* newest) const;

    const Purchase& purchase_;
    std::string_view only_;
    std::vector<Payment> payments_;
    std::vector<Attempt> attempts_;
};

void Part::gather_payments() {
    for (const auto& [id, facts] : purchase_.payments)
        if (covers(id)) payment(id).intent = &facts;
    for (const auto& [id, facts] : purchase_.charges) {
        const auto& intent = facts.state.value.payment_intent;
        const std::string_view name = intent.empty() ? id : intent;
        if (covers(name)) payment(name).charges.emplace_back(id, &facts);
    }
}

/// Whether a payment of the invoice is on its way again since one failed.
bool Part::retried(std::string_view invoice, std::int64_t failed_at) const {
    return std::ranges::any_of(payments_, [&](const auto& candidate) {
        return linked(invoice, candidate.id) && candidate.processing_since(failed_at + 1);
    });
}

/// `settled`: what the session or invoice says of itself is final; its payments cannot change it.
/// `due`: what its payments must come to before it is paid.
void Part::finish(Attempt attempt, bool settled, std::int64_t due) {
    std::int64_t received = 0;
    for (const auto& candidate : payments_) {
        if (!linked(attempt.id, candidate.id)) continue;
        const bool newer = !attempt.payment || candidate.created() >= attempt.payment->created();
        if (candidate.progress() == Progress::paid) {
            received += candidate.captured();
            if (received < due) continue;
            attempt.progress = Progress::paid;
            settled = true;
        } else if (newer && !settled &&
                   !(attempt.progress == Progress::failed &&
                     candidate.progress() == Progress::pending)) {
            attempt.progress = candidate.progress();
        }
        if (newer) attempt.payment = &candidate;
        attempt.created = std::max(attempt.created, candidate.created());
    }
    attempts_.push_back(attempt);
}

void Part::gather_attempts() {
    if (only_.empty()) {
        for (const auto& [id, facts] : purchase_.sessions) {
            const auto& state = facts.state.value;
            Attempt attempt{state.created, Progress::pending, id, state.amount, state.currency, {}};
            if (state.paid())
                attempt.progress = Progress::paid;
            else if (state.status == "expired")
                attempt.progress = Progress::canceled;
            else if (facts.failed)
                attempt.progress = Progress::failed;
            finish(attempt, state.paid() || state.status == "expired");
        }
    }
    for (const auto& [id, facts] : purchase_.invoices) {
        if (!only_.empty() && id != only_) continue;
        const auto& state = facts.state.value;
        Attempt attempt{state.created, Progress::pending, id, state.amount_due, state.currency, {}};
        const bool ended = state.status == "void" || state.status == "uncollectible";
        if (state.paid())
            attempt.progress = Progress::paid;
        else if (ended)
            attempt.progress = Progress::canceled;
        else if (facts.failed_at > 0 && !retried(id, facts.failed_at))
            attempt.progress = Progress::failed;
        finish(attempt, state.paid() || ended, state.amount_due);
    }
    for (const auto& candidate : payments_) {
        const bool claimed = std::ranges::any_of(
            attempts_, [&](const Attempt& attempt) { return linked(attempt.id, candidate.id); });
        if (!claimed)
            attempts_.push_back({candidate.created(), candidate.progress(), candidate.id,
                                 candidate.asked(), candidate.currency(), &candidate});
    }
}

/// Refunds of money that was only held, never captured, are releases and do not count.
void Part::count_refunds(Standing& out) const {
    for (const auto& candidate : payments_) {
        for (const auto& [id, facts] : candidate.charges) {
            if (!facts->state.value.collected()) continue;
            out.refunded += refunded_of(purchase_, std::string(id));
            out.refunded_at = std::max(out.refunded_at, facts->refunded_at.time);
        }
    }
    std::int64_t refund_created = 0;
    for (const auto& [id, facts] : purchase_.refunds) {
        const auto& state = facts.state.value;
        const auto name = payment_of(purchase_, state.payment_intent, state.charge);
        if (!covers(name) || state.bounced()) continue;
        const auto found = std::ranges::find(payments_, name, &Payment::id);
        const bool released = found != payments_.end() && found->progress() != Progress::paid;
        if (released) continue;
        refund_created = std::max(refund_created, state.created);
        const bool counted = found != payments_.end() && found->collected();
        if (!counted) out.refunded += state.amount;
        if (out.currency.empty()) out.currency = state.currency;
    }
    if (refund_created > 0) out.refunded_at = refund_created;
    if (out.refunded == 0) out.refunded_at = 0;
}

void Part::judge_disputes(Standing& out, bool& lost, bool& open) const {
    Earliest disputed;
    Earliest charged_back;
    for (const auto& [id, facts] : purchase_.disputes) {
        const auto& state = facts.state.value;
        if (!covers(payment_of(purchase_, state.payment_intent, state.charge))) continue;
        if (out.currency.empty()) out.currency = state.currency;
        if (state.inquiry()) continue;
        disputed.offer(state.created);
        if (state.lost()) charged_back.offer(facts.closed_at());
        lost = lost || state.lost();
        open = open || !state.closed();
    }
    out.disputed_at = disputed.time;
    out.charged_back_at = charged_back.time;
}

void Part::pick_names(Standing& out, const Attempt* newest) const {
    const Payment* chosen = newest ? newest->payment : nullptr;
    for (const auto& candidate : payments_) {
        if (candidate.progress() != Progress::paid) continue;
        if (!chosen || chosen->progress() != Progress::paid ||
            candidate.created() >= chosen->created())
            chosen = &candidate;
    }
    if (!chosen) return;
    if (chosen->intent || chosen->id.starts_with("pi_")) out.payment_intent = chosen->id;
    if (chosen->intent) out.charge = chosen->intent->value.latest_charge;
    const auto* charge = chosen->newest_charge();
    for (const auto& [id, facts] : chosen->charges)
        if (out.charge.empty() && &facts->state.value == charge) out.charge = id;
    if (newest && newest->progress == Progress::failed) out.failure_code = chosen->failure_code();
}

/// charged_back > disputed > refunded > partially_refunded > paid > the newest attempt's progress.
/// Won, prevented and closed disputes and inquiries change nothing.
std::string_view status_of(const Standing& money, bool lost, bool open, Progress progress) {
    if (lost) return "charged_back";
    if (open) return "disputed";
    if (money.ever_paid && money.refunded > 0)
        return money.amount > 0 && money.refunded >= money.amount ? "refunded"
                                                                  : "partially_refunded";
    switch (progress) {
        case Progress::paid: return "paid";
        case Progress::canceled: return "canceled";
        case Progress::failed: return "failed";
        case Progress::pending: break;
    }
    return "pending";
}

Standing Part::standing() const {
    Standing out;
    const Attempt* newest = nullptr;
    bool paid = false;
    for (const auto& attempt : attempts_) {
        paid = paid || attempt.progress == Progress::paid;
        const auto key = [](const Attempt& a) {
            return std::tuple(a.progress == Progress::paid, a.created, a.progress, a.id);
        };
        if (!newest || key(attempt) > key(*newest)) newest = &attempt;
    }
    if (newest) out.currency = newest->currency;
    count_refunds(out);
    bool lost = false;
    bool open = false;
    judge_disputes(out, lost, open);
    // Money that came back or is fought over was paid, even if the payment was not seen yet.
    out.ever_paid = paid || (attempts_.empty() && (out.refunded > 0 || lost || open));

    for (const auto& candidate : payments_) {
        out.amount += candidate.captured();
        // An attempt that was given up asked for a fee too, which nobody gets.
        const bool counts = candidate.progress() == Progress::paid ||
                            (!paid && newest && newest->payment == &candidate);
        if (const auto fee = candidate.application_fee(); fee && counts)
            out.application_fee = out.application_fee.value_or(0) + *fee;
    }
    if (out.amount == 0 && newest) {
        const auto invoice = purchase_.invoices.find(std::string(newest->id));
        const bool settled =
            invoice != purchase_.invoices.end() && invoice->second.state.value.paid();
        out.amount = settled ? invoice->second.state.value.amount_paid : newest->asked;
        if (newest->payment && !settled) out.amount = newest->payment->asked();
    }
    pick_names(out, newest);
    out.status = status_of(out, lost, open, newest ? newest->progress : Progress::pending);
    return out;
}

}  // namespace

std::string_view payment_of(const Purchase& purchase, const std::string& intent,
                            const std::string& charge) {
    if (!intent.empty()) return intent;
    const auto found = purchase.charges.find(charge);
    if (found == purchase.charges.end()) return charge;
    const auto& named = found->second.state.value.payment_intent;
    return named.empty() ? charge : named;
}

std::int64_t refunded_of(const Purchase& purchase, const std::string& charge) {
    const auto found = purchase.charges.find(charge);
    return found == purchase.charges.end() ? 0
                                           : refunded_of(charge, found->second, purchase.refunds);
}

std::int64_t refunded_of(const std::string& charge, const ChargeFacts& facts,
                         const std::map<std::string, RefundFacts>& refunds) {
    const auto& state = facts.state.value;
    const auto* snapshot = facts.refunded.newest();
    // A snapshot that lowers the amount has the bounces of its own second in it already.
    const bool lowered =
        snapshot && snapshot->before && snapshot->before->amount > snapshot->value.amount;
    const auto unseen_from = snapshot ? snapshot->at + (lowered ? 1 : 0) : 0;
    const auto held = state.amount - state.amount_captured;
    // Capturing less than was held releases the rest, which Stripe shows as refunded from the
    // start.
    const auto released = held > 0 && facts.least_refunded == held ? held : 0;
    std::int64_t known = 0;
    std::int64_t bounced = 0;
    bool release_listed = false;
    for (const auto& [id, refund] : refunds) {
        const auto& value = refund.state.value;
        if (value.charge.empty() ? value.payment_intent != state.payment_intent
                                 : value.charge != charge)
            continue;
        if (!value.bounced()) {
            known += value.amount;
            release_listed = release_listed || value.amount == released;
        } else if (snapshot && refund.bounced_at.time >= unseen_from) {
            bounced += value.amount;
        }
    }
    const auto shown = (snapshot ? snapshot->value.amount : 0) - released - bounced;
    if (released > 0 && release_listed && known > shown) known -= released;
    return std::max({known, shown, std::int64_t{0}});
}

Standing standing(const Purchase& purchase) {
    return Part(purchase, {}).standing();
}

Standing standing(const Purchase& purchase, std::string_view invoice) {
    return Part(purchase, invoice).standing();
}

}  // namespace daybook::projections
