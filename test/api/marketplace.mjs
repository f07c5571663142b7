// A marketplace's life through Daybook's own API; every answer is held to the description, and at
// the end every operation of the description was used.
import assert from 'node:assert/strict';
import { test, before, after } from 'node:test';
import { Client, seen } from './client.mjs';
import { eventually } from './eventually.mjs';
import { operations } from './description.mjs';
import { start_service } from './service.mjs';
import { World } from './world.mjs';

let service;
let admin;
let world;

before(async () => {
  service = await start_service();
  admin = new Client(service.url, await service.key('admin'));
  world = new World(service, admin);
});
after(() => service?.stop());

let seller;
let product;
let price;
let monthly;

test('a seller who is not ready cannot sell, and is told what is missing', async () => {
  const made = await admin.post('/connect/accounts', { country: 'US', email: 'a@shop.example' });
  const product_id = (await admin.post('/products', {
    name: 'Vase', seller: made.account_id, price: { currency: 'usd', unit_amount: 2000 },
  })).product_id;
  const problem = await admin.refused(409, 'seller-not-ready', 'POST', '/payment-intents', {
    buyer: { user_id: 'user_1' },
    lines: [{ product: product_id }],
  });
  assert.equal(problem.account_id, made.account_id);
  assert.ok(problem.missing.includes('capability:transfers'));
  assert.ok(problem.missing.length > 1);
  const link = await admin.post(`/connect/accounts/${made.account_id}/onboarding-link`);
  assert.match(link.url, /^http/);
});

test('an expired onboarding link leads to a new one; a forged token leads nowhere', async () => {
  const made = await admin.post('/connect/accounts', { country: 'DE' });
  const link = await admin.post(`/connect/accounts/${made.account_id}/onboarding-link`, {
    return_url: 'https://shop.example/back', collect: 'eventually_due',
  });
  await fetch(link.url, { redirect: 'manual' }); // a link is good for one visit
  const expired = await fetch(link.url, { redirect: 'manual' });
  const refresh = new URL(expired.headers.get('location'));
  assert.match(refresh.pathname, /^\/connect\/refresh\/act_[0-9a-f]{32}_secret_[0-9a-f]{32}$/);
  const visitor = new Client(service.url);
  const led = await visitor.call('GET', refresh.pathname);
  assert.equal(led.status, 303, led.raw);
  assert.match(led.headers.get('location'), /^http/);
  const forged = refresh.pathname.replace(/[0-9a-f]{32}$/, '0'.repeat(32));
  await visitor.refused(404, 'not-found', 'GET', forged);
  await visitor.refused(404, 'not-found', 'GET', '/connect/refresh/act_1_secret_');

  // whoever has the token has the seller's form: no key sees it
  const [id, secret] = refresh.pathname.split('/').at(-1).split('_secret_');
  const shown = await admin.get(`/actions/${id}`);
  assert.equal(shown.decisions.refresh_secret, '[redacted]');
  for (const path of [`/actions/${id}`, `/events/${id}`, '/audit?limit=100']) {
    assert.ok(!JSON.stringify(await admin.get(path)).includes(secret), path);
  }
});

test('a seller is onboarded, has a dashboard and a session, and can be fetched anew', async () => {
  seller = await world.ready_seller('potter', { statement_descriptor_prefix: 'POTTER' });
  assert.match((await admin.post(`/connect/accounts/${seller}/login-link`)).url, /^http/);
  const session = await admin.post(`/connect/accounts/${seller}/account-session`, {
    components: ['payouts', 'balances'],
  });
  assert.ok(session.client_secret);
  const synced = await admin.post(`/connect/accounts/${seller}/sync`);
  assert.equal(synced.payouts_enabled, true);
  const changed = await admin.patch(`/connect/accounts/${seller}`, {
    fee: { percent: 12.5, fixed: 30 },
    metadata: { tier: 'gold' },
  });
  assert.equal(changed.metadata.tier, 'gold');
  await admin.patch(`/connect/accounts/${seller}`, { fee: null, metadata: { tier: null } });
});

