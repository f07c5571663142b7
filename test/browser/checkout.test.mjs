// Checkout, hosted and embedded, as a buyer goes through it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { picture, start, typeCard } from './harness.mjs';

let sim;
let page;

before(async () => {
  sim = await start();
});
after(() => sim.close());
beforeEach(async () => {
  await page?.close();
  page = await sim.context.newPage();
});

async function buy(way) {
  await page.goto(`${sim.base}/_sim/shop`);
  await page.locator('#way').selectOption(way);
  await page.getByRole('button', { name: 'Buy' }).click();
}

const said = (text) => page.getByText(text).waitFor();

async function latestSession() {
  const { data } = await sim.api('GET', '/v1/checkout/sessions', {
    limit: 1,
    'expand[]': 'data.line_items',
  });
  return data[0];
}

/** The types of the events since the session was made, oldest first. */
async function eventsSince(session) {
  const { data } = await sim.api('GET', '/v1/events', {
    limit: 100,
    'created[gte]': session.created,
  });
  return data.map(({ type }) => type).reverse();
}

test('the hosted page takes a promotion code and a card', async () => {
  await buy('hosted');
  await page.locator('#total', { hasText: '$32.50' }).waitFor();
  await page.locator('[name=number]').waitFor();
  await page.getByPlaceholder('Promotion code').fill('NOSUCH');
  await page.getByRole('button', { name: 'Apply' }).click();
  await said('This code is invalid.');
  await page.getByPlaceholder('Promotion code').fill('demo20');
  await page.getByRole('button', { name: 'Apply' }).click();
  await said('Discount DEMO20');
  await page.getByLabel('Email').fill('jenny@example.com');
  await picture(page, 'checkout-promotion');
  await page.setViewportSize({ width: 390, height: 800 });
  await picture(page, 'checkout-phone');
  await page.setViewportSize({ width: 1100, height: 900 });
  await typeCard(page, '4242424242424242');
  await page.getByRole('button', { name: 'Pay $26.00' }).click();
  await said('Thank you for your order');
  const session = await latestSession();
  assert.equal(session.status, 'complete');
  assert.equal(session.payment_status, 'paid');
  assert.equal(session.amount_total, 2600);
  assert.equal(session.total_details.amount_discount, 650);
  assert.equal(session.customer_details.email, 'jenny@example.com');
  assert.equal(session.line_items.data.length, 2);
  const { data: codes } = await sim.api('GET', '/v1/promotion_codes', { code: 'DEMO20' });
  assert.equal(codes[0].times_redeemed, 1);
  const types = await eventsSince(session);
  assert.ok(
    types.indexOf('payment_intent.succeeded') < types.indexOf('checkout.session.completed'),
  );
});

test('a declined card may be followed by one with a challenge', async () => {
  await buy('hosted');
  await page.getByLabel('Email').fill('jenny@example.com');
  await typeCard(page, '4000000000000002');
  await page.getByRole('button', { name: /^Pay / }).click();
  await said('Your card was declined.');
  await typeCard(page, '4000002760003184');
  await page.getByRole('button', { name: /^Pay / }).click();
  await page
    .frameLocator('iframe[title=Authentication]')
    .getByRole('button', { name: 'Complete authentication' })
    .click();
  await said('Thank you for your order');
  assert.equal((await latestSession()).payment_status, 'paid');
});

test('Klarna on the hosted page: refused, then approved', async () => {
  await buy('hosted');
  await page.getByLabel('Email').fill('jenny@example.com');
  for (const answer of ['Fail', 'Authorize']) {
    await page.getByRole('tab', { name: 'Klarna' }).click();
    await page.getByRole('button', { name: /^Pay / }).click();
    await page.getByRole('button', { name: `${answer} test payment` }).click();
    if (answer === 'Fail') await said('We are unable to authenticate your payment method');
    if (answer === 'Fail') await page.getByLabel('Email').fill('jenny@example.com');
  }
  await said('Thank you for your order');
});

test('embedded checkout stays in the page, challenge included', async () => {
  await buy('embedded');
  const checkout = page.frameLocator('iframe[title=Checkout]');
  await checkout.getByLabel('Email').fill('jenny@example.com');
  await typeCard(checkout, '4000002760003184');
  await picture(page, 'embedded');
  await checkout.getByRole('button', { name: /^Pay / }).click();
  await checkout
    .frameLocator('iframe[title=Authentication]')
    .getByRole('button', { name: 'Complete authentication' })
    .click();
  await said('Thank you for your order');
  assert.equal((await latestSession()).payment_status, 'paid');
});

test('embedded checkout with PayPal returns to the shop', async () => {
  await buy('embedded');
  const checkout = page.frameLocator('iframe[title=Checkout]');
  await checkout.getByLabel('Email').fill('jenny@example.com');
  await checkout.getByRole('tab', { name: 'PayPal' }).click();
  await checkout.getByRole('button', { name: /^Pay / }).click();
  await page.getByRole('button', { name: 'Authorize test payment' }).click();
  await said('Thank you for your order');
});

