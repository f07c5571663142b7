// Delivers events as Stripe does: signed by its own SDK, in no order, some more than once, retried.
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Stripe } from '../node/packages.mjs';

const PATHS = { platform: '/webhooks/stripe', connect: '/webhooks/stripe/connect' };
const ATTEMPTS_MAX = 8;

/** A small generator of pseudo-random numbers below `bound` (mulberry32), the same for one seed. */
function numbers(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % bound;
  };
}

/** The order of delivery: shuffled by the seed, `duplicates` per cent of the events once more. */
export function shuffled(events, seed, duplicates) {
  const below = numbers(seed);
  const deliveries = [...events, ...events.filter(() => below(100) < duplicates)];
  for (let i = deliveries.length - 1; i > 0; i -= 1) {
    const j = below(i + 1);
    [deliveries[i], deliveries[j]] = [deliveries[j], deliveries[i]];
  }
  return deliveries;
}

/**
 * Sends every delivery and checks every answer. `secrets` is {platform, connect}. Returns how many
 * were sent, recorded now, were there before this call, and the highest position among the answers.
 * Throws at the first answer that is not what it must be.
 */
export async function deliver(deliveries, { url, secrets, connections = 8, progress = () => {} }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const outcome = { sent: 0, retries: 0, head: 0, answers: new Map() };
  let next = 0;
  const worker = async () => {
    while (next < deliveries.length) {
      const { endpoint, body } = deliveries[next];
      next += 1;
      const answer = await acknowledged(agent, new URL(PATHS[endpoint], url), body, secrets[endpoint], outcome);
      note(outcome, JSON.parse(body).id, answer);
      progress(outcome.sent, deliveries.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, worker));
  } finally {
    agent.destroy();
  }
  return summary(outcome);
}

function note(outcome, id, { position, duplicate }) {
  outcome.sent += 1;
  outcome.head = Math.max(outcome.head, position);
  const known = outcome.answers.get(id) ?? { position, recorded: 0 };
  if (known.position !== position) throw new Error(`${id} has two positions: ${known.position} and ${position}`);
  if (!duplicate) known.recorded += 1;
  if (known.recorded > 1) throw new Error(`${id} was recorded twice`);
  outcome.answers.set(id, known);
}

function summary({ sent, retries, head, answers }) {
  const recorded = [...answers.values()].filter((answer) => answer.recorded === 1).length;
  return { sent, retries, head, events: answers.size, recorded, known: answers.size - recorded, duplicates: sent - answers.size };
}

// Like Stripe, tries again when the service says that it cannot take the event now.
async function acknowledged(agent, url, body, secret, outcome) {
  for (let attempt = 1; ; attempt += 1) {
    const { status, text } = await post(agent, url, body, secret).catch((error) => ({ status: 0, text: error.message }));
    if (status === 200) {
      const answer = JSON.parse(text);
      if (!Number.isSafeInteger(answer.position) || typeof answer.duplicate !== 'boolean') throw new Error(`unexpected answer: ${text}`);
      return answer;
    }
    if ((status !== 0 && status < 500) || attempt === ATTEMPTS_MAX) {
      throw new Error(`${url} answered ${status || 'nothing'} to ${JSON.parse(body).id}: ${text.trim()}`);
    }
    outcome.retries += 1;
    await pause(50 * 2 ** attempt);
  }
}

function post(agent, url, body, secret) {
  const payload = Buffer.from(body);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': payload.length,
    'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload: body, secret }),
  };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { agent, method: 'POST', headers, timeout: 15_000 }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(parts).toString() }));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 15 s')));
    request.on('error', reject);
    request.end(payload);
  });
}