test('a catalogue is made and changed', async () => {
  const made = await admin.post('/products', {
    name: 'Bowl', kind: 'one_off', seller, description: 'Thrown by hand',
    images: ['https://shop.example/bowl.jpg'], price: { currency: 'usd', unit_amount: 2500 },
  });
  product = made.product_id;
  assert.equal(made.seller, seller);
  price = (await admin.post('/prices', { product, currency: 'usd', unit_amount: 4000, nickname: 'large' })).price_id;
  const course = await admin.post('/products', { name: 'Course', kind: 'membership', seller });
  monthly = (await admin.post('/prices', {
    product: course.product_id, currency: 'usd', unit_amount: 1500, recurring: { interval: 'month' },
  })).price_id;
  const changed = await admin.patch(`/products/${product}`, {
    name: 'Bowl, glazed', description: null, default_price_id: price,
  });
  assert.equal(changed.description, null);
  assert.equal(changed.default_price_id, price);
  await admin.patch(`/prices/${price}`, { nickname: 'big', metadata: { size: 'l' } });
  await admin.post('/coupons', { id: 'spring', percent_off: 12.5, duration: 'forever', products: [product] });
  await admin.patch('/coupons/spring', { name: 'Spring' });
  const code = await admin.post('/promotion-codes', { coupon: 'spring', code: 'SPRING26' });
  await admin.patch(`/promotion-codes/${code.promotion_code_id}`, { metadata: { channel: 'mail' } });
});

test('a sale: split to the cent, declined once, paid by the same order, refunded by line', async () => {
  const body = {
    buyer: { user_id: 'user_7', email: 'buyer@shop.example' },
    lines: [{ price, quantity: 2 }, { product, unit_amount: 333 }],
    promotion_code: 'spring26',
    metadata: { cart: 'c1' },
  };
  const headers = { 'idempotency-key': 'order-1' };
  const made = await admin.post('/payment-intents', body, headers);
  assert.equal(made.subtotal, 8333);
  assert.equal(made.discount, 1042); // 12.5 % of 8333 is 1041.625
  assert.equal(made.amount, 7291);
  assert.equal(made.fee.amount, 729); // 10 % is 729.1
  assert.equal(made.fee.amount + made.fee.seller_amount, made.amount);
  assert.equal(made.lines.reduce((sum, line) => sum + line.amount, 0), made.amount);
  assert.ok(made.client_secret.startsWith(made.payment_intent_id));

  // the same key and body: the same answer, byte for byte but for the time of day
  const again = await admin.call('POST', '/payment-intents', body, headers);
  assert.deepEqual(again.body, made);
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  await admin.refused(422, 'idempotency-key-reused', 'POST', '/payment-intents',
    { ...body, force: true }, headers);
  // another key, the same order: a second click
  const twin = await admin.refused(409, 'likely-duplicate', 'POST', '/payment-intents', body);
  assert.equal(twin.order_id, made.order_id);

  // a decline, then the next attempt at the same order
  assert.equal((await world.pay(made.payment_intent_id, 'pm_card_visa_chargeDeclined')).status, 402);
  await world.order_with('failed', made.order_id);
  const retry = await admin.post('/checkout/session', { order_id: made.order_id });
  assert.equal(retry.payment_intent_id, made.payment_intent_id);
  assert.equal(retry.client_secret, made.client_secret);
  assert.equal((await world.pay(made.payment_intent_id)).status, 200);
  const paid = await world.order_with('paid', made.order_id);
  assert.equal(paid.amount, 7291);
  assert.equal(paid.application_fee_amount, 729);
  assert.equal(paid.seller_account, seller);
  assert.equal(paid.buyer_id, 'user_7');
  assert.deepEqual(paid.items.map((item) => [item.product_id, item.price_id, item.quantity, item.amount]),
    made.lines.map((line) => [line.product_id, line.price_id, line.quantity, line.amount]));
  await admin.refused(409, 'wrong-state', 'POST', '/payment-intents', { order_id: made.order_id });

  // refunds: one of two bowls, too much, the rest
  const unit = made.lines[0].amount / 2;
  const first = await admin.post('/refunds', {
    order_id: made.order_id, lines: [{ item_no: 1, quantity: 1 }], reason: 'requested_by_customer',
  });
  assert.equal(first.amount, Math.floor(unit));
  assert.equal(first.left, 7291 - first.amount);
  assert.equal(first.reverse_transfer, true);
  // at once: Stripe knows nothing of lines, so what is left of them must be known here
  const twice = await eventually(async () => {
    const reply = await admin.call('POST', '/refunds', {
      order_id: made.order_id, lines: [{ item_no: 1, quantity: 2 }],
    });
    return reply.status !== 503 && reply;
  });
  assert.equal(twice.status, 422, twice.raw);
  await world.order_with('partially_refunded', made.order_id);
  const excess = await admin.refused(409, 'refund-too-large', 'POST', '/refunds', {
    payment_intent_id: made.payment_intent_id, amount: 7291,
  });
  assert.equal(excess.left, first.left);
  const rest = await admin.post('/refunds', { charge_id: first.charge_id, refund_application_fee: false });
  assert.equal(rest.left, 0);
  await world.order_with('refunded', made.order_id);
});

