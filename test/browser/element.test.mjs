// The payment element, clicked through in the demonstration shop.
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

async function fillBasket() {
  await page.goto(`${sim.base}/_sim/shop`);
  await page.getByRole('button', { name: 'Buy' }).click();
  await page.locator('[name=number]').waitFor();
}

const pay = () => page.getByRole('button', { name: /^Pay / }).click();
const said = (text) => page.getByText(text).waitFor();

async function latestIntent() {
  const { data } = await sim.api('GET', '/v1/payment_intents', { limit: 1 });
  return data[0];
}

test('a card pays', async () => {
  await fillBasket();
  await picture(page, 'element');
  await typeCard(page, '4242424242424242');
  await pay();
  await said('Thank you, it is paid');
  await picture(page, 'shop-paid');
  const intent = await latestIntent();
  assert.equal(intent.status, 'succeeded');
  assert.equal(intent.amount_received, 3250);
});

test('what is typed wrong is refused before it is sent', async () => {
  await fillBasket();
  await pay();
  await said('Your card number is incomplete.');
  await typeCard(page, '4242424242424241');
  await pay();
  await said('Your card number is invalid.');
  assert.equal((await latestIntent()).last_payment_error, null);
});

test('after a decline another card pays', async () => {
  await fillBasket();
  await typeCard(page, '4000000000009995');
  await pay();
  await said('Your card has insufficient funds.');
  await picture(page, 'declined');
  const { last_payment_error: error } = await latestIntent();
  assert.equal(error.code, 'card_declined');
  assert.equal(error.decline_code, 'insufficient_funds');
  await page.getByText('Test cards').click();
  await page.getByRole('button', { name: '4242 4242 4242 4242' }).click();
  await pay();
  await said('Thank you, it is paid');
});

test('the bank challenges: failed, then completed', async () => {
  await fillBasket();
  const challenge = page.frameLocator('iframe[title=Authentication]');
  await typeCard(page, '4000002760003184');
  await pay();
  await challenge.getByRole('heading', { name: '3D Secure' }).waitFor();
  await picture(page, 'challenge');
  await challenge.getByRole('button', { name: 'Fail authentication' }).click();
  await said('We are unable to authenticate your payment method');
  await pay();
  await challenge.getByRole('button', { name: 'Complete authentication' }).click();
  await said('Thank you, it is paid');
});

test('PayPal and Klarna approve elsewhere and come back', async () => {
  for (const name of ['PayPal', 'Klarna']) {
    await fillBasket();
    await page.getByRole('tab', { name }).click();
    await pay();
    await page.getByRole('button', { name: 'Authorize test payment' }).waitFor();
    await picture(page, name.toLowerCase());
    await page.getByRole('button', { name: 'Authorize test payment' }).click();
    await said('Thank you, it is paid');
    assert.match(page.url(), /redirect_status=succeeded/);
    const charge = await sim.api('GET', `/v1/charges/${(await latestIntent()).latest_charge}`);
    assert.equal(charge.payment_method_details.type, name.toLowerCase());
  }
});

test('a redirect that fails comes back unpaid', async () => {
  await fillBasket();
  await page.getByRole('tab', { name: 'PayPal' }).click();
  await pay();
  await page.getByRole('button', { name: 'Fail test payment' }).click();
  await said('It was not paid');
  assert.match(page.url(), /redirect_status=failed/);
});

test('a setup intent keeps a card, through the element', async () => {
  const intent = await sim.api('POST', '/v1/setup_intents', {
    'automatic_payment_methods[enabled]': true,
  });
  await page.goto(`${sim.base}/_sim/shop`);
  await page.evaluate((clientSecret) => {
    document.body.insertAdjacentHTML('beforeend', '<div id="here"></div>');
    window.stripe = Stripe('pk_test_browsertests');
    window.elements = window.stripe.elements({ clientSecret, appearance: { theme: 'night' } });
    window.elements.create('payment').mount('#here');
  }, intent.client_secret);
  await typeCard(page, '4242424242424242');
  const result = await page.evaluate(() =>
    window.stripe.confirmSetup({
      elements: window.elements,
      confirmParams: { return_url: location.href },
      redirect: 'if_required',
    }),
  );
  assert.equal(result.setupIntent.status, 'succeeded');
});

test('a card element pays with confirmCardPayment and tells of changes', async () => {
  const { client_secret: secret } = await sim.api('POST', '/v1/payment_intents', {
    amount: 1500,
    currency: 'eur',
  });
  await page.goto(`${sim.base}/_sim/shop`);
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<div id="here"></div>');
    window.stripe = Stripe('pk_test_browsertests');
    window.card = window.stripe.elements().create('card');
    window.changes = [];
    window.card.on('change', ({ complete }) => window.changes.push(complete));
    window.card.mount('#here');
  });
  await typeCard(page, '5555555555554444');
  const result = await page.evaluate(
    (clientSecret) =>
      window.stripe.confirmCardPayment(clientSecret, {
        payment_method: { card: window.card, billing_details: { name: 'Jenny Rosen' } },
      }),
    secret,
  );
  assert.equal(result.paymentIntent?.status, 'succeeded', JSON.stringify(result.error));
  assert.equal(await page.evaluate(() => window.changes.at(-1)), true);
  const wrong = await page.evaluate(
    (clientSecret) =>
      window.stripe.confirmCardPayment(clientSecret, { payment_method: 'pm_card_visa' }),
    secret,
  );
  assert.equal(wrong.error.type, 'invalid_request_error');
  assert.equal(wrong.error.code, 'payment_intent_unexpected_state');
});

test('the status page shows what exists', async () => {
  await page.goto(`${sim.base}/`);
  await page.getByRole('cell', { name: 'payment_intent', exact: true }).first().waitFor();
  await said('Every balance is the sum of its transactions.');
  await picture(page, 'status');
});
