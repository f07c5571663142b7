// Events: as they are delivered, verified by the SDK itself, and as they are listed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, beforeEach, test } from 'node:test';
import { Stripe } from '../../../tools/node/packages.mjs';
import { record_event, start, through_gateway } from './client.mjs';
import { start_receiver } from './receiver.mjs';

let sim, stripe, receiver;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
  receiver = await start_receiver();
});
beforeEach(() => sim.simulator.page('DELETE', '/_sim/faults'));
after(async () => {
  receiver.stop();
  await sim.stop();
});

/** What was delivered, verified; the simulator's time may be far from the wall clock's. */
function verified({ body, headers }, secret) {
  const event = stripe.webhooks.constructEvent(body, headers['stripe-signature'], secret, 1e9);
  record_event(JSON.parse(body));
  return event;
}

const endpoint = (path, more = {}) =>
  stripe.webhookEndpoints.create({
    url: receiver.url + path,
    enabled_events: ['*'],
    api_version: '2026-10-28.endive',
    ...more,
  });
const of = (path, type) => (event, delivery) => delivery.path === path && event.type === type;
const fault = (kind, more) => sim.simulator.page('POST', '/_sim/faults', { kind, ...more });

test('an endpoint lives, changes and goes', async () => {
  const made = await endpoint('/life', { description: 'A life', metadata: { for: 'tests' } });
  assert.match(made.secret, /^whsec_/);
  const updated = await stripe.webhookEndpoints.update(made.id, {
    enabled_events: ['charge.succeeded'],
    disabled: true,
  });
  assert.equal(updated.status, 'disabled');
  const found = await stripe.webhookEndpoints.retrieve(made.id);
  assert.equal(found.secret, undefined);
  assert.ok((await stripe.webhookEndpoints.list()).data.some(({ id }) => id === made.id));
  assert.equal((await stripe.webhookEndpoints.del(made.id)).deleted, true);
});

test('constructEvent accepts what is delivered, and nothing else', async () => {
  const { secret, id } = await endpoint('/signed');
  const customer = await stripe.customers.create({ name: 'Ünï ☃' }, { idempotencyKey: 'cus-1' });
  const [delivery] = await receiver.deliveries(of('/signed', 'customer.created'));
  const event = verified(delivery, secret);
  assert.equal(event.data.object.id, customer.id);
  assert.equal(event.data.object.name, 'Ünï ☃');
  assert.equal(event.request.id, customer.lastResponse.requestId);
  const { headers } = customer.lastResponse;
  const key = through_gateway ? headers['daybook-action'] : 'cus-1';
  assert.equal(event.request.idempotency_key, key);
  const body = delivery.body.replace('customer.created', 'customer.deleted');
  const forged = { ...delivery, body };
  assert.throws(() => verified(forged, secret), Stripe.errors.StripeSignatureVerificationError);
  assert.throws(() => verified(delivery, `${secret}x`), {
    type: 'StripeSignatureVerificationError',
  });
  await stripe.webhookEndpoints.del(id);
});