async function sessionOf(params) {
  const session = await sim.api('POST', '/v1/checkout/sessions', {
    success_url: `${sim.base}/_sim/shop?session={CHECKOUT_SESSION_ID}`,
    ...params,
  });
  await page.goto(session.url);
  await page.getByLabel('Email').fill('jenny@example.com');
  await typeCard(page, '4242424242424242');
  return session;
}

const membership = {
  'line_items[0][quantity]': 1,
  'line_items[0][price_data][currency]': 'usd',
  'line_items[0][price_data][unit_amount]': 1200,
  'line_items[0][price_data][recurring][interval]': 'month',
  'line_items[0][price_data][product_data][name]': 'Membership',
};

test('a subscription begins, paid', async () => {
  const { id } = await sessionOf({ mode: 'subscription', ...membership });
  await said('per month');
  await picture(page, 'subscription');
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await said('Thank you for your order');
  const session = await sim.api('GET', `/v1/checkout/sessions/${id}`, {
    'expand[]': 'subscription',
  });
  assert.equal(session.payment_status, 'paid');
  assert.equal(session.subscription.status, 'active');
  const invoice = await sim.api('GET', `/v1/invoices/${session.invoice}`);
  assert.equal(invoice.status, 'paid');
  assert.equal(invoice.amount_paid, 1200);
});

test('a subscription with a trial keeps a card', async () => {
  const { id } = await sessionOf({
    mode: 'subscription',
    'subscription_data[trial_period_days]': 14,
    ...membership,
  });
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await said('Thank you for your order');
  const session = await sim.api('GET', `/v1/checkout/sessions/${id}`, {
    'expand[]': 'subscription',
  });
  assert.equal(session.payment_status, 'no_payment_required');
  assert.equal(session.subscription.status, 'trialing');
  assert.ok(session.subscription.default_payment_method);
});

test('a setup session keeps a card', async () => {
  const { id } = await sessionOf({ mode: 'setup', currency: 'usd' });
  await picture(page, 'setup');
  await page.getByRole('button', { name: 'Save card' }).click();
  await page.waitForURL(/session=cs_test_/);
  const session = await sim.api('GET', `/v1/checkout/sessions/${id}`, {
    'expand[]': 'setup_intent',
  });
  assert.equal(session.status, 'complete');
  assert.equal(session.setup_intent.status, 'succeeded');
  assert.ok(session.customer);
});

test('a session of a connected account is paid on its page', async () => {
  const account = await sim.api('POST', '/v1/accounts', { type: 'express', country: 'US' });
  const session = await sim.api(
    'POST',
    '/v1/checkout/sessions',
    {
      mode: 'payment',
      success_url: `${sim.base}/_sim`,
      'line_items[0][quantity]': 1,
      'line_items[0][price_data][currency]': 'usd',
      'line_items[0][price_data][unit_amount]': 1200,
      'line_items[0][price_data][product_data][name]': 'Basket',
    },
    account.id,
  );
  await page.goto(session.url);
  await page.getByLabel('Email').fill('jenny@example.com');
  await typeCard(page, '4000002760003184');
  await page.getByRole('button', { name: /^Pay / }).click();
  await page
    .frameLocator('iframe[title=Authentication]')
    .getByRole('button', { name: 'Complete authentication' })
    .click();
  await page.waitForURL(`${sim.base}/_sim`);
  const path = `/v1/checkout/sessions/${session.id}`;
  assert.equal((await sim.api('GET', path, {}, account.id)).payment_status, 'paid');
});

test('an expired session says so', async () => {
  await buy('hosted');
  await page.locator('[name=number]').waitFor();
  const { id } = await latestSession();
  await sim.api('POST', `/v1/checkout/sessions/${id}/expire`);
  await page.goto(`${sim.base}/_sim/checkout/${id}`);
  await said('This checkout session has expired');
});

test('an invoice is paid on its page', async () => {
  const customer = await sim.api('POST', '/v1/customers', { email: 'jenny@example.com' });
  const draft = await sim.api('POST', '/v1/invoices', {
    customer: customer.id,
    collection_method: 'send_invoice',
    days_until_due: 14,
  });
  await sim.api('POST', '/v1/invoiceitems', {
    customer: customer.id,
    invoice: draft.id,
    amount: 4500,
    currency: 'usd',
    description: 'Repair',
  });
  const invoice = await sim.api('POST', `/v1/invoices/${draft.id}/finalize`);
  await page.goto(invoice.hosted_invoice_url);
  await said('Status: open');
  await typeCard(page, '4242424242424242');
  await picture(page, 'invoice');
  await page.getByRole('button', { name: 'Pay' }).click();
  await said('Status: paid');
  assert.equal((await sim.api('GET', `/v1/invoices/${draft.id}`)).amount_paid, 4500);
});
