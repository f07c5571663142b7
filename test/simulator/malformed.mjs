#!/usr/bin/env node
// 200 malformed requests, the same ones each time, in the middle of a marketplace: each gets
// Stripe's error, none a crash, and nothing changes by them.
//
//   node test/simulator/malformed.mjs [--seed N] [--count N]
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { mistakes } from './mistakes.mjs';
import { Random } from './random.mjs';
import { api_key, start_simulator } from './simulator.mjs';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '200' } },
});
const error_types = ['api_error', 'card_error', 'idempotency_error', 'invalid_request_error'];

/** Sends it as it is: {status, body, request_id}. */
async function send(url, { method, path, body, key = `Bearer ${api_key}`, headers = {} }) {
  const { hostname, port } = new URL(url);
  const type = path.startsWith('/v2') ? 'application/json' : 'application/x-www-form-urlencoded';
  const call = request({
    ...{ hostname, port, method, path, agent: false },
    headers: {
      'content-type': type,
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body, 'latin1') }),
      ...(key === '' ? {} : { authorization: key }),
      ...headers,
    },
  });
  call.end(body === undefined ? undefined : Buffer.from(body, 'latin1'));
  const [response] = await once(call, 'response');
  const parts = [];
  for await (const part of response) parts.push(part);
  return {
    status: response.statusCode,
    body: Buffer.concat(parts).toString(),
    request_id: response.headers['request-id'],
  };
}

/** What is wrong with an answer; "" when nothing is. */
function complaint({ status, body, request_id }, want) {
  if (!want.includes(status)) return `status ${status} instead of ${want.join(' or ')}: ${body}`;
  let error;
  try {
    ({ error } = JSON.parse(body));
  } catch {
    return `no JSON: ${body}`;
  }
  if (typeof error?.message !== 'string' || error.message === '') return `no error: ${body}`;
  if (!error_types.includes(error.type)) return `error of type ${error.type}`;
  if (!/^req_/.test(request_id ?? '')) return `no Request-Id: ${body}`;
  return '';
}

const simulator = await start_simulator({ seed: Number(values.seed) });
await simulator.page('POST', '/_sim/marketplace', { sellers: 3, buyers: 10, orders: 30, days: 5 });
const before = await simulator.state();
const makers = mistakes(new Random(Number(values.seed)));
const kinds = Object.keys(makers);
const counts = new Map(kinds.map((kind) => [kind, { sent: 0, wrong: 0 }]));
const statuses = new Map();
let wrong = 0;
try {
  for (let i = 0; i < Number(values.count); ++i) {
    const kind = kinds[i % kinds.length];
    const mistake = makers[kind]();
    let said;
    try {
      const answer = await send(simulator.url, mistake);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      said = complaint(answer, mistake.want);
    } catch (error) {
      said = `no answer: ${error.message}`;
    }
    ++counts.get(kind).sent;
    if (said === '') continue;
    ++wrong;
    ++counts.get(kind).wrong;
    const shown = JSON.stringify({ path: mistake.path, body: mistake.body }).slice(0, 300);
    console.log(`WRONG ${kind}: ${said.slice(0, 400)}\n      ${shown}`);
    if (!simulator.is_running()) throw new Error('the simulator is gone');
  }
  const alive = await simulator.get('/v1/balance');
  if (alive.object !== 'balance') throw new Error('the simulator answers no more');
  assert.deepEqual(await simulator.state(), before, 'refused requests must change nothing');
} finally {
  const errors = await simulator.stop();
  if (errors !== '') console.log(`it said: ${errors}`);
}
for (const [kind, { sent, wrong: bad }] of counts) {
  console.log(`${bad ? 'WRONG' : 'ok   '} ${kind} (${sent})`);
}
const summary = [...statuses].sort().map(([status, count]) => `${count} x ${status}`).join(', ');
console.log(`${values.count} malformed requests: ${summary}; ${wrong} answered wrongly`);
process.exitCode = wrong > 0 ? 1 : 0;
