// Writes a day of a small marketplace as Stripe would deliver it, one line for each event:
//   {"endpoint": "platform" | "connect", "body": "<the exact bytes>"}
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { story } from './story.mjs';

const HELP = `usage: node tools/day/day.mjs [--out FILE] [--seed N] [--part before|day|all] [--summary]

Without --out it writes to standard output. --part before is everything up to midnight, --part day
the day itself. The same seed gives the same bytes. --summary prints counts by type instead.`;

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    seed: { type: 'string', default: '1' },
    part: { type: 'string', default: 'all' },
    summary: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else if (!/^\d+$/.test(values.seed) || !['before', 'day', 'all'].includes(values.part)) {
  console.error(HELP);
  process.exitCode = 2;
} else {
  const events = story(Number(values.seed)).filter((event) => values.part === 'all' || event.part === values.part);
  if (values.summary) summarize(events);
  else write(events);
}

function write(events) {
  const lines = events.map(({ endpoint, body }) => `${JSON.stringify({ endpoint, body })}\n`).join('');
  if (values.out === undefined) process.stdout.write(lines);
  else writeFileSync(values.out, lines);
}

function summarize(events) {
  const counts = new Map();
  for (const { body } of events) {
    const { type } = JSON.parse(body);
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  for (const [type, count] of [...counts].sort()) console.log(`${String(count).padStart(4)}  ${type}`);
  console.log(`${String(events.length).padStart(4)}  in all`);
}
