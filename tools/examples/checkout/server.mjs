// A shop that sells one course. Its server talks to Daybook alone; the buyer's card meets Stripe.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { Daybook } from './daybook.mjs';
import * as pages from './pages.mjs';

const { DAYBOOK_URL = 'http://127.0.0.1:8080', DAYBOOK_KEY, SELLER, STRIPE_JS } = process.env;
const daybook = new Daybook(DAYBOOK_URL, DAYBOOK_KEY);
const newId = (prefix) => prefix + randomBytes(12).toString('hex');

// The catalogue is Daybook's, and mirrored to Stripe. With the same key it is made once and found
// at every later start. With a SELLER, who must be ready to be paid, the money is split.
const price = { currency: 'usd', unit_amount: 4900 };
const course = await daybook.post(
  '/products',
  { name: 'Sourdough in a weekend', kind: 'course', price, ...(SELLER && { seller: SELLER }) },
  `sourdough-${SELLER ?? 'platform'}`,
);

/**
 * The order and what its page needs. The order's id is the idempotency key: a double click, a
 * reload and a repetition after a lost answer all get the first answer, and there is one payment.
 */
function paymentOf(orderId, buyer, product) {
  const order = { order_id: orderId, buyer: { user_id: buyer }, lines: [{ product }] };
  return daybook.post('/payment-intents', order, orderId);
}

/** An order of this buyer; somebody else's does not exist. */
async function orderOf({ buyer, query }, id) {
  const order = await daybook.get(`/orders/${id}`, { after: query.get('after') });
  if (order.buyer_id !== buyer) throw Object.assign(new Error('not theirs'), { status: 404 });
  return order;
}

// --- what the shop answers --------------------------------------------------------------------
async function showCourse({ buyer, query }) {
  const asked = { user_id: buyer, product_id: course.product_id, after: query.get('after') };
  const { access } = await daybook.get('/access', asked);
  // The order has its id before there is an order: the form sent twice is one order.
  const order = newId('ord_');
  return page(pages.course({ name: course.name, price, order, owned: access }));
}

async function placeOrder({ buyer, form }) {
  const id = form.get('order');
  if (!/^ord_[0-9a-f]{24}$/.test(id)) return page(pages.notFound(), 404);
  const place = async (order) => {
    const { position } = await paymentOf(order, buyer, course.product_id);
    return redirect(`/orders/${order}?after=${position}`);
  };
  try {
    return await place(id);
  } catch (problem) {
    // The same order from another tab, within a minute: go on with that one.
    if (problem.type === 'likely-duplicate') return place(problem.order_id);
    throw problem;
  }
}

async function showOrder(request, id) {
  const order = await orderOf(request, id);
  const isOpen = order.status === 'pending' || order.status === 'failed';
  if (!isOpen) return page(pages.receipt(order, course.name));
  // Stripe.js brings the buyer back with this. What counts is what Daybook hears from Stripe.
  const came = request.query.get('redirect_status');
  if (came === 'succeeded') return page(pages.waiting(order));
  const payment = await paymentOf(id, request.buyer, order.product_id);
  const shown = { order, payment, name: course.name, failed: came === 'failed' };
  return page(pages.checkout({ ...shown, script: stripeJs(payment.publishable_key) }));
}

async function tellStatus(request, id) {
  const { status } = await orderOf(request, id);
  return { type: 'application/json', body: JSON.stringify({ status }) };
}

async function sendFile(_, name) {
  const type = name.endsWith('.css') ? 'text/css' : 'text/javascript';
  return { type, body: await readFile(new URL(`public/${name}`, import.meta.url)) };
}

const routes = [
  ['GET', /^\/$/, showCourse],
  ['POST', /^\/orders$/, placeOrder],
  ['GET', /^\/orders\/(ord_[0-9a-f]{24})$/, showOrder],
  ['GET', /^\/orders\/(ord_[0-9a-f]{24})\/status$/, tellStatus],
  ['GET', /^\/(checkout\.js|waiting\.js|style\.css)$/, sendFile],
];

/** Stripe's script, or what the Stripe simulator of `daybook serve` has in its place. */
function stripeJs(publishableKey) {
  if (!publishableKey) throw new Error('Daybook has no STRIPE_PUBLISHABLE_KEY to give to pages');
  if (STRIPE_JS) return STRIPE_JS;
  const isSimulated = publishableKey === 'pk_test_DaybookStripeSimulator';
  return isSimulated
    ? 'http://127.0.0.1:12111/_sim/stripe.js'
    : 'https://js.stripe.com/endive/stripe.js';
}

// --- HTTP -------------------------------------------------------------------------------------
const page = (body, status = 200) => ({ status, type: 'text/html; charset=utf-8', body });
const redirect = (location) => ({ status: 303, headers: { Location: location } });

/** Who is buying. A cookie with a name made up on the first visit stands for your login. */
function buyerOf(request) {
  const known = /(?:^|; )buyer=(user_[0-9a-f]{24})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1];
  return known ? { buyer: known } : { buyer: newId('user_'), isNew: true };
}

async function formOf(request) {
  let text = '';
  for await (const part of request) if ((text += part).length > 4096) throw new Error('too large');
  return new URLSearchParams(text);
}

async function answer(request) {
  const { pathname, searchParams: query } = new URL(request.url, 'http://shop');
  const { buyer, isNew } = buyerOf(request);
  const cookie = isNew && { 'Set-Cookie': `buyer=${buyer}; Path=/; HttpOnly; SameSite=Lax` };
  for (const [method, path, handler] of routes) {
    const found = method === request.method && path.exec(pathname);
    if (!found) continue;
    const form = method === 'POST' ? await formOf(request) : undefined;
    const { headers, ...rest } = await handler({ buyer, query, form }, found[1]);
    return { ...rest, headers: { ...headers, ...cookie } };
  }
  return page(pages.notFound(), 404);
}

function trouble(error) {
  if (error.status === 404) return page(pages.notFound(), 404);
  console.error(error);
  return page(pages.trouble(), 502);
}

const server = createServer(async (request, response) => {
  const { status = 200, type = 'text/plain', headers, body } = await answer(request).catch(trouble);
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store', ...headers });
  response.end(body);
});
server.listen(process.env.PORT ?? 4242, '127.0.0.1', () => {
  console.log(`The shop is open: http://127.0.0.1:${server.address().port}`);
});
