// Stripe's own SDK, turned to a simulator of the test's own; what both say is kept for the types.
import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Stripe } from '../../../tools/node/packages.mjs';
import { start_daybook } from '../daybook.mjs';
import { api_key, start_simulator } from '../simulator.mjs';

/** Where the lines for tools/stripe_sim/spec/check.mjs go; suite.mjs says so. */
const record_file = process.env.DAYBOOK_RECORD;
const lines = [];
let is_recording = true;

function record(entry) {
  if (record_file) lines.push(JSON.stringify(entry));
}

/** Whole objects within an error, such as the payment intent that was declined. */
function record_answer(body) {
  const objects = body.error ? Object.values(body.error).filter((part) => part?.object) : [body];
  for (const value of objects) record({ kind: 'object', value });
}

/** Keeps what a webhook delivered. */
export function record_event(event) {
  record({ kind: 'object', name: 'event', value: event });
}

// Requests are kept as the caller gave them, before they become a form.
const { _makeRequest: make_request } = Stripe.StripeResource.prototype;
Stripe.StripeResource.prototype._makeRequest = function (method, path, params, ...others) {
  if (is_recording) {
    const [route] = path.split('?');
    record({ kind: 'request', method: method.toUpperCase(), path: route, params: params ?? {} });
  }
  return make_request.call(this, method, path, params, ...others);
};

/** The SDK's own HTTP client, which also keeps the answers and their headers. */
class Recorder {
  #inner = Stripe.createNodeHttpClient();
  attempts = [];

  getClientName() {
    return this.#inner.getClientName();
  }

  async makeRequest(...request) {
    const [, , path, method, headers] = request;
    this.attempts.push({ method, path, headers });
    const response = await this.#inner.makeRequest(...request);
    const to_json = response.toJSON.bind(response);
    response.toJSON = async () => {
      const body = await to_json();
      record_answer(body);
      return body;
    };
    return response;
  }
}

/** Does what the types do not allow, on purpose. */
export async function wrongly(request) {
  is_recording = false;
  try {
    return await request();
  } finally {
    is_recording = true;
  }
}

/** By test file a database for its Daybook, if all is to pass through a gateway; see suite.mjs. */
const databases = JSON.parse(process.env.DAYBOOK_GATEWAY || '{}');
const file = basename(process.argv[1], '.test.mjs');
export const through_gateway = file in databases;

const gateway_to = (simulator) =>
  through_gateway &&
  start_daybook({
    DATABASE_URL: databases[file],
    DAYBOOK_STRIPE_RATE: '0',
    STRIPE_API_BASE: simulator.url,
    STRIPE_SECRET_KEY: api_key,
  });

/** {simulator, stripe, attempts, stop}: a fresh simulator and an SDK that talks to it. */
export async function start(options) {
  const simulator = await start_simulator(options);
  const gateway = await gateway_to(simulator);
  const { port } = gateway || simulator;
  const httpClient = new Recorder();
  const client = (settings) =>
    new Stripe(gateway.key ?? api_key, {
      ...{ host: '127.0.0.1', port, protocol: 'http', telemetry: false },
      ...{ httpClient, maxNetworkRetries: 0, ...settings },
    });
  const stop = async () => {
    if (gateway) await gateway.stop();
    await simulator.stop();
    if (record_file && lines.length > 0) appendFileSync(record_file, `${lines.join('\n')}\n`);
    lines.length = 0;
  };
  return { simulator, client, stripe: client(), attempts: httpClient.attempts, stop };
}