test('a payment makes its events, each as its type declares', async () => {
  const { secret, id } = await endpoint('/payment');
  const paid = await stripe.paymentIntents.create({
    amount: 3_000,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  await stripe.refunds.create({ payment_intent: paid.id });
  await receiver.deliveries(of('/payment', 'charge.refunded'));
  await receiver.deliveries(of('/payment', 'refund.created'));
  const types = receiver.received
    .filter(({ path }) => path === '/payment')
    .map((delivery) => verified(delivery, secret).type);
  for (const type of [
    ...['payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded'],
    ...['charge.refunded', 'refund.created'],
  ]) {
    assert.ok(types.includes(type), `${type} among ${types}`);
  }
  await stripe.webhookEndpoints.del(id);
});

test('connected accounts\' events come to the connect endpoint alone', async () => {
  const platform = await endpoint('/platform');
  const connect = await endpoint('/connect', { connect: true });
  const account = await stripe.accounts.create({ type: 'express', country: 'US' });
  await stripe.customers.create({ name: 'There' }, { stripeAccount: account.id });
  const [delivery] = await receiver.deliveries(of('/connect', 'customer.created'));
  assert.equal(verified(delivery, connect.secret).account, account.id);
  const leaked = receiver.received.filter(({ path, body }) =>
    path === '/platform' && JSON.parse(body).account !== undefined);
  assert.deepEqual(leaked, []);
  await stripe.webhookEndpoints.del(platform.id);
  await stripe.webhookEndpoints.del(connect.id);
});

test('a delivery that is refused comes again', async () => {
  const { secret, id } = await endpoint('/again', { enabled_events: ['product.created'] });
  receiver.answer_with(500);
  await stripe.products.create({ name: 'Again' });
  const is_it = of('/again', 'product.created');
  await receiver.deliveries(is_it);
  receiver.answer_with(200);
  await sim.simulator.advance(24 * 3_600);
  const [first, second] = await receiver.deliveries(is_it, 2);
  assert.equal(verified(first, secret).id, verified(second, secret).id);
  await stripe.webhookEndpoints.del(id);
});

test('an endpoint may be reached by HTTPS, with a certificate of its own', async () => {
  const pem = execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', '-', '-days', '1', '-subj', '/CN=localhost'],
  ], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  const secure = await start_receiver({ certificate: { key: pem, cert: pem } });
  const enabled_events = ['product.created'];
  const { secret, id } = await endpoint('', { url: `${secure.url}/secure`, enabled_events });
  await stripe.products.create({ name: 'One' });
  await stripe.products.create({ name: 'Two' });
  const both = await secure.deliveries(of('/secure', 'product.created'), 2);
  for (const delivery of both) verified(delivery, secret);
  await stripe.webhookEndpoints.del(id);
  secure.stop();
});

test('deliveries are doubled, or signed wrongly, on demand', async () => {
  const { secret, id } = await endpoint('/odd', { enabled_events: ['product.created'] });
  await fault('duplicate', { event: 'product.created', count: 1 });
  await stripe.products.create({ name: 'Twice' });
  const twice = await receiver.deliveries(of('/odd', 'product.created'), 2);
  assert.equal(verified(twice[0], secret).id, verified(twice[1], secret).id);
  await fault('wrong_signature', { event: 'product.created', count: 1 });
  const wrong = await stripe.products.create({ name: 'Wrong' });
  const [delivery] = await receiver.deliveries((event) => event.data?.object.id === wrong.id);
  assert.throws(() => verified(delivery, secret), Stripe.errors.StripeSignatureVerificationError);
  await stripe.webhookEndpoints.del(id);
});

test('event destinations of v2, with thin events', async () => {
  const destinations = stripe.v2.core.eventDestinations;
  const made = await destinations.create({
    name: 'Thin',
    type: 'webhook_endpoint',
    event_payload: 'thin',
    enabled_events: ['v1.customer.created'],
    webhook_endpoint: { url: `${receiver.url}/thin` },
    include: ['webhook_endpoint.signing_secret', 'webhook_endpoint.url'],
  });
  const secret = made.webhook_endpoint.signing_secret;
  const customer = await stripe.customers.create({ name: 'Thin' });
  const [{ body, headers }] = await receiver.deliveries(of('/thin', 'v1.customer.created'));
  const thin = stripe.parseEventNotification(body, headers['stripe-signature'], secret, 1e9);
  assert.equal(thin.related_object.id, customer.id);
  assert.equal((await stripe.v2.core.events.retrieve(thin.id)).type, 'v1.customer.created');
  assert.ok((await stripe.v2.core.events.list({ limit: 5 })).data.length > 0);
  const updated = await destinations.update(made.id, { description: 'Only customers' });
  assert.equal(updated.description, 'Only customers');
  assert.equal((await destinations.ping(made.id)).related_object.id, made.id);
  await receiver.deliveries(of('/thin', 'v2.core.event_destination.ping'));
  assert.equal((await destinations.disable(made.id)).status, 'disabled');
  assert.equal((await destinations.enable(made.id)).status, 'enabled');
  assert.equal((await destinations.retrieve(made.id)).name, 'Thin');
  assert.ok((await destinations.list()).data.some(({ id }) => id === made.id));
  await destinations.del(made.id);
});

test('events are listed for 30 days, by type and by time', async () => {
  const product = await stripe.products.create({ name: 'Listed' });
  const { data } = await stripe.events.list({ type: 'product.created', limit: 1 });
  assert.equal(data[0].data.object.id, product.id);
  const event = await stripe.events.retrieve(data[0].id);
  assert.equal(event.api_version, '2026-10-28.endive');
  const several = await stripe.events.list({ types: ['product.created', 'customer.created'] });
  assert.ok(several.data.length > 1);
  const since = await stripe.events.list({ created: { gte: event.created }, limit: 100 });
  assert.ok(since.data.every(({ created }) => created >= event.created));
  const later = await stripe.events.list({ ending_before: event.id });
  assert.deepEqual(later.data, []);
  await sim.simulator.advance(31 * 24 * 3_600);
  assert.ok((await stripe.events.list({ limit: 100 })).data.every(({ id }) => id !== event.id));
});
