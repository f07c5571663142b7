#!/usr/bin/env node
// A marketplace of the generator's, delivered to Daybook while webhooks go astray: everything
// arrives, once, and the simulator goes on answering others meanwhile. Its events are as the SDK
// declares them.
//
//   node test/simulator/market.mjs [--seed N] [--orders N]
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { deliveries, start_daybook } from './daybook.mjs';
import { start_simulator } from './simulator.mjs';
import { check_types } from './types.mjs';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '5' }, orders: { type: 'string', default: '200' } },
});
const seed = Number(values.seed);
const plan = { sellers: 5, buyers: 20, orders: Number(values.orders), days: 12, seed };
const day = 86_400;
const retries_last = 3 * day;
const faults = [
  { kind: 'duplicate', rate: 0.2, seed },
  { kind: 'reorder', rate: 0.3, window: 8, seed },
  { kind: 'delay', rate: 0.05, delay: 7_200, seed },
  { kind: 'wrong_signature', rate: 0.05, seed },
];

/** Asks for the time again and again until `work` is done: how often, and the slowest answer. */
async function ask_meanwhile(simulator, work) {
  let asked = 0;
  let slowest = 0;
  let done = false;
  const finished = work.finally(() => { done = true; });
  while (!done) {
    const before = Date.now();
    await simulator.page('GET', '/_sim/clock');
    slowest = Math.max(slowest, Date.now() - before);
    ++asked;
    await pause(5);
  }
  return { answer: await finished, asked, slowest };
}

/** Waits until no webhook is ready or under way. */
async function quiet(simulator) {
  for (;;) {
    const { data } = await simulator.page('GET', '/_sim/deliveries');
    if (data.every(({ ready, under_way }) => ready === 0 && under_way === 0)) return;
    await pause(50);
  }
}

const daybook = await start_daybook();
const simulator = await start_simulator({ seed, args: deliveries(daybook) });
try {
  await simulator.page('POST', '/_sim/faults', faults);
  const market = simulator.page('POST', '/_sim/marketplace', plan);
  const { answer, asked, slowest } = await ask_meanwhile(simulator, market);
  console.log(`${answer.events} events; ${asked} answers meanwhile, the slowest in ${slowest} ms`);
  assert.ok(asked > 3, 'others must be answered while it runs');
  await quiet(simulator);
  await simulator.page('DELETE', '/_sim/faults');
  for (let hours = 0; hours * 3_600 < retries_last; hours += 6) {
    await simulator.advance(6 * 3_600);
    await quiet(simulator);
  }

  const { events, imbalances } = await simulator.state();
  assert.deepEqual(imbalances, []);
  assert.equal(events.undelivered, 0);
  const { data: [last] } = await daybook.get('/events?limit=1');
  assert.equal(last.position, events.count, 'each event is in the log once');
  console.log(`${events.count} events arrived, each once; every balance adds up`);
  await check_types(simulator);
} finally {
  await simulator.stop();
  await daybook.stop();
}
