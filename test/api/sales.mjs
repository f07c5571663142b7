// Sales of more than one thing, and what becomes of them: every line is known, refunded and billed
// for what it is.
import assert from 'node:assert/strict';
import { test, before, after } from 'node:test';
import { Client } from './client.mjs';
import { eventually } from './eventually.mjs';
import { start_service } from './service.mjs';
import { World } from './world.mjs';

let service;
let admin;
let world;
let seller;

before(async () => {
  service = await start_service();
  admin = new Client(service.url, await service.key('admin'));
  world = new World(service, admin);
  seller = await world.ready_seller('potter');
});
after(() => service?.stop());

const product_of = async (unit_amount, more = {}) =>
  (await admin.post('/products', {
    name: 'Bowl', seller, price: { currency: 'usd', unit_amount }, ...more,
  })).product_id;

const monthly_of = (unit_amount, more = {}) =>
  product_of(unit_amount, {
    price: { currency: 'usd', unit_amount, recurring: { interval: 'month' } }, ...more,
  });

/** Waits until this user may use these products, and no others. */
const entitled = (user, products) =>
  eventually(async () => {
    const { data } = await admin.get(`/entitlements?user_id=${user}&active=true&limit=100`);
    const had = data.map(({ product_id }) => product_id).sort();
    return JSON.stringify(had) === JSON.stringify(products.toSorted());
  });

test('what Checkout sold is entitled and refunded line by line', async () => {
  const products = await Promise.all(Array.from({ length: 20 }, (_, i) => product_of(100 + i)));
  const own = Object.fromEntries(products.map((_, i) => [`name_${i}`, 'x'.repeat(500)]));
  const page = await admin.post('/checkout/hosted', {
    buyer: { user_id: 'user_1', email: 'one@shop.example' },
    lines: products.map((product, i) => ({ product, quantity: i + 1 })),
    metadata: own,
  });
  await world.submit(page.checkout_session_id);
  const paid = await world.order_with('paid', page.order_id);
  assert.deepEqual(
    paid.items.map(({ product_id, quantity, amount }) => [product_id, quantity, amount]),
    products.map((product, i) => [product, i + 1, (100 + i) * (i + 1)]));
  await entitled('user_1', products);
  const refund = await admin.post('/refunds', {
    order_id: page.order_id, lines: [{ item_no: 3, quantity: 2 }, { item_no: 1 }],
  });
  assert.equal(refund.amount, 2 * 102 + 100);
});

test('what Checkout gave away is entitled, too', async () => {
  const products = [await product_of(1000), await product_of(2000)];
  await admin.post('/coupons', { id: 'gift', percent_off: 100, duration: 'once' });
  const page = await admin.post('/checkout/hosted', {
    buyer: { user_id: 'user_2' }, lines: products.map((product) => ({ product })), coupon: 'gift',
  });
  assert.equal(page.amount, 0);
  await world.submit(page.checkout_session_id);
  await world.order_with('paid', page.order_id);
  await entitled('user_2', products);
});

test('a price for packages is not taken for a price of each', async () => {
  const product = await product_of(1000);
  const { id } = await world.stripe('/v1/prices', {
    product, currency: 'usd', unit_amount: 500,
    'transform_quantity[divide_by]': 10, 'transform_quantity[round]': 'up',
  });
  const refused = await admin.refused(422, 'invalid-body', 'POST', '/payment-intents', {
    buyer: { user_id: 'user_3' }, lines: [{ price: id, quantity: 30 }],
  });
  assert.equal(refused.errors[0].pointer, '/lines/0/price');
  assert.match(refused.errors[0].detail, /packages of 10/);
});

test('an order of two charges is refunded one by one, and nothing is said to be left of none', async () => {
  const charged = async (amount) =>
    (await world.stripe('/v1/payment_intents', {
      amount, currency: 'usd', confirm: true, payment_method: 'pm_card_visa',
      'payment_method_types[0]': 'card', 'metadata[order_id]': 'twice', 'metadata[user_id]': 'user_4',
    })).latest_charge;
  const charges = [await charged(500), await charged(300)];
  await eventually(async () => {
    const { status, body } = await admin.call('GET', '/orders/twice');
    return status === 200 && body.amount === 800 && body.status === 'paid';
  });
  const several = await admin.refused(422, 'invalid-body', 'POST', '/refunds', { order_id: 'twice' });
  assert.equal(several.errors[0].pointer, '/charge_id');
  for (const charge of charges) assert.match(several.errors[0].detail, new RegExp(charge));
  const excess = await admin.refused(409, 'refund-too-large', 'POST', '/refunds', {
    order_id: 'twice', amount: 600,
  });
  assert.equal(excess.left, 500);
  const part = await admin.post('/refunds', { order_id: 'twice', amount: 400 });
  assert.equal(part.charge_id, charges[0]);
  assert.equal(part.left, 400);
  const of_one = await admin.post('/refunds', { charge_id: charges[1] });
  assert.deepEqual([of_one.amount, of_one.left], [300, 0]);
  // one has money left, so it is the one that is meant
  await eventually(async () => (await admin.get('/orders/twice')).amount_refunded === 700);
  const rest = await admin.post('/refunds', { order_id: 'twice' });
  assert.deepEqual([rest.charge_id, rest.amount, rest.left], [charges[0], 100, 0]);
});

