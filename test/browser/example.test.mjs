// A buyer in the example shop: whatever is clicked, the order ends paid, by one payment at Stripe.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { picture, typeCard } from './harness.mjs';
import { openShop } from './shop.mjs';

let shop;
let visitor;
let page;

before(async () => {
  shop = await openShop();
});
after(() => shop?.close());
beforeEach(async () => {
  visitor = await shop.visitor();
  page = await visitor.newPage();
});
afterEach(() => visitor.close());

const button = (name) => page.getByRole('button', { name });
const pay = () => button(/^Pay /).click();
const said = (text) => page.getByText(text).first().waitFor();
const challenge = () => page.frameLocator('iframe[title=Authentication]');
const orderShown = () => /\/orders\/(ord_[0-9a-f]{24})/.exec(page.url())[1];

/** Nothing sticks out, neither on a desk nor on a telephone; takes its picture on both. */
async function fits(name) {
  const desk = page.viewportSize();
  for (const [kind, width] of [['phone', 360], ['desk', desk.width]]) {
    await page.setViewportSize({ ...desk, width });
    const needed = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(needed <= width, `${name} needs ${needed} of ${width}`);
    await picture(page, `example-${name}-${kind}`);
  }
}

/** The buyer clicks the button in the shop; gives the order's id. */
async function goToCheckout() {
  await page.goto(shop.url);
  await button(/^Buy /).click();
  await page.locator('[name=number]').waitFor();
  return orderShown();
}

/** Everything that is to be true when the buyer is thanked. */
async function isPaidOnce(order) {
  await said('Your order is paid.');
  assert.equal(orderShown(), order);
  const paid = await shop.daybook(`/orders/${order}`);
  assert.equal(paid.status, 'paid');
  assert.equal(paid.amount, 4900);
  assert.equal(paid.seller_account, shop.seller);
  assert.equal(paid.application_fee_amount, 490);

  const { data: intents } = await shop.stripe('/v1/payment_intents', { limit: 100 });
  const theirs = intents.filter(({ metadata }) => metadata.user_id === paid.buyer_id);
  assert.deepEqual(theirs.map(({ status }) => status), ['succeeded']);
  assert.equal(theirs[0].metadata.order_id, order);
  const { data: charges } = await shop.stripe('/v1/charges', { payment_intent: theirs[0].id });
  const successes = charges.filter(({ status }) => status === 'succeeded');
  assert.deepEqual(successes.map(({ amount }) => amount), [4900]);

  await page.getByRole('link', { name: 'Open the course' }).click();
  await said('You have this course.');
  return { paid, charges };
}

test('a card pays, and the course is open', async () => {
  await page.goto(shop.url);
  await fits('course');
  const order = await goToCheckout();
  await fits('checkout');
  await typeCard(page, '4242424242424242');
  await pay();
  await said('Your order is paid.');
  await fits('receipt');
  await isPaidOnce(order);
  await fits('course-open');
});

test('after a decline another card pays the same order', async () => {
  const order = await goToCheckout();
  await typeCard(page, '4000000000009995');
  await pay();
  await said('Your card has insufficient funds.');
  await fits('declined');
  await typeCard(page, '4242424242424242');
  await pay();
  const { paid, charges } = await isPaidOnce(order);
  assert.deepEqual(charges.map(({ status }) => status).sort(), ['failed', 'succeeded']);
  assert.ok(paid.timeline.some(({ type }) => type === 'payment_intent.payment_failed'));
});

test('the bank challenges: failed at first, then completed', async () => {
  const order = await goToCheckout();
  await typeCard(page, '4000002760003184');
  await pay();
  await challenge().getByRole('button', { name: 'Fail authentication' }).click();
  await said('We are unable to authenticate your payment method');
  await fits('challenge-failed');
  await pay();
  await challenge().getByRole('heading', { name: '3D Secure' }).waitFor();
  await fits('challenge');
  await challenge().getByRole('button', { name: 'Complete authentication' }).click();
  await isPaidOnce(order);
});

test('PayPal sends back: unpaid at first, then paid', async () => {
  const order = await goToCheckout();
  const payThere = async (name) => {
    await page.getByRole('tab', { name: 'PayPal' }).click();
    await pay();
    await button(name).waitFor();
    await fits('paypal');
    await button(name).click();
  };
  await payThere('Fail test payment');
  await said('The payment did not go through. Nothing was charged.');
  await fits('came-back-unpaid');
  assert.equal(orderShown(), order);
  await payThere('Authorize test payment');
  await isPaidOnce(order);
});

test('double clicks and reloads make one order and one payment', async () => {
  await page.goto(shop.url);
  await button(/^Buy /).dblclick();
  await page.locator('[name=number]').waitFor();
  const order = orderShown();
  await page.reload();
  await typeCard(page, '4242424242424242');
  await button(/^Pay /).dblclick();
  await said('Your order is paid.');
  await page.reload();
  await page.goBack();
  await said('Slow Crust');
  await page.goto(`${shop.url}/orders/${order}`);
  await isPaidOnce(order);
});

test('the same order from a second tab within a minute is the first one', async () => {
  const order = await goToCheckout();
  const second = await visitor.newPage();
  await second.goto(shop.url);
  await second.getByRole('button', { name: /^Buy / }).click();
  await second.locator('[name=number]').waitFor();
  assert.match(second.url(), new RegExp(order));
  await typeCard(second, '4242424242424242');
  await second.getByRole('button', { name: /^Pay / }).click();
  await second.getByText('Your order is paid.').waitFor();
  await page.reload();
  await isPaidOnce(order);
});

test('a connection to Stripe that is cut after the call costs nobody an order', async () => {
  await page.goto(shop.url);
  const fault = { kind: 'cut_after', route: 'POST /v1/payment_intents', count: 1 };
  const planned = await fetch(`${shop.sim}/_sim/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  assert.ok(planned.ok);
  await button(/^Buy /).click();
  await page.locator('[name=number]').waitFor();
  const order = orderShown();
  await typeCard(page, '4242424242424242');
  await pay();
  await isPaidOnce(order);
});

test('an order is shown to its buyer alone', async () => {
  const order = await goToCheckout();
  const other = await shop.visitor();
  const reply = await other.request.get(`${shop.url}/orders/${order}`);
  assert.equal(reply.status(), 404);
  await other.close();
});
