// The catalogue: products, prices, plans, coupons, promotion codes, tax and shipping rates.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from './client.mjs';

let sim, stripe;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
});
after(() => sim?.stop());

test('products and prices', async () => {
  const product = await stripe.products.create({
    name: 'Mug',
    default_price_data: { currency: 'usd', unit_amount: 1_800 },
    metadata: { product_id: 'mug' },
  });
  assert.match(product.default_price, /^price_/);
  const updated = await stripe.products.update(product.id, { description: 'Blue' });
  assert.equal(updated.description, 'Blue');
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 900,
    recurring: { interval: 'month' },
    lookup_key: 'mug_monthly',
  });
  const changed = await stripe.prices.update(price.id, { nickname: 'Monthly', active: false });
  assert.equal(changed.active, false);
  const found = await stripe.prices.list({
    lookup_keys: ['mug_monthly'],
    expand: ['data.product'],
  });
  assert.equal(found.data[0].product.name, 'Mug');
  const decimal = await stripe.prices.create({
    product_data: { name: 'Nails' },
    currency: 'usd',
    unit_amount_decimal: '0.5',
  });
  assert.equal(String(decimal.unit_amount_decimal), '0.5');
  const tiered = await stripe.prices.create({
    product: product.id,
    currency: 'eur',
    billing_scheme: 'tiered',
    tiers_mode: 'graduated',
    tiers: [
      { up_to: 10, unit_amount: 100 },
      { up_to: 'inf', unit_amount: 80, flat_amount: 50 },
    ],
    recurring: { interval: 'month' },
  });
  assert.equal((await stripe.prices.retrieve(tiered.id, { expand: ['tiers'] })).tiers.length, 2);
  const named = await stripe.products.search({ query: "metadata['product_id']:'mug'" });
  assert.equal(named.data[0].id, product.id);
  await stripe.prices.search({ query: "active:'true'" });
  const bare = await stripe.products.create({ id: 'bare', name: 'Bare' });
  assert.equal((await stripe.products.retrieve(bare.id)).id, 'bare');
  assert.ok((await stripe.products.list({ active: true })).data.length >= 2);
  assert.equal((await stripe.products.del(bare.id)).deleted, true);
});

test('plans', async () => {
  const plan = await stripe.plans.create({
    amount: 1_000,
    currency: 'usd',
    interval: 'month',
    product: { name: 'Club' },
  });
  assert.equal((await stripe.plans.update(plan.id, { nickname: 'Club' })).nickname, 'Club');
  assert.equal((await stripe.plans.retrieve(plan.id)).amount, 1_000);
  assert.equal((await stripe.plans.list({})).data.length >= 1, true);
  assert.equal((await stripe.plans.del(plan.id)).deleted, true);
});

test('coupons and promotion codes', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 20, duration: 'once', name: 'Hello' });
  assert.equal((await stripe.coupons.update(coupon.id, { name: 'Hi' })).name, 'Hi');
  assert.equal((await stripe.coupons.retrieve(coupon.id)).percent_off, 20);
  const code = await stripe.promotionCodes.create({
    promotion: { type: 'coupon', coupon: coupon.id },
    code: 'HELLO20',
  });
  assert.equal((await stripe.promotionCodes.list({ code: 'HELLO20' })).data[0].id, code.id);
  assert.equal((await stripe.promotionCodes.update(code.id, { active: false })).active, false);
  assert.equal((await stripe.promotionCodes.retrieve(code.id)).active, false);
  const fixed = await stripe.coupons.create({
    id: 'five',
    amount_off: 500,
    currency: 'usd',
    duration: 'repeating',
    duration_in_months: 3,
  });
  assert.equal((await stripe.coupons.list({})).data.length, 2);
  assert.equal((await stripe.coupons.del(fixed.id)).deleted, true);
});

test('tax rates and shipping rates', async () => {
  const rate = await stripe.taxRates.create({
    display_name: 'VAT',
    percentage: 19,
    inclusive: false,
  });
  assert.equal((await stripe.taxRates.update(rate.id, { active: false })).active, false);
  assert.equal((await stripe.taxRates.retrieve(rate.id)).percentage, 19);
  assert.equal((await stripe.taxRates.list({})).data.length, 1);
  const shipping = await stripe.shippingRates.create({
    display_name: 'Post',
    type: 'fixed_amount',
    fixed_amount: { amount: 490, currency: 'eur' },
  });
  const hidden = await stripe.shippingRates.update(shipping.id, { active: false });
  assert.equal(hidden.active, false);
  assert.equal((await stripe.shippingRates.retrieve(shipping.id)).fixed_amount.amount, 490);
  assert.equal((await stripe.shippingRates.list({})).data.length, 1);
});

test('features of products, and whom they belong to', async () => {
  const feature = await stripe.entitlements.features.create({ lookup_key: 'maps', name: 'Maps' });
  await stripe.entitlements.features.update(feature.id, { name: 'All maps' });
  assert.equal((await stripe.entitlements.features.retrieve(feature.id)).name, 'All maps');
  assert.equal((await stripe.entitlements.features.list({ lookup_key: 'maps' })).data.length, 1);
  const { id, default_price } = await stripe.products.create({
    name: 'Atlas',
    default_price_data: { currency: 'usd', unit_amount: 500, recurring: { interval: 'month' } },
  });
  const attached = await stripe.products.createFeature(id, { entitlement_feature: feature.id });
  assert.equal((await stripe.products.retrieveFeature(id, attached.id)).id, attached.id);
  assert.equal((await stripe.products.listFeatures(id)).data.length, 1);
  const customer = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  });
  const items = [{ price: default_price }];
  await stripe.subscriptions.create({ customer: customer.id, items });
  const { data } = await stripe.entitlements.activeEntitlements.list({ customer: customer.id });
  assert.equal(data[0].feature, feature.id);
  const one = await stripe.entitlements.activeEntitlements.retrieve(data[0].id);
  assert.equal(one.lookup_key, 'maps');
  assert.equal((await stripe.products.deleteFeature(id, attached.id)).deleted, true);
});
