// A simulator of a test's own, and the ways to talk to it.
import { start_program } from './processes.mjs';

export const api_key = 'sk_test_simulatorproof';

/** Starts stripe-sim on a free port; it stands still in time unless `clock` is wall. */
export async function start_simulator({ seed = 1, clock = 'frozen', args = [] } = {}) {
  const { url, is_running, stop } = await start_program(
    'stripe-sim',
    ['--listen', '127.0.0.1:0', '--seed', String(seed), '--clock', clock, ...args],
    { address: /http:\/\/[\d.]+:\d+/ },
  );

  /** A page of the simulator's own: its JSON. */
  const page = async (method, path, body) => {
    const reply = await fetch(url + path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path} answered ${reply.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };

  /** GET of Stripe's API: its JSON. */
  const get = async (path, account) => {
    const headers = { authorization: `Bearer ${api_key}` };
    if (account) headers['stripe-account'] = account;
    const reply = await fetch(url + path, { headers });
    const body = await reply.json();
    if (!reply.ok) throw new Error(`GET ${path}: ${JSON.stringify(body.error)}`);
    return body;
  };

  /** POST of a form to Stripe's API: its JSON. */
  const post = async (path, form) => {
    const headers = { authorization: `Bearer ${api_key}` };
    const reply = await fetch(url + path, { method: 'POST', headers, body: new URLSearchParams(form) });
    const body = await reply.json();
    if (!reply.ok) throw new Error(`POST ${path}: ${JSON.stringify(body.error)}`);
    return body;
  };

  const advance = (seconds) => page('POST', '/_sim/advance', { seconds });
  const state = () => page('GET', '/_sim/state');
  return { url, port: Number(new URL(url).port), is_running, stop, page, get, post, advance, state };
}
