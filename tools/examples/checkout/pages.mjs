// The shop's pages. What is put into `html` is escaped, unless it is `html` itself.
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

class Html extends String {}

function html(parts, ...values) {
  const shown = values.map((value) =>
    value instanceof Html ? value : String(value ?? '').replace(/[&<>"']/g, (c) => escapes[c]),
  );
  return new Html(String.raw({ raw: parts }, ...shown));
}

/** 4900 usd as $49.00, and 4900 jpy as ¥4,900. */
export function money(amount, currency) {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

const layout = (title, main) =>
  `<!doctype html>${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Slow Crust</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><a href="/">Slow Crust</a><span>Courses by bakers</span></header>
<main>${main}</main>
</body>
</html>`}`;

const loaf = html`<svg class="loaf" viewBox="0 0 320 180" role="img" aria-label="A loaf of bread">
<rect width="320" height="180" fill="#f3e3cb"/>
<ellipse cx="160" cy="142" rx="128" ry="12" fill="#e0c9a6"/>
<path d="M40 132C22 72 82 38 160 38s138 34 120 94c-3 10-237 10-240 0z" fill="#b8752f"/>
<path d="M54 124C44 78 92 52 160 52s116 26 106 72c-2 6-210 6-212 0z" fill="#cf8f45"/>
<path d="M92 112q6-34 32-44M138 112q8-38 36-50M188 112q8-32 34-42" fill="none"
 stroke="#f3dcb4" stroke-width="9" stroke-linecap="round"/>
</svg>`;

const lessons = ['The starter', 'Flour and water', 'Folding', 'Shaping', 'Scoring', 'The oven'];

export function course({ name, price, owned, order }) {
  const amount = money(price.unit_amount, price.currency);
  const buy = html`<form method="post" action="/orders">
<input type="hidden" name="order" value="${order}"><button>Buy for ${amount}</button></form>`;
  const list = lessons.map((lesson) => html`<li>${lesson}</li>`).join('');
  return layout(
    name,
    html`<article class="columns"><section>${loaf}</section><section>
<h1>${name}</h1><p class="quiet">Six lessons, from the first bubbles to the crust.</p>
${owned ? html`<p class="good">You have this course.</p>` : buy}
<ol class="${owned ? 'open' : 'locked'}">${new Html(list)}</ol></section></article>`,
  );
}

export function checkout({ order, payment, name, script, failed }) {
  const amount = money(order.amount, order.currency);
  const trouble = failed ? 'The payment did not go through. Nothing was charged.' : '';
  return layout(
    'Checkout',
    html`<div class="columns"><section><h1>Checkout</h1>
<dl><dt>${name}</dt><dd>${amount}</dd>
<dt class="total">Total</dt><dd class="total">${amount}</dd></dl>
<p class="quiet">Order ${order.order_number}</p></section>
<section><form id="payment" class="card" data-publishable-key="${payment.publishable_key}"
 data-client-secret="${payment.client_secret}" data-return-url="/orders/${order.order_id}">
<div id="element"></div><p id="trouble" class="bad" role="alert">${trouble}</p>
<button disabled>Pay ${amount}</button></form></section></div>
<script src="${script}"></script><script type="module" src="/checkout.js"></script>`,
  );
}

export function waiting(order) {
  return layout(
    'Your payment',
    html`<section class="card narrow" id="waiting" data-order="/orders/${order.order_id}">
<div class="spinner"></div><h1>One moment</h1><p class="quiet">Your payment is being confirmed.</p>
</section><script type="module" src="/waiting.js"></script>`,
  );
}

const verdicts = {
  paid: ['Thank you!', 'Your order is paid.'],
  partially_refunded: ['Refunded in part', 'A part of your money is on its way back.'],
  refunded: ['Refunded', 'Your money is on its way back.'],
  canceled: ['Cancelled', 'This order was cancelled. Nothing was charged.'],
  disputed: ['Disputed', 'Your bank is looking into this payment.'],
  charged_back: ['Charged back', 'Your bank took this payment back.'],
};

export function receipt(order, name) {
  const [title, text] = verdicts[order.status] ?? ['Your order', `It is ${order.status}.`];
  // Whoever has seen the order paid finds the course unlocked: `after` waits for that.
  const course = `/?after=${order.events.at(-1)}`;
  const label = order.status === 'paid' ? 'Open the course' : 'Back to the shop';
  return layout(
    title,
    html`<section class="card narrow"><h1>${title}</h1><p>${text}</p>
<dl><dt>${name}</dt><dd>${money(order.amount, order.currency)}</dd></dl>
<p class="quiet">Order ${order.order_number}</p>
<p><a class="button" href="${course}">${label}</a></p></section>`,
  );
}

export const notFound = () =>
  layout('Not found', html`<section class="card narrow"><h1>There is nothing here</h1>
<p><a class="button" href="/">Back to the shop</a></p></section>`);

export const trouble = () =>
  layout('Sorry', html`<section class="card narrow"><h1>Something went wrong</h1>
<p class="quiet">Reload the page to try again. An order is never charged twice.</p></section>`);
