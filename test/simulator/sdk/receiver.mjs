// A webhook endpoint of a test's own: keeps what it is sent, headers and raw bytes.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as create_secure_server } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';

/** With `certificate`, {key, cert} as PEM, it speaks HTTPS. */
export async function start_receiver({ certificate } = {}) {
  const received = [];
  let status = 200;
  const receive = (request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      received.push({ path: request.url, headers: request.headers, body, status });
      response.writeHead(status).end();
    });
  };
  const server = certificate ? create_secure_server(certificate, receive) : createServer(receive);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const scheme = certificate ? 'https' : 'http';
  const url = `${scheme}://127.0.0.1:${server.address().port}`;

  /** The deliveries that fit, once there are `count`; throws when they do not come. */
  const deliveries = async (fits, count = 1) => {
    for (const until = Date.now() + 10_000; ; await pause(10)) {
      const found = received.filter((delivery) => fits(JSON.parse(delivery.body), delivery));
      if (found.length >= count) return found;
      if (Date.now() > until) throw new Error(`${found.length} of ${count} deliveries came`);
    }
  };
  const answer_with = (code) => {
    status = code;
  };
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, received, deliveries, answer_with, stop };
}
