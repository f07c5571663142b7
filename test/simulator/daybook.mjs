// A Daybook of a test's own, in a data directory that is gone afterwards.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built, run_program, start_program } from './processes.mjs';

export const secrets = { platform: 'whsec_platformProof0001', connect: 'whsec_connectProof00001' };

/** The arguments that have a simulator deliver to a Daybook. */
export function deliveries({ url }) {
  const webhook = `${url}/webhooks/stripe`;
  return [
    ...['--webhook', webhook, '--webhook-secret', secrets.platform],
    ...['--connect-webhook', `${webhook}/connect`, '--connect-webhook-secret', secrets.connect],
  ];
}

/** `platform` and `connect` are its endpoints' secrets; `more` is added to its environment. */
export async function start_daybook({
  platform = secrets.platform,
  connect = secrets.connect,
  ...more
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-simulator-'));
  const env = {
    DATABASE_URL: '',
    DAYBOOK_DATA_DIR: join(folder, 'data'),
    DAYBOOK_LISTEN: '127.0.0.1:0',
    DAYBOOK_LOG_LEVEL: 'warn',
    DAYBOOK_SIMULATOR: 'off',
    STRIPE_WEBHOOK_SECRET: platform,
    STRIPE_CONNECT_WEBHOOK_SECRET: connect,
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

    /** What a query answers, or undefined. */
    const get = async (path) => {
      const reply = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
      if (reply.status === 404) return undefined;
      if (!reply.ok) throw new Error(`GET ${path} answered ${reply.status}`);
      return reply.json();
    };
    /** The stored event, or undefined. */
    const event = (id) => get(`/events/${id}`);
    /** The conninfo of a new, empty database beside the embedded one. */
    const add_database = async (name) => {
      const socket = join(env.DAYBOOK_DATA_DIR, 'run');
      const created = await run_program('createdb', ['-h', socket, '-U', 'daybook', name]);
      if (created.code !== 0) throw new Error(`createdb: ${created.stderr}`);
      return `host='${socket}' user=daybook dbname=${name}`;
    };
    return {
      ...{ url, port: Number(new URL(url).port), key, get, event, add_database },
      stop: () => stop().finally(remove),
    };
  } catch (error) {
    remove();
    throw error;
  }
}
