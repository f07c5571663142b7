// Sends a marketplace's events, from a file, to a running Daybook the way Stripe would.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deliver, shuffled } from './deliver.mjs';
import { eventsIn } from './market.mjs';
import { bar } from './terminal.mjs';

const HELP = `usage: node tools/day/send.mjs --file FILE [--url URL] [--data-dir DIR] [--seed N]
           [--duplicates PERCENT] [--connections N]

FILE is what \`stripe-sim marketplace --events-to\` writes. The secrets are STRIPE_WEBHOOK_SECRET and
STRIPE_CONNECT_WEBHOOK_SECRET (the first of each list), or those that the service keeps in its data
directory. Exit code 1: an answer was not as it must be.`;

const { values } = parseArgs({
  options: {
    file: { type: 'string' },
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    'data-dir': { type: 'string', default: process.env.DAYBOOK_DATA_DIR ?? '.daybook' },
    seed: { type: 'string', default: '1' },
    duplicates: { type: 'string', default: '20' },
    connections: { type: 'string', default: '8' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else if (values.file === undefined) {
  console.error(HELP);
  process.exitCode = 2;
} else {
  await send();
}

async function send() {
  const secret = (name, file) => (process.env[name] || readFileSync(join(values['data-dir'], file), 'utf8')).split(',')[0].trim();
  const progress = bar('sending');
  try {
    const result = await deliver(shuffled(eventsIn(values.file), Number(values.seed), Number(values.duplicates)), {
      url: values.url,
      secrets: {
        platform: secret('STRIPE_WEBHOOK_SECRET', 'webhook_secret'),
        connect: secret('STRIPE_CONNECT_WEBHOOK_SECRET', 'connect_webhook_secret'),
      },
      connections: Number(values.connections),
      progress,
    });
    console.log(JSON.stringify(result));
  } catch (error) {
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}