test('an order is placed, found, cancelled, and then takes no payment', async () => {
  const placed = await admin.post('/orders', {
    order_id: 'my-order-1', buyer: { user_id: 'user_8' }, lines: [{ price }],
  });
  assert.equal(placed.order_id, 'my-order-1');
  await world.order_with('pending', 'my-order-1');
  const secret = await admin.post('/payment-intents', { order_id: 'my-order-1' });
  assert.equal(secret.payment_intent_id, placed.payment_intent_id);
  await admin.post('/orders/my-order-1/cancel', { reason: 'requested_by_customer' });
  await world.order_with('canceled', 'my-order-1');
  // what was cancelled is no reason to refuse the same order anew
  await admin.post('/orders', { buyer: { user_id: 'user_8' }, lines: [{ price }] });
  await admin.refused(409, 'wrong-state', 'POST', '/orders/my-order-1/cancel');
  await admin.refused(404, 'no-such-record', 'POST', '/orders/nobody/cancel');
});

test('a second click is told of the first, as long as that may be a mistake', async () => {
  const order_of = async (name) => {
    const price = { currency: 'usd', unit_amount: 4000 };
    const { product_id } = await admin.post('/products', { name, price, seller });
    return { buyer: { user_id: 'user_clicks' }, lines: [{ product: product_id }] };
  };
  const plate = await order_of('Plate');
  const first = await admin.post('/orders', plate);
  const refused = async () => {
    const { order_id } = await admin.refused(409, 'likely-duplicate', 'POST', '/orders', plate);
    assert.equal(order_id, first.order_id);
  };
  await refused();
  await world.order_with('pending', first.order_id);
  await refused();
  await refused();
  // another product for the same money, and the same one on purpose
  const other = await admin.post('/orders', await order_of('Cup'));
  const forced = await admin.post('/orders', { ...plate, force: true });
  assert.equal(new Set([first, other, forced].map(({ order_id }) => order_id)).size, 3);
});

test('a hosted page takes the order, and can be cancelled', async () => {
  const page = await admin.post('/checkout/hosted', {
    buyer: { user_id: 'user_9', email: 'nine@shop.example' }, lines: [{ price }], coupon: 'spring',
  });
  assert.match(page.url, /^http/);
  assert.equal(page.amount, 3500);
  assert.equal(page.fee.amount, 350);
  await world.order_with('pending', page.order_id);
  await admin.post(`/orders/${page.order_id}/cancel`);
  const embedded = await admin.post('/checkout/hosted', {
    buyer: { user_id: 'user_9' }, lines: [{ price: monthly }], ui_mode: 'embedded',
    return_url: 'https://shop.example/done',
  });
  assert.ok(embedded.client_secret);
});

