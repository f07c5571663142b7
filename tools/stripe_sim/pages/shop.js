// The demonstration shop. A real one keeps its secret key on its server.
import { ask, element, money, one, query } from '/_sim/assets/page.js';

const secretKey = 'sk_test_demonstrationshop';
const stripe = Stripe('pk_test_demonstrationshop');
const currency = 'usd';
const basket = [
  { name: 'Coffee beans', amount: 1450, quantity: 1 },
  { name: 'Cup', amount: 900, quantity: 2 },
];
const total = basket.reduce((sum, { amount, quantity }) => sum + amount * quantity, 0);
const here = location.origin + location.pathname;

const api = (method, path, params) => ask(method, path, { params, key: secretKey });

function result(good, verdict, details) {
  one('#payment').hidden = true;
  one('#result').hidden = false;
  one('#verdict').textContent = verdict;
  one('#verdict').className = good ? 'good' : 'bad';
  one('#details').textContent = details;
}

function showIntent(intent) {
  const amount = money(intent.amount, intent.currency);
  if (intent.status === 'succeeded')
    result(true, 'Thank you, it is paid', `${amount}, ${intent.id}`);
  else if (intent.status === 'processing')
    result(true, 'Your payment is on its way', `${amount}, ${intent.id}`);
  else result(false, 'It was not paid', intent.last_payment_error?.message ?? intent.status);
}

function showSession(session) {
  const amount = money(session.amount_total ?? 0, session.currency ?? currency);
  const done = session.status === 'complete';
  result(
    done,
    done ? 'Thank you for your order' : 'It was not paid',
    `${amount}, ${session.payment_status}, ${session.id}`,
  );
}

async function buyWithElement() {
  const intent = await api('POST', '/v1/payment_intents', {
    amount: total,
    currency,
    'automatic_payment_methods[enabled]': true,
    description: 'Demonstration order',
  });
  const elements = stripe.elements({ clientSecret: intent.client_secret });
  elements.create('payment').mount('#element');
  one('#form').hidden = false;
  one('#pay').textContent = `Pay ${money(total, currency)}`;
  one('#form').addEventListener('submit', async (event) => {
    event.preventDefault();
    one('#pay').disabled = true;
    const confirmParams = { return_url: here };
    const { paymentIntent } = await stripe.confirmPayment({
      elements,
      confirmParams,
      redirect: 'if_required',
    });
    one('#pay').disabled = false;
    if (paymentIntent) showIntent(paymentIntent);
  });
}

function lineItems() {
  const params = {};
  basket.forEach(({ name, amount, quantity }, index) => {
    const item = `line_items[${index}]`;
    params[`${item}[quantity]`] = quantity;
    params[`${item}[price_data][currency]`] = currency;
    params[`${item}[price_data][unit_amount]`] = amount;
    params[`${item}[price_data][product_data][name]`] = name;
  });
  return params;
}

/** The code that the hosted page takes, made when it is not there yet. */
async function makeCode() {
  const { data } = await api('GET', '/v1/promotion_codes', { code: 'DEMO20' });
  if (data.length) return;
  const coupon = await api('POST', '/v1/coupons', { percent_off: 20, duration: 'once' });
  await api('POST', '/v1/promotion_codes', {
    'promotion[type]': 'coupon',
    'promotion[coupon]': coupon.id,
    code: 'DEMO20',
  });
}

async function buyHosted() {
  await makeCode();
  const session = await api('POST', '/v1/checkout/sessions', {
    mode: 'payment',
    success_url: `${here}?session={CHECKOUT_SESSION_ID}`,
    cancel_url: here,
    allow_promotion_codes: true,
    ...lineItems(),
  });
  location.assign(session.url);
}

async function buyEmbedded() {
  const session = await api('POST', '/v1/checkout/sessions', {
    mode: 'payment',
    ui_mode: 'embedded_page',
    return_url: `${here}?session={CHECKOUT_SESSION_ID}`,
    ...lineItems(),
  });
  const checkout = await stripe.initEmbeddedCheckout({ clientSecret: session.client_secret });
  checkout.mount('#embedded');
}

const ways = { element: buyWithElement, embedded: buyEmbedded, hosted: buyHosted };

function trouble(error) {
  one('#trouble').textContent = error.message;
  one('#buy').disabled = false;
}

one('#buy').addEventListener('click', () => {
  one('#trouble').textContent = '';
  one('#buy').disabled = true;
  one('#payment').hidden = false;
  ways[one('#way').value]().catch(trouble);
});

const row = (name, amount, kind = '') =>
  element(
    'div',
    { class: `row ${kind}` },
    element('span', {}, name),
    element('span', {}, money(amount, currency)),
  );
one('#basket').append(
  ...basket.map(({ name, amount, quantity }) => row(`${name} × ${quantity}`, amount * quantity)),
  row('Total', total, 'total'),
);

// Back from another page.
if (query.has('payment_intent'))
  stripe
    .retrievePaymentIntent(query.get('payment_intent_client_secret'))
    .then(({ paymentIntent, error }) => {
      if (error) trouble(error);
      else showIntent(paymentIntent);
    });
if (query.has('session'))
  api('GET', `/v1/checkout/sessions/${query.get('session')}`).then(showSession, trouble);
