// A Daybook of a test's own, in a data directory that is gone afterwards.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built, run_program, start_program } from './processes.mjs';

export const secrets = { platform: 'whsec_platformProof0001', connect: 'whsec_connectProof00001' };

/** `more` is added to its environment. */
export async function start_daybook(more = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-simulator-'));
  const env = {
    DATABASE_URL: '',
    DAYBOOK_DATA_DIR: join(folder, 'data'),
    DAYBOOK_LISTEN: '127.0.0.1:0',
    DAYBOOK_LOG_LEVEL: 'warn',
    DAYBOOK_SIMULATOR: 'off',
    STRIPE_WEBHOOK_SECRET: secrets.platform,
    STRIPE_CONNECT_WEBHOOK_SECRET: secrets.connect,
    ...more,
  };
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const { url, stop } = await start_program('daybook', ['serve'], {
      env,
      address: /http:\/\/[\d.]+:\d+/,
    });
    const args = ['keys', 'create', '--scope', 'admin', '--json'];
    const made = await run_program(built('daybook'), args, { env });
    if (made.code !== 0) throw new Error(`daybook keys create: ${made.stderr}`);
    const { key } = JSON.parse(made.stdout);

    /** The stored event, or undefined. */
    const event = async (id) => {
      const reply = await fetch(`${url}/events/${id}`, {
        headers: { authorization: `Bearer ${key}` },
      });
      if (reply.status === 404) return undefined;
      if (!reply.ok) throw new Error(`GET /events/${id} answered ${reply.status}`);
      return reply.json();
    };
    return { url, port: Number(new URL(url).port), key, event, stop: () => stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}
