// The quickstart's second half: a marketplace's events go in, and a person sees what comes out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deliver, shuffled } from './deliver.mjs';
import { eventsIn, lastDay } from './market.mjs';
import { Service } from './service.mjs';
import { showDifference, showDigests, showState } from './show.mjs';
import { bar, step } from './terminal.mjs';

const REPLAY = 'day_before';
const { values: options } = parseArgs({
  options: {
    url: { type: 'string' }, daybook: { type: 'string' }, events: { type: 'string' },
    'data-dir': { type: 'string' }, 'key-file': { type: 'string' },
  },
});

try {
  await quickstart();
} catch (error) {
  console.error(`\nquickstart: ${error.message}`);
  process.exitCode = 1;
}

async function quickstart() {
  const key = readFileSync(options['key-file'], 'utf8').trim();
  const service = new Service({ url: options.url, daybook: options.daybook, key });
  const events = eventsIn(options.events);
  const { time: midnight, date } = lastDay(events);

  step(`Webhooks up to midnight before ${date}, signed by Stripe's SDK, shuffled, some twice`);
  const before = await send(events.filter((event) => event.created < midnight), 1);
  await service.caughtUp(before.head);
  step(`Webhooks of ${date}`);
  const day = await send(events.filter((event) => event.created >= midnight), 2);
  const projections = await service.caughtUp(day.head);

  step('What came out');
  await showState(service);

  step('Rebuild: every table again, from the first event on');
  await service.run(['rebuild', '--all']);
  const rebuilt = await service.caughtUp(day.head);
  showDigests(projections, rebuilt);

  step(`Replay and difference: the tables as they were after event ${before.head}, the last one recorded before ${date}`);
  const replays = JSON.parse(await service.output(['replays', '--json']));
  if ((replays.data ?? replays).some((replay) => replay.name === REPLAY)) await service.output(['replays', 'drop', REPLAY]);
  await service.run(['replay', '--as-of', String(before.head), '--into', REPLAY]);
  const difference = await service.output(['diff', REPLAY, 'live', '--json'], { fine: [0, 1] });
  showDifference(difference.trim().split('\n').map((line) => JSON.parse(line)), REPLAY, 'live');
  console.log(`\nEvery column of every row: daybook diff ${REPLAY} live`);

  const { data: granted } = await service.get('/entitlements?active=true&limit=1');
  farewell(granted[0].user_id);
}

async function send(events, seed) {
  const secret = (file) => readFileSync(join(options['data-dir'], file), 'utf8').trim();
  const result = await deliver(shuffled(events, seed, 20), {
    url: options.url,
    secrets: { platform: secret('webhook_secret'), connect: secret('connect_webhook_secret') },
    progress: bar('sending'),
  });
  const known = result.known === 0 ? '' : `, ${result.known} were there already`;
  console.log(`${result.sent} deliveries of ${result.events} events: ${result.recorded} recorded${known}; the log is at ${result.head}`);
  return result;
}

function farewell(buyer) {
  const bearer = `-H "Authorization: Bearer $(cat ${options['key-file']})"`;
  step(`Daybook keeps running on ${options.url}. To try:`);
  console.log(`
  curl -s ${bearer} '${options.url}/orders?status=paid&limit=3'
  curl -s ${bearer} '${options.url}/entitlements?user_id=${buyer}'
  curl -s ${bearer} '${options.url}/orders?replay=${REPLAY}&limit=3'

To stop it: tools/quickstart stop`);
}
