#!/usr/bin/env node
// `stripe listen` forwards a simulator's events to Daybook: the platform's to one endpoint, those of
// connected accounts to the other, as snapshots and as thin events.
//
//   node test/simulator/listen.mjs
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Stripe } from '../../tools/node/packages.mjs';
import { StripeCli } from './cli.mjs';
import { start_daybook } from './daybook.mjs';
import { api_key, start_simulator } from './simulator.mjs';

const arrival_ms_max = 20_000;
const hour = 3600;

async function until(what, condition) {
  const end = Date.now() + arrival_ms_max;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`it does not come to this: ${what}`);
    await pause(50);
  }
}

/** A seller is paid through a destination charge: events of the platform and of the account. */
async function sell(simulator) {
  const settings = { host: '127.0.0.1', port: simulator.port, protocol: 'http', telemetry: false };
  const stripe = new Stripe(api_key, settings);
  const { id: seller } = await stripe.accounts.create({
    type: 'express',
    country: 'US',
    capabilities: { transfers: { requested: true } },
  });
  await simulator.page('POST', `/_sim/accounts/${seller}/complete`, {});
  await stripe.paymentIntents.create({
    amount: 5_000,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    application_fee_amount: 500,
    transfer_data: { destination: seller },
  });
  await simulator.advance(hour);
  const of_seller = await simulator.get('/v1/events?limit=100', seller);
  const of_platform = await simulator.get('/v1/events?limit=100');
  assert.ok(of_seller.data.length > 3 && !of_seller.has_more);
  assert.ok(of_platform.data.length > 3 && !of_platform.has_more);
  return { seller, of_seller: of_seller.data, of_platform: of_platform.data };
}

/** Every event came once to its endpoint, was taken, and is in the log as the account's. */
async function check(daybook, listener, events, endpoint, account, stored_id) {
  for (const { id, type } of events) {
    const wanted = stored_id(id);
    const passed = () => listener.forwarded.filter((one) => one.id === wanted);
    await until(`${type} ${wanted} is forwarded`, () => passed().length > 0);
    assert.deepEqual(passed(), [{ status: 200, url: daybook.url + endpoint, id: wanted }]);
    const stored = await daybook.event(wanted);
    assert.equal(stored?.source, 'webhook');
    // Thin events call it their context.
    assert.equal(stored.payload.account ?? stored.payload.context, account);
  }
}

const simulator = await start_simulator();
const cli = new StripeCli();
let daybook;
try {
  const printed = await cli.run(simulator.url, ['listen', '--print-secret', '--skip-update']);
  const secret = printed.stdout.trim();
  assert.match(secret, /^whsec_/);
  daybook = await start_daybook({ platform: secret, connect: secret });
  const webhook = `${daybook.url}/webhooks/stripe`;
  const to = ['--forward-to', webhook, '--forward-connect-to', `${webhook}/connect`];
  const snapshots = await cli.listen(simulator.url, ['--all-snapshot', ...to]);
  const thin = await cli.listen(simulator.url, ['--all-thin', ...to]);
  const { seller, of_seller, of_platform } = await sell(simulator);

  const same = (id) => id;
  await check(daybook, snapshots, of_platform, '/webhooks/stripe', undefined, same);
  await check(daybook, snapshots, of_seller, '/webhooks/stripe/connect', seller, same);
  console.log(`snapshots: ${of_platform.length} of the platform, ${of_seller.length} of a seller`);

  const thin_id = (id) => id.replace('evt_', 'evt_test_');
  await check(daybook, thin, of_platform, '/webhooks/stripe', undefined, thin_id);
  await check(daybook, thin, of_seller, '/webhooks/stripe/connect', seller, thin_id);
  console.log('and as thin events');
  await Promise.all([snapshots.stop(), thin.stop()]);
} finally {
  await daybook?.stop();
  await simulator.stop();
  cli.remove();
}
