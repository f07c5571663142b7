#!/usr/bin/env node
// Stripe's own CLI triggers every event that it knows; each must arrive at Daybook, signed, and be as
// the SDK declares it.
//
//   node test/simulator/triggers.mjs           all of them; also checks the table of the docs
//   node test/simulator/triggers.mjs --write   writes that table
//   node test/simulator/triggers.mjs --only dispute    those whose name matches; no table
//   node test/simulator/triggers.mjs --no-daybook      the simulator's own list of events will do
//
// Exit code 1: a trigger failed, its event did not arrive, or the table is not current.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Table } from '../../tools/node/packages.mjs';
import { StripeCli } from './cli.mjs';
import { deliveries, secrets, start_daybook } from './daybook.mjs';
import { in_docs } from './docs_section.mjs';
import { add_thin_destination, coming_secret, start_meter_events } from './meter_events.mjs';
import { start_simulator } from './simulator.mjs';
import { check_types } from './types.mjs';

const jobs = 2;
const arrival_ms_max = 20_000;
const hour = 3600;
/** How far virtual time goes on when an event is not there yet, and what the table says then. */
const waits = [
  { seconds: 0, said: 'at once' },
  { seconds: hour, said: 'within an hour' },
  { seconds: 24 * hour, said: 'within a day' },
  { seconds: 8 * 24 * hour, said: 'within days' },
];
/** Triggers that are not called as the event that they make. */
const aliases = {
  'subscription.payment_failed': 'invoice.payment_failed',
  'subscription.payment_succeeded': 'invoice.payment_succeeded',
};
/** What the files in fixtures/ make, for which the CLI has no trigger. */
const own = {
  destination_charge: ['charge.succeeded', 'application_fee.created', 'transfer.created'],
  dispute_lost: ['charge.dispute.created', 'charge.dispute.closed'],
  dispute_won: ['charge.dispute.funds_reinstated', 'charge.dispute.closed'],
  payout_failing: ['payout.created', 'payout.failed'],
};

const here = new URL('.', import.meta.url);
const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    'no-daybook': { type: 'boolean', default: false },
  },
});

/** [{name, args, events}]: what is run, and what must arrive. */
function steps() {
  const triggers = readFileSync(new URL('triggers.txt', here), 'utf8').split('\n').filter(Boolean);
  const fixtures = readdirSync(new URL('fixtures', here)).sort();
  const all = [
    ...triggers.map((name) => ({
      name: `trigger ${name}`,
      args: ['trigger', name],
      events: [aliases[name] ?? name],
    })),
    ...fixtures.map((file) => ({
      name: `fixtures ${file}`,
      args: ['fixtures', new URL(`fixtures/${file}`, here).pathname],
      events: own[file.replace('.json', '')],
    })),
  ];
  return values.only ? all.filter(({ name }) => new RegExp(values.only).test(name)) : all;
}

/** The ids of a simulator's events since `count`, by type; of connected accounts too. */
async function emitted(simulator, count) {
  const { events } = await simulator.page('GET', '/_sim/state?imbalances=no');
  const fresh = events.latest.slice(0, events.count - count);
  return new Map(fresh.map(({ type, id }) => [type, id]));
}

/** Lets virtual time pass until the events are there: {ids, said}. */
async function await_events(simulator, count, types) {
  for (const { seconds, said } of waits) {
    if (seconds > 0) await simulator.advance(seconds);
    const seen = await emitted(simulator, count);
    if (types.every((type) => seen.has(type))) return { ids: types.map((t) => seen.get(t)), said };
  }
  const seen = await emitted(simulator, count);
  const missing = types.filter((type) => !seen.has(type));
  throw new Error(`no event ${missing.join(', ')}; there were: ${[...seen.keys()].join(', ')}`);
}

