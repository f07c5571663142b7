// The resources of the stripe package whose routes the simulator may answer.
export const families = [
    'AccountLinks', 'AccountSessions', 'Accounts', 'ApplicationFees', 'Balance', 'BalanceSettings',
    'BalanceTransactions', 'Billing/MeterEventSummaries', 'Billing/MeterEvents', 'Billing/Meters',
    'BillingPortal/Configurations', 'BillingPortal/Sessions', 'Charges',
    'Checkout/Sessions', 'ConfirmationTokens', 'Coupons', 'CreditNotes', 'CustomerSessions',
    'Customers', 'Disputes', 'Entitlements/ActiveEntitlements', 'Entitlements/Features', 'Events',
    'FileLinks', 'Files', 'InvoiceItems', 'InvoicePayments', 'Invoices', 'Mandates',
    'PaymentIntents', 'PaymentLinks', 'PaymentMethods', 'Payouts', 'Plans', 'Prices', 'Products',
    'PromotionCodes', 'Radar/EarlyFraudWarnings', 'Refunds', 'Reviews', 'SetupAttempts',
    'SetupIntents', 'ShippingRates', 'SubscriptionItems', 'SubscriptionSchedules', 'Subscriptions',
    'TaxIds', 'TaxRates', 'TestHelpers/ConfirmationTokens', 'TestHelpers/Customers',
    'TestHelpers/Refunds', 'TestHelpers/TestClocks', 'Tokens', 'Topups', 'Transfers',
    'V2/Billing/MeterEventSession', 'V2/Billing/MeterEventStream', 'V2/Billing/MeterEvents',
    'V2/Core/EventDestinations', 'V2/Core/Events', 'WebhookEndpoints',
];

/** Objects that no route of these answers, described because events carry them. */
export const only_in_events = ['application', 'entitlements.active_entitlement_summary'];