test('a subscription is confirmed, changed, ended and kept after all', async () => {
  const made = await admin.post('/checkout/subscription', {
    buyer: { user_id: 'user_10', email: 'ten@shop.example' }, lines: [{ price: monthly }],
  });
  assert.equal(made.confirms, 'payment');
  assert.equal(made.seller_percent, '90');
  const intent = made.client_secret.split('_secret')[0];
  assert.equal((await world.pay(intent)).status, 200);
  const id = made.subscription_id;
  await world.order_with('paid', made.order_id);
  const changed = await admin.post(`/subscriptions/${id}/change`, { quantity: 2, proration: 'none' });
  assert.equal(changed.quantity, 2);
  const ending = await admin.post(`/subscriptions/${id}/cancel`, { feedback: 'too_expensive' });
  assert.equal(ending.cancel_at_period_end, true);
  assert.equal((await admin.post(`/subscriptions/${id}/resume`)).cancel_at_period_end, false);
  const portal = await admin.post('/billing-portal', { user_id: 'user_10', return_url: 'https://shop.example' });
  assert.equal(portal.customer_id, made.customer_id);
  const ended = await admin.post(`/subscriptions/${id}/cancel`, { at_period_end: false });
  assert.equal(ended.status, 'canceled');
  await eventually(async () => (await admin.call('POST', `/subscriptions/${id}/resume`)).status === 409);

  const trial = await admin.post('/checkout/subscription', {
    buyer: { user_id: 'user_10' }, lines: [{ price: monthly }], trial_days: 14, force: true,
  });
  assert.equal(trial.confirms, 'setup');
  assert.equal(trial.customer_id, made.customer_id);
});

test('separate transfers, payouts, disputes', async () => {
  // the platform sells by itself and pays the seller afterwards
  const own = await admin.post('/products', { name: 'Parcel', price: { currency: 'usd', unit_amount: 9000 } });
  const sale = await admin.post('/payment-intents', {
    buyer: { user_id: 'user_11' }, lines: [{ product: own.product_id }],
  });
  assert.equal(sale.fee, null);
  await world.pay(sale.payment_intent_id, 'pm_card_bypassPending');
  await world.order_with('paid', sale.order_id);
  const transfer = await admin.post('/transfers', {
    destination: seller, amount: 5000, currency: 'usd', order_id: sale.order_id,
  });
  assert.equal(transfer.transfer_group, sale.order_id);
  // an answer that was lost is looked for among the reversals, not taken from the transfer
  await world.sim('/_sim/faults', { kind: 'error_after', route: 'POST /v1/transfers/*', count: 1 });
  const reversal = await admin.post(`/transfers/${transfer.transfer_id}/reversals`, { amount: 1000 });
  assert.match(reversal.transfer_reversal_id, /^trr_/);
  assert.equal(reversal.amount, 1000);
  const bound = new Client(service.url, await service.key('payments:write', `account:${seller}`));
  await bound.refused(403, 'scope-missing', 'POST', '/transfers', {
    destination: seller, amount: 500, currency: 'usd',
  });
  const payout = await admin.post('/payouts', { account: seller, amount: 3000, currency: 'usd' });
  assert.equal(payout.account, seller);
  await eventually(async () => (await admin.call('GET', `/payouts/${payout.payout_id}`)).status === 200);

  const disputed = await world.order_with('paid', sale.order_id);
  const dispute = await world.sim('/_sim/disputes', { charge: disputed.charge_id, reason: 'fraudulent' });
  await world.order_with('disputed', sale.order_id);
  const answered = await admin.post(`/disputes/${dispute.id}/evidence`, {
    evidence: { product_description: 'A parcel', shipping_tracking_number: '1Z' },
  });
  assert.equal(answered.has_evidence, true);
  assert.equal((await admin.post(`/disputes/${dispute.id}/accept`)).status, 'lost');
  await world.order_with('charged_back', sale.order_id);
  await admin.refused(409, 'wrong-state', 'POST', `/disputes/${dispute.id}/accept`);
});

