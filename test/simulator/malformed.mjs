#!/usr/bin/env node
// 200 malformed requests, the same ones each time: each gets Stripe's error, none a crash.
//
//   node test/simulator/malformed.mjs [--seed N] [--count N]
import { request } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { root } from './processes.mjs';
import { Random } from './random.mjs';
import { api_key, start_simulator } from './simulator.mjs';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '200' } },
});
const random = new Random(Number(values.seed));
const spec = JSON.parse(readFileSync(`${root}tools/stripe_sim/spec/api.json`, 'utf8'));
const posts = spec.routes.filter(({ method, path }) => method === 'POST' && /^\/v1/.test(path));
const error_types = ['api_error', 'card_error', 'idempotency_error', 'invalid_request_error'];

const noise = () =>
  Array.from({ length: random.between(1, 200) }, () => random.below(256)).map((byte) =>
    String.fromCharCode(byte)).join('');
const letters = (length) =>
  Array.from({ length }, () => 'abcdefghijklmnopqrstuvwxyz'[random.below(26)]).join('');
const nested = (depth) => `a${'[b]'.repeat(depth)}=1`;
const intent = 'amount=1000&currency=usd';
const to = (path, body, more = {}) => ({ method: 'POST', path, body, ...more });
const intents = (body, more) => to('/v1/payment_intents', body, more);

/** A POST route that needs no object to exist. */
const plain_route = () => random.of(posts.filter(({ path }) => !path.includes('{'))).path;
/** A route with made-up ids in its path. */
const absent = (path) => path.replace(/\{\w+\}/g, () => `${letters(3)}_${letters(14)}`);

/** Kinds of mistakes: each makes a request and says which statuses are right for it. */
const mistakes = {
  'an unknown parameter': () => ({ ...intents(`${intent}&${letters(8)}=1`), want: [400] }),
  'an unknown parameter inside one': () => ({
    ...intents(`${intent}&shipping[${letters(6)}]=1`),
    want: [400],
  }),
  'nothing at all': () => ({ ...intents(''), want: [400] }),
  'a required one missing': () => ({ ...intents(random.of(['amount=5', 'currency=usd'])), want: [400] }),
  'a text where a number belongs': () => ({ ...intents(`amount=${letters(5)}&currency=usd`), want: [400] }),
  'a number beyond all bounds': () => ({
    ...intents(`amount=${'9'.repeat(random.between(19, 400))}&currency=usd`),
    want: [400],
  }),
  'a fraction or a sign': () => ({
    ...intents(`amount=${random.of(['1.5', '-100', '1e3', '0x10', ' 5', '+5.0', 'NaN'])}&currency=usd`),
    want: [400],
  }),
  'a currency that is none': () => ({ ...intents(`amount=1000&currency=${random.of(['xxx', 'us', '€', ''])}`), want: [400] }),
  'a flag that is none': () => ({ ...intents(`${intent}&confirm=${random.of(['yes', '1', 'TRUE', '2'])}`), want: [400] }),
  'a value that the enum lacks': () => ({ ...intents(`${intent}&capture_method=${letters(6)}`), want: [400] }),
  'an object where a text belongs': () => ({ ...intents(`amount=1000&currency[a]=usd`), want: [400] }),
  'a text where an object belongs': () => ({ ...intents(`${intent}&shipping=${letters(6)}`), want: [400] }),
  'a list where an object belongs': () => ({ ...intents(`${intent}&shipping[0]=1&shipping[1]=2`), want: [400] }),
  'too deep': () => ({ ...intents(nested(random.between(50, 5_000))), want: [400] }),
  'brackets that do not close': () => ({
    ...intents(`${intent}&${random.of(['a[', 'a]b', 'a[b', '[', '[]', '[a]', 'metadata[[a]]', 'a[b]c'])}=1`),
    want: [400],
  }),
  'escapes that are none': () => ({ ...intents(`${intent}&description=%${random.of(['', 'z', 'zz', '4', 'g1'])}&${letters(4)}=1`), want: [400] }),
  'noise': () => ({ ...intents(noise()), want: [400] }),
  'noise in the query': () => ({
    method: 'GET',
    path: `/v1/customers?${encodeURI(noise()).replace(/[#\s]/g, '')}&${letters(6)}=1`,
    want: [400],
  }),
  'metadata beyond its bounds': () => ({
    ...intents(`${intent}&${random.of([`metadata[${'k'.repeat(41)}]=1`, `metadata[a]=${'v'.repeat(501)}`,
      Array.from({ length: 51 }, (_, i) => `metadata[k${i}]=1`).join('&')])}`),
    want: [400],
  }),
  'a limit beyond its bounds': () => ({
    method: 'GET',
    path: `/v1/customers?limit=${random.of(['0', '101', '-1', 'ten', '1.5'])}`,
    want: [400],
  }),
  'a cursor that nobody knows': () => ({ method: 'GET', path: `/v1/customers?starting_after=cus_${letters(14)}`, want: [400, 404] }),
  'a search that says nothing': () => ({
    method: 'GET',
    path: `/v1/payment_intents/search?query=${random.of(['', letters(8), 'metadata', "a:'b'+AND", "''"])}`,
    want: [400],
  }),
  'expansion of nothing': () => ({ ...intents(`${intent}&expand[]=${letters(6)}.${letters(4)}`), want: [400] }),
  'expansion too deep': () => ({ ...intents(`${intent}&expand[]=${'a.'.repeat(10)}b`), want: [400] }),
  'an object that is not there': () => {
    const { path } = random.of(posts.filter((route) => route.path.includes('{')));
    return { ...to(absent(path), ''), want: [400, 404] };
  },
  'nonsense for any route': () => ({ ...to(plain_route(), `${letters(7)}[${letters(3)}][]=1`), want: [400, 404] }),
  'a route that is not there': () => ({ ...to(`/v1/${letters(9)}/${letters(5)}`, ''), want: [404] }),
  'a method that is not there': () => ({ method: random.of(['PUT', 'PATCH', 'DELETE']), path: '/v1/payment_intents', body: '', want: [404, 405] }),
  'no key': () => ({ ...intents(intent, { key: random.of(['', 'Bearer', 'Bearer x', 'Basic !!', 'Digest a']) }), want: [401] }),
  'another\'s account': () => ({ ...intents(intent, { headers: { 'stripe-account': `acct_${letters(16)}` } }), want: [403] }),
  'a version that is none': () => ({ ...intents(intent, { headers: { 'stripe-version': letters(9) } }), want: [400] }),
  'a key too long': () => ({ ...intents(intent, { headers: { 'idempotency-key': 'k'.repeat(256) } }), want: [400] }),
  'v2 without JSON': () => ({ ...to('/v2/core/event_destinations', random.of(['{', noise(), '[]', '"a"', 'null'])), want: [400] }),
};

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
  if (!error || typeof error.message !== 'string' || error.message === '') return `no error: ${body}`;
  if (!error_types.includes(error.type)) return `error of type ${error.type}`;
  if (!/^req_/.test(request_id ?? '')) return `no Request-Id: ${body}`;
  return '';
}

const simulator = await start_simulator({ seed: Number(values.seed) });
const kinds = Object.keys(mistakes);
const counts = new Map(kinds.map((kind) => [kind, { sent: 0, wrong: 0 }]));
const statuses = new Map();
let wrong = 0;
try {
  for (let i = 0; i < Number(values.count); ++i) {
    const kind = kinds[i % kinds.length];
    const mistake = mistakes[kind]();
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
