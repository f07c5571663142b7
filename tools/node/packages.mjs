// The npm packages that the tools use, resolved from here so that scripts elsewhere find them too.
export { default as Stripe } from 'stripe';
export { default as Table } from 'cli-table3';
