// Invoice payments: which payment intent pays which invoice.
#include <tools/stripe_sim/billing/collecting.hpp>

namespace daybook::sim {

void add_invoice_payments(Routes& on) {
    on.index("invoice_payment", "invoice");
    on.index("invoice_payment", "payment.payment_intent");
    on.retrieve("/v1/invoice_payments/{invoice_payment}");
    on.list("/v1/invoice_payments",
            {"invoice", "status", "payment.type", "payment.payment_intent"});
    add_collecting(on);
}

}  // namespace daybook::sim
