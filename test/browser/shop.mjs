// The example shop of tools/examples/checkout, a Daybook with its simulator, and a Chromium.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from '../api/eventually.mjs';
import { start_service } from '../api/service.mjs';
import { api, launch, visit } from './harness.mjs';

const program = fileURLToPath(new URL('../../tools/examples/checkout/server.mjs', import.meta.url));
const shopScopes = ['catalogue:write', 'payments:write', 'orders:read', 'access:read'];

/** A request to Daybook. */
async function ask(service, key, path, body) {
  const headers = { authorization: `Bearer ${key}`, 'idempotency-key': randomUUID() };
  if (body) headers['content-type'] = 'application/json';
  const request = body && { method: 'POST', body: JSON.stringify(body) };
  const reply = await fetch(service.url + path, { headers, ...request });
  assert.ok(reply.ok, `${path}: ${await reply.clone().text()}`);
  return reply.json();
}

/** A connected account that can be paid. */
async function readySeller(service, key) {
  const { account_id: seller } = await ask(service, key, '/connect/accounts', {
    country: 'US',
    email: 'baker@example.com',
  });
  const url = `${service.sim}/_sim/accounts/${seller}/complete`;
  assert.ok((await fetch(url, { method: 'POST' })).ok);
  await eventually(async () => {
    const { data } = await ask(service, key, '/connect/accounts?readiness=ready');
    return data.some(({ account_id: id }) => id === seller);
  });
  return seller;
}

/** Starts the example as its README says: {url, stop}. */
async function startExample(service, seller) {
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DAYBOOK_URL: service.url,
      DAYBOOK_KEY: await service.key(...shopScopes),
      STRIPE_JS: `${service.sim}/_sim/stripe.js`,
      SELLER: seller,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
  const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => text);
  const said = await Promise.race([line, ended]);
  const url = /http:\S+/.exec(said)?.[0];
  assert.ok(url, `the example did not start: ${said}`);
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { url, stop };
}

/** All of it; `close()` ends it. */
export async function openShop() {
  const ends = [];
  const close = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const service = await start_service();
    ends.push(service.stop);
    const key = await service.key('admin');
    const seller = await readySeller(service, key);
    const example = await startExample(service, seller);
    ends.push(example.stop);
    const browser = await launch();
    ends.push(() => browser.close());
    return {
      url: example.url,
      sim: service.sim,
      seller,
      visitor: () => visit(browser),
      daybook: (path) => ask(service, key, path),
      stripe: (path, query) => api(service.sim, 'GET', path, query),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
