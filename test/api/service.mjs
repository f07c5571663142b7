// A Daybook with the simulator it brings, in a data directory that is gone afterwards.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built, run_program, start_program } from '../simulator/processes.mjs';

/**
 * A port of 127.0.0.1 that nobody listens on. Below those that connections of other tests are given,
 * which might take it first, and above those that browsers refuse.
 */
async function free_port() {
  for (;;) {
    const port = 7000 + Math.floor(Math.random() * 3000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue; // taken
    }
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** A service that has just begun answers 503 where its tables are not there yet. */
async function tables_are_there(url, key) {
  for (;;) {
    const reply = await fetch(`${url}/projections`, { headers: { authorization: `Bearer ${key}` } });
    const { data = [] } = await reply.json();
    if (data.length > 0 && data.every(({ state }) => state === 'live')) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** {url, sim, key(scopes), stop}: where it and its simulator are, and keys to it. */
export async function start_service(more = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-api-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const port = await free_port();
  const sim_port = await free_port();
  const env = {
    DATABASE_URL: '',
    DAYBOOK_DATA_DIR: join(folder, 'data'),
    DAYBOOK_LISTEN: `127.0.0.1:${port}`,
    DAYBOOK_SIMULATOR_LISTEN: `127.0.0.1:${sim_port}`,
    DAYBOOK_LOG_LEVEL: 'warn',
    STRIPE_SECRET_KEY: '',
    STRIPE_PLATFORM_FEE_PERCENT: '10',
    STRIPE_APPLICATION_FEE_FIXED: '0',
    STRIPE_SUCCESS_URL: 'https://shop.example/thanks?session={CHECKOUT_SESSION_ID}',
    STRIPE_CANCEL_URL: 'https://shop.example/cart',
    STRIPE_CONNECT_REFRESH_URL: `http://127.0.0.1:${port}/connect/refresh`,
    STRIPE_CONNECT_RETURN_URL: 'https://shop.example/sellers/return',
    ...more,
  };
  try {
    const daybook = await start_program('daybook', ['serve'], { env, address: /http:\/\/[\d.]+:\d+/ });
    const key = async (...scopes) => {
      const args = ['keys', 'create', '--json', ...scopes.flatMap((scope) => ['--scope', scope])];
      const made = await run_program(built('daybook'), args, { env });
      if (made.code !== 0) throw new Error(`daybook keys create: ${made.stderr}`);
      return JSON.parse(made.stdout).key;
    };
    const sim = `http://127.0.0.1:${sim_port}`;
    await tables_are_there(daybook.url, await key('projections:read'));
    return { url: daybook.url, sim, env, key, stop: () => daybook.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}