test('two hundred requests with one key are one order, and get one answer', async () => {
  const body = { buyer: { user_id: 'user_storm' }, lines: [{ price }] };
  const headers = { 'idempotency-key': 'storm' };
  const ask = async () => {
    for (;;) {
      const answer = await admin.call('POST', '/payment-intents', body, headers);
      if (answer.status === 200) return answer.raw;
      assert.equal(answer.body.type, '/problems/idempotency-key-in-use', answer.raw);
    }
  };
  const answers = await Promise.all(Array.from({ length: 200 }, ask));
  assert.equal(new Set(answers).size, 1);
  const { order_id } = JSON.parse(answers[0]);
  const query = encodeURIComponent(`metadata['order_id']:'${order_id}'`);
  const reply = await fetch(`${service.url}/v1/payment_intents/search?query=${query}`, {
    headers: { authorization: `Bearer ${admin.key}` },
  });
  assert.equal((await reply.json()).data.length, 1);
});

test('currencies are not mixed, amounts stay within their limits', async () => {
  const euro = await admin.post('/prices', { product, currency: 'eur', unit_amount: 100 });
  const yen = await admin.post('/prices', { product, currency: 'jpy', unit_amount: 7 });
  const buyer = { user_id: 'user_12' };
  const mixed = await admin.refused(422, 'invalid-body', 'POST', '/payment-intents', {
    buyer, lines: [{ price }, { price: euro.price_id }],
  });
  assert.equal(mixed.errors[0].pointer, '/lines/1/price');
  const small = await admin.refused(422, 'invalid-body', 'POST', '/payment-intents', {
    buyer, lines: [{ price: yen.price_id }],
  });
  assert.match(small.errors[0].detail, /come to 7 jpy; Stripe charges at least 50 jpy/);
  const other = await world.ready_seller('other');
  const foreign = await admin.refused(422, 'invalid-body', 'POST', '/payment-intents', {
    buyer, seller: other, lines: [{ price }],
  });
  assert.match(foreign.errors[0].detail, /belongs to/);
});

test('a key that is kept to one seller sells for that one alone', async () => {
  const kept = new Client(service.url, await service.key('payments:write', `account:${seller}`));
  const buyer = { user_id: 'user_13' };
  await kept.post('/payment-intents', { buyer, lines: [{ price }] });
  const own = await admin.post('/products', { name: 'Own', price: { currency: 'usd', unit_amount: 500 } });
  await kept.refused(403, 'scope-missing', 'POST', '/payment-intents', {
    buyer, lines: [{ product: own.product_id }],
  });
});

test('reads are as described', async () => {
  for (const path of ['/orders?limit=3', '/entitlements', '/connect/accounts', '/payouts',
    '/events?limit=5', '/projections', '/exceptions', '/replays', '/healthz', '/readyz',
    `/access?user_id=user_1&product_id=${product}`])
    await admin.get(path);
  for (const [path, id] of [['customers', 'customer_id'], ['products', 'product_id'],
    ['prices', 'price_id'], ['coupons', 'coupon_id'], ['promotion-codes', 'promotion_code_id'],
    ['subscriptions', 'subscription_id']]) {
    const { data } = await admin.get(`/${path}?limit=100`);
    assert.ok(data.length > 0, path);
    for (const row of data) await admin.get(`/${path}/${row[id]}`);
  }
  const { data } = await admin.get('/audit?limit=100');
  for (const { action_id } of data) {
    const { raw } = await admin.call('GET', `/actions/${action_id}`);
    assert.doesNotMatch(raw, /_secret_[A-Za-z0-9]/);
  }
  assert.equal((await admin.call('GET', '/metrics')).status, 200);
});

test('every operation of the description was used', () => {
  const unused = operations
    .map(({ method, path }) => `${method} ${path}`)
    .filter((key) => !key.includes('/webhooks/'))
    .filter((key) => ![...(seen.get(key) ?? [])].some((status) => status < 400));
  assert.deepEqual(unused, []);
});