/** Waits until Daybook has stored what the simulator signed and sent. */
async function await_arrival(daybook, id, type) {
  if (!daybook) return;
  const until = Date.now() + arrival_ms_max;
  for (;;) {
    const stored = await daybook.event(id);
    if (stored) {
      if (stored.type === type && stored.source === 'webhook') return;
      throw new Error(`${id} is stored as ${stored.type} from ${stored.source}`);
    }
    if (Date.now() > until) throw new Error(`${type} ${id} does not arrive at Daybook`);
    await pause(20);
  }
}

/** Runs one step; its row of the table. */
async function run(cli, simulator, daybook, env, { name, args, events }) {
  const row = { name, events, said: '', error: '' };
  try {
    const { events: before } = await simulator.page('GET', '/_sim/state?imbalances=no');
    const { code, output } = await cli.run(simulator.url, args, env);
    if (code !== 0) throw new Error(output.trim());
    const { ids, said } = await await_events(simulator, before.count, events);
    row.said = said;
    for (const [i, id] of ids.entries()) await await_arrival(daybook, id, events[i]);
  } catch (error) {
    row.error = error.message;
  }
  console.log(`${row.error ? 'FAILED' : 'ok    '} ${name}${row.error ? `\n${row.error}` : ''}`);
  return row;
}

/** Money that is there for every step: no step's dispute and no midnight's payout takes the last. */
async function fund(simulator) {
  await simulator.post('/v1/balance_settings', { 'payments[payouts][schedule][interval]': 'manual' });
  await simulator.post('/v1/payment_intents', {
    amount: '1000000',
    currency: 'usd',
    'payment_method_types[]': 'card',
    payment_method: 'pm_card_bypassPending',
    confirm: 'true',
  });
}

/** Works off the steps with a simulator of its own. */
async function work(seed, queue, rows, cli, daybook) {
  const simulator = await start_simulator({ seed, args: daybook ? deliveries(daybook) : [] });
  const meter_events = await start_meter_events(simulator);
  try {
    if (daybook) await add_thin_destination(simulator, `${daybook.url}/webhooks/stripe`);
    await fund(simulator);
    for (let next = queue.shift(); next; next = queue.shift()) {
      rows.set(next.name, await run(cli, simulator, daybook, meter_events.env, next));
    }
    const { imbalances } = await simulator.state();
    for (const line of imbalances) throw new Error(`money appeared or vanished: ${line}`);
    await check_types(simulator);
  } finally {
    meter_events.stop();
    await simulator.stop();
  }
}

function markdown(rows) {
  const lines = rows.map(({ name, events, said }) =>
    `| \`stripe ${name}\` | ${events.map((event) => `\`${event}\``).join(', ')} | ${said} |`);
  const head = ['| command | arrives at Daybook | in virtual time |', '|---|---|---|'];
  return [...head, ...lines].join('\n');
}

const all = steps();
const rows = new Map();
const cli = new StripeCli();
const seeds = Array.from({ length: jobs }, (_, i) => i + 1);
const thin = await Promise.all(seeds.map(coming_secret));
const platform = [secrets.platform, ...thin].join(',');
const daybook = values['no-daybook'] ? undefined : await start_daybook({ platform });
try {
  const queue = [...all];
  await Promise.all(seeds.map((seed) => work(seed, queue, rows, cli, daybook)));
} finally {
  await daybook?.stop();
  cli.remove();
}

const done = all.map(({ name }) => rows.get(name));
const failed = done.filter(({ error }) => error !== '');
const table = new Table({
  head: ['stripe …', 'events at Daybook', 'virtual time'],
  style: { compact: true, head: [], border: [] },
});
for (const { name, events, said, error } of done) {
  table.push([name, events.join('\n'), error ? 'FAILED' : said]);
}
console.log(table.toString());
console.log(`${done.length - failed.length} arrived, ${failed.length} failed`);
const is_current =
  failed.length > 0 || values.only !== undefined ||
  in_docs('docs/simulator.md', 'triggers', markdown(done), { write: values.write });
process.exitCode = failed.length > 0 || !is_current ? 1 : 0;
