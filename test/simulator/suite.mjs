#!/usr/bin/env node
// Stripe's own SDK drives the simulator, and the types that the SDK declares judge every word.
//
//   node test/simulator/suite.mjs              all of sdk/, then the types
//   node test/simulator/suite.mjs payments     only the files whose name matches
//   node test/simulator/suite.mjs --gateway    everything through a Daybook in between
//
// Exit code 1: a test failed, or something was sent or answered that the types do not allow.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { coverage } from './coverage.mjs';
import { start_daybook } from './daybook.mjs';
import { root } from './processes.mjs';

const words = process.argv.slice(2);
const through_gateway = words.includes('--gateway');
const wanted = new RegExp(words.find((word) => !word.startsWith('--')) ?? '');
const folder = `${root}test/simulator/sdk`;
const files = readdirSync(folder).filter((name) => /\.test\.mjs$/.test(name) && wanted.test(name));
const scratch = mkdtempSync(join(tmpdir(), 'daybook-sdk-'));
const record = join(scratch, 'record.jsonl');

async function node(args, { env = {}, input = 'ignore' } = {}) {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: [input, 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'close');
  return code;
}

/** By test file a database for its Daybook, in the Postgres of `host`. */
async function databases(host) {
  const made = {};
  for (const file of files) {
    const name = basename(file, '.test.mjs');
    made[name] = await host.add_database(`sdk_${name}`);
  }
  return JSON.stringify(made);
}

// To start a Postgres for each file would take longer than the files themselves.
const host = through_gateway ? await start_daybook() : undefined;
try {
  const gateway = host ? await databases(host) : '';
  const tests = await node(
    ['--test', '--test-reporter=spec', ...files.map((file) => join(folder, file))],
    { env: { DAYBOOK_RECORD: record, DAYBOOK_GATEWAY: gateway } },
  );
  if (!existsSync(record)) throw new Error('the tests sent nothing');
  const { asked, unasked, missing } = await coverage(record);
  for (const name of unasked) console.log(`  answered, but not asked here: ${name}`);
  for (const name of missing) console.log(`  not simulated: ${name}`);
  const others = `${unasked.length} not asked, ${missing.length} not simulated`;
  console.log(`routes: ${asked.length} asked, ${others}`);
  console.log('what was sent and answered, against the types of the SDK:');
  const checker = `${root}tools/stripe_sim/spec/check.mjs`;
  const types = await node([checker], { input: openSync(record, 'r') });
  process.exitCode = tests === 0 && types === 0 ? 0 : 1;
} finally {
  await host?.stop();
  rmSync(scratch, { recursive: true });
}
