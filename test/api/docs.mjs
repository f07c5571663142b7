// Runs every example of docs/api.md, in order, in one shell, against a service of its own: what is
// documented works as it stands there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { built, root } from '../simulator/processes.mjs';
import { operations } from './description.mjs';
import { start_service } from './service.mjs';

const page = readFileSync(`${root}docs/api.md`, 'utf8');
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((found) => found[1]);

/** The addresses of the page become those of this service; curl complains of refusals, and says
 *  which requests were made. */
function script_of({ url, sim, secret }) {
  const places = (block) =>
    block
      .replaceAll('http://localhost:8080', url)
      .replaceAll('localhost:8080', url.replace('http://', ''))
      .replaceAll('localhost:12111', sim.replace('http://', ''))
      .replaceAll('daybook keys', `"${built('daybook')}" keys`);
  return [
    'set -euo pipefail',
    `export STRIPE_WEBHOOK_SECRET=${secret}`,
    // To ask for something that nobody has is a fair example: its 404 is an answer.
    `curl() {
       local status
       status=$(command curl -o "$TMP/body" -w '%{method} %{url_effective} %{http_code}' "$@")
       printf '%s\\n' "$status" >&2
       cat "$TMP/body"
       [[ $status == *" 2"?? || $status == "GET "*" 404" ]]
     }`,
    'TMP=$(mktemp -d); trap \'rm -rf "$TMP"\' EXIT',
    ...blocks.map((block, index) => `printf '# example ${index + 1}\\n' >&2\n${places(block)}`),
  ].join('\n');
}

async function run(script, env) {
  const child = spawn('bash', ['-c', script], { env: { ...process.env, ...env } });
  const told = { out: '', err: '' };
  child.stdout.on('data', (part) => (told.out += part));
  child.stderr.on('data', (part) => (told.err += part));
  const [code] = await once(child, 'close');
  return { code, ...told };
}

test('every example of docs/api.md works, and every operation has one', async () => {
  const secret = 'whsec_examplesOfTheDocumentation';
  const service = await start_service({ STRIPE_WEBHOOK_SECRET: secret });
  try {
    const { code, out, err } = await run(script_of({ ...service, secret }), service.env);
    assert.equal(code, 0, `${err}\n${out}`);
    const asked = [...err.matchAll(/^([A-Z]+) (http\S+) \d+$/gm)].map(([, how, where]) => [
      how,
      new URL(where).pathname,
    ]);
    const shown = (method, template) => {
      const path = new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
      return asked.some(([how, where]) => how === method && path.test(where));
    };
    // These are for Stripe, for sellers' browsers, or said in words.
    const unshown = ['/connect/refresh/{id}', '/webhooks/stripe/connect', '/metrics', '/healthz',
      '/readyz', '/exceptions', '/replays'];
    const missing = operations
      .filter(({ path }) => !unshown.includes(path))
      .filter(({ method, path }) => !shown(method, path))
      .map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(missing, []);
  } finally {
    await service.stop();
  }
});
