// Stripe takes reports of usage at an address of its own, and tells by thin events which are wrong.
// So that the CLI reaches a simulator there, it gets a proxy that says it is that address.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import { createServer as create_secure_server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deliveries } from './daybook.mjs';
import { api_key, start_simulator } from './simulator.mjs';

const host = 'meter-events.stripe.com';
const thin_types = [
  'v1.billing.meter.error_report_triggered',
  'v1.billing.meter.no_meter_found',
];

function certificate() {
  return execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', '-', '-days', '1', '-subj', `/CN=${host}`],
    ...['-addext', `subjectAltName=DNS:${host}`],
  ], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
}

/** {env, stop}: with this environment a program reaches `simulator` under Stripe's address. */
export async function start_meter_events(simulator) {
  const pem = certificate();
  const folder = mkdtempSync(join(tmpdir(), 'daybook-meter-events-'));
  const roots = join(folder, 'certificate.pem');
  writeFileSync(roots, pem);
  const stripe = create_secure_server({ key: pem, cert: pem }, (request, response) => {
    const { method, url, headers } = request;
    const passed = ask(simulator.url + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
  const proxy = createServer();
  proxy.on('connect', ({ url }, socket) => {
    if (url !== `${host}:443`) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    return stripe.emit('connection', socket);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const stop = () => {
    proxy.close();
    proxy.closeAllConnections();
    rmSync(folder, { recursive: true });
  };
  const address = `http://127.0.0.1:${proxy.address().port}`;
  return { env: { HTTPS_PROXY: address, SSL_CERT_FILE: roots }, stop };
}

/** Has a simulator deliver those events; the secret that signs them. */
export async function add_thin_destination(simulator, url) {
  const reply = await fetch(`${simulator.url}/v2/core/event_destinations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api_key}` },
    body: JSON.stringify({
      name: 'Reports that do not count',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: thin_types,
      webhook_endpoint: { url },
      include: ['webhook_endpoint.signing_secret'],
    }),
  });
  const answer = await reply.json();
  if (!reply.ok) throw new Error(JSON.stringify(answer));
  return answer.webhook_endpoint.signing_secret;
}

/** What that secret will be if it is the first thing that is asked of a simulator that delivers. */
export async function coming_secret(seed) {
  const nowhere = 'http://127.0.0.1:1';
  const simulator = await start_simulator({ seed, args: deliveries({ url: nowhere }) });
  try {
    return await add_thin_destination(simulator, nowhere);
  } finally {
    await simulator.stop();
  }
}