test('a coupon takes nothing off what Stripe does not say it is for', async () => {
  const [bowl, cup] = [await product_of(1000), await product_of(2000)];
  const monthly = await monthly_of(1500);
  await world.stripe('/v1/coupons', {
    id: 'bowls', percent_off: 50, duration: 'once', 'applies_to[products][0]': bowl,
  });
  const order = {
    buyer: { user_id: 'user_5' }, lines: [{ product: bowl }, { product: cup }], coupon: 'bowls',
  };
  for (const path of ['/payment-intents', '/checkout/hosted']) {
    const refused = await admin.refused(422, 'invalid-body', 'POST', path, order);
    assert.equal(refused.errors[0].pointer, '/coupon');
    assert.match(refused.errors[0].detail, /set metadata\[daybook_products\] of the coupon bowls/);
  }
  // a change by Daybook makes it no better known
  await admin.patch('/coupons/bowls', { name: 'Bowls' });
  await admin.refused(422, 'invalid-body', 'POST', '/payment-intents', order);
  // the invoices of a subscription are Stripe's to compute
  await admin.post('/checkout/hosted', { ...order, lines: [{ product: monthly }] });

  await world.stripe('/v1/coupons/bowls', { 'metadata[daybook_products]': bowl });
  const known = await admin.post('/payment-intents', order);
  assert.deepEqual(known.lines.map(({ discount }) => discount), [500, 0]);
  await world.stripe('/v1/coupons', {
    id: 'all', percent_off: 50, duration: 'once', 'metadata[daybook_products]': '*',
  });
  const all = await admin.post('/payment-intents', { ...order, coupon: 'all' });
  assert.equal(all.discount, 1500);
});

test('what is paid once does not weigh in the percentage of renewals', async () => {
  const [monthly, bowl] = [await monthly_of(1000), await product_of(1000)];
  const dear = await product_of(1000, { fee: { percent: 30 } });
  const buy = (product) => ({
    buyer: { user_id: 'user_6' }, lines: [{ product: monthly }, { product }],
  });
  const mixed = await admin.refused(422, 'invalid-body', 'POST', '/checkout/hosted', buy(dear));
  assert.equal(mixed.errors[0].pointer, '/lines');
  assert.equal((await admin.post('/checkout/hosted', buy(bowl))).fee.basis_points, 1000);
});

test('one of several items of a subscription is changed by its name', async () => {
  const made = await admin.post('/checkout/subscription', {
    buyer: { user_id: 'user_7', email: 'seven@shop.example' },
    lines: [{ product: await monthly_of(1000) }, { product: await monthly_of(2000) }],
  });
  const path = `/subscriptions/${made.subscription_id}`;
  const { items } = await admin.get(`${path}?after=${made.position}`);
  const refused = await admin.refused(422, 'invalid-body', 'POST', `${path}/change`, { quantity: 3 });
  assert.equal(refused.errors[0].pointer, '/item_id');
  assert.match(refused.errors[0].detail, /is required/);
  const changed = await admin.post(`${path}/change`, { item_id: items[1].item_id, quantity: 3 });
  const after = await admin.get(`${path}?after=${changed.position}`);
  assert.deepEqual(after.items.map(({ quantity }) => quantity), [1, 3]);
});

test('another price of a subscription has the fee of its product', async () => {
  const product = await monthly_of(1000);
  const dear = await monthly_of(2000, { fee: { percent: 30 } });
  const gift = await monthly_of(3000, { fee: { percent: 0 } });
  const own = await monthly_of(4000, { fee: { percent: 100 } });
  const { data: [{ position }] } = await admin.get('/events?limit=1');
  const price_of = async (id) =>
    (await admin.get(`/products/${id}?after=${position}`)).default_price_id;
  const made = await admin.post('/checkout/subscription', {
    buyer: { user_id: 'user_8', email: 'eight@shop.example' }, lines: [{ product }],
  });
  const path = `/subscriptions/${made.subscription_id}`;
  const share_after = async (change) => {
    const changed = await admin.post(`${path}/change`, change);
    const { seller_account, seller_percent } =
      await admin.get(`${path}?after=${changed.position}`);
    return [seller_account, seller_percent];
  };
  assert.deepEqual(await share_after({ quantity: 2 }), [seller, '90']);
  assert.deepEqual(await share_after({ price: await price_of(dear) }), [seller, '70']);
  assert.deepEqual(await share_after({ price: await price_of(gift) }), [seller, '100']);
  assert.deepEqual(await share_after({ price: await price_of(own) }), [null, null]);
});

test('a change of one item weighs its fee with those of the others', async () => {
  const dear = await monthly_of(3000, { fee: { percent: 30 } });
  const made = await admin.post('/checkout/subscription', {
    buyer: { user_id: 'user_9', email: 'nine@shop.example' },
    lines: [{ product: await monthly_of(1000), quantity: 3 }, { product: await monthly_of(2000) }],
  });
  const path = `/subscriptions/${made.subscription_id}`;
  const { items } = await admin.get(`${path}?after=${made.position}`);
  const { position } = await admin.post(`${path}/change`, {
    item_id: items.find(({ quantity }) => quantity === 1).item_id,
    price: (await admin.get(`/products/${dear}?after=${made.position}`)).default_price_id,
  });
  assert.equal((await admin.get(`${path}?after=${position}`)).seller_percent, '80');
});
