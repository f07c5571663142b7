// The checkout page: what is bought, a promotion code, a way to pay, and back to the shop.
import { ask, element, idInPath, money, one, pageKey, query } from '/_sim/assets/page.js';

const id = idInPath();
const account = query.get('account') ?? undefined;
const embedded = query.has('embedded');
const path = `/v1/payment_pages/${id}`;
document.body.classList.toggle('embedded', embedded);
const stripe = Stripe(pageKey, { stripeAccount: account });
const elements = stripe.elements({});

const request = (method, where, params) => ask(method, where, { params, key: pageKey, account });

/** Tells the page around an embedded checkout. */
function tell(message) {
  if (embedded) parent.postMessage({ session: id, ...message }, '*');
}

function sum(label, amount, currency, name = '') {
  return element(
    'div',
    { class: `row ${name}` },
    element('span', {}, label),
    element('span', {}, money(amount, currency)),
  );
}

function itemRow(item) {
  const each = item.quantity > 1 ? ` × ${item.quantity}` : '';
  const recurring = item.price?.recurring;
  const every =
    recurring &&
    (recurring.interval_count > 1
      ? `every ${recurring.interval_count} ${recurring.interval}s`
      : `per ${recurring.interval}`);
  return element(
    'div',
    { class: 'row' },
    element('span', {}, item.description + each, element('div', { class: 'quiet' }, every ?? '')),
    element('span', {}, money(item.amount_subtotal, item.currency)),
  );
}

function showSums(page) {
  const {
    amount_discount: discount,
    amount_tax: tax,
    amount_shipping: shipping,
  } = page.total_details;
  const rows = [sum('Subtotal', page.amount_subtotal, page.currency)];
  if (discount)
    rows.push(sum(`Discount ${page.promotion_code ?? ''}`, -discount, page.currency, 'good'));
  if (shipping) rows.push(sum('Shipping', shipping, page.currency));
  if (tax) rows.push(sum('Tax', tax, page.currency));
  const label = page.mode === 'subscription' ? 'Total due today' : 'Total';
  rows.push(sum(label, page.amount_total, page.currency, 'total'));
  one('#sums').replaceChildren(...rows);
  one('#total').textContent = money(page.amount_total, page.currency);
  one('#items').replaceChildren(...page.line_items.map(itemRow));
}

function labelOf(page) {
  if (page.mode === 'setup') return 'Save card';
  if (page.mode === 'subscription') return 'Subscribe';
  return `Pay ${money(page.amount_total, page.currency)}`;
}

function show(page) {
  if (page.status !== 'open') return showClosed(page);
  one('#open').hidden = false;
  one('#what').textContent =
    { setup: 'Save a payment method', subscription: 'Subscribe' }[page.mode] ?? 'Pay';
  one('#pay').textContent = labelOf(page);
  one('#promotion').hidden = !page.allow_promotion_codes;
  one('#back').hidden = embedded || !page.cancel_url;
  if (page.cancel_url) one('#back').href = page.cancel_url;
  if (page.line_items.length) showSums(page);
}

function showClosed(page) {
  one('#open').hidden = true;
  one('#closed').hidden = false;
  const done = page.status === 'complete';
  one('#verdict').textContent = done ? 'Thank you' : 'This checkout session has expired';
  one('#explanation').textContent = done
    ? 'This session is complete; nothing more is to be done here.'
    : 'Nothing was charged. Please go back to the shop.';
}

/** Where to after completion: nowhere, unless the session names an address. */
function leave(page) {
  tell({ complete: true, leave: page.redirect_url });
  if (page.redirect_url && !embedded) location.assign(page.redirect_url);
  else showClosed(page);
}

async function complete(submitted) {
  const action = submitted.next_action;
  if (submitted.status !== 'open' || !action) return submitted;
  if (action.redirect_to_url) {
    tell({ leave: action.redirect_to_url.url });
    if (!embedded) location.assign(action.redirect_to_url.url);
    return undefined;
  }
  const { error } = await stripe.handleNextAction({ clientSecret: submitted.client_secret });
  if (error) throw new Error(error.message);
  return request('GET', path);
}

async function pay() {
  const { error, paymentMethod } = await stripe.createPaymentMethod({
    elements,
    params: { billing_details: { email: one('#email').value } },
  });
  if (error) throw new Error(error.message);
  const submitted = await request('POST', `${path}/confirm`, {
    payment_method: paymentMethod.id,
    email: one('#email').value,
  });
  const page = await complete(submitted);
  if (page) leave(page);
}

one('#payment').addEventListener('submit', async (event) => {
  event.preventDefault();
  one('#error').textContent = '';
  one('#pay').disabled = true;
  await pay().catch((error) => (one('#error').textContent = error.message));
  one('#pay').disabled = false;
});

one('#promotion').addEventListener('submit', async (event) => {
  event.preventDefault();
  one('#promotion-error').textContent = '';
  await request('POST', path, { promotion_code: one('#code').value }).then(show, (error) => {
    one('#promotion-error').textContent = error.message;
  });
});

new ResizeObserver(() => tell({ height: document.documentElement.offsetHeight })).observe(
  document.body,
);

request('GET', path).then(
  (page) => {
    elements.update({ payment_method_types: page.payment_method_types });
    if (page.status === 'open') elements.create('payment').mount('#element');
    one('#email').value = page.customer_email ?? '';
    one('#email').readOnly = Boolean(page.customer_email);
    show(page);
    // Back from PayPal, Klarna and the like.
    if (query.get('redirect_status') === 'failed')
      one('#error').textContent = page.last_error ?? '';
    else if (query.has('redirect_status') && page.status === 'complete') leave(page);
  },
  (error) => {
    one('#closed').hidden = false;
    one('#verdict').textContent = 'There is no such checkout session';
    one('#explanation').textContent = error.message;
  },
);
