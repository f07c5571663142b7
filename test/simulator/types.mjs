// What a simulator tells in its events, against the types that the SDK declares.
import { root, run_program } from './processes.mjs';

/** All of a list of the API, page by page. */
async function all(simulator, path, account) {
  const found = [];
  for (let more = true; more;) {
    const after = found.length > 0 ? `&starting_after=${found.at(-1).id}` : '';
    const { data, has_more } = await simulator.get(`${path}?limit=100${after}`, account);
    found.push(...data);
    more = has_more;
  }
  return found;
}

/** The events of the last thirty days: the platform's, and each connected account's. */
async function events_of(simulator) {
  const accounts = await all(simulator, '/v1/accounts');
  const events = await all(simulator, '/v1/events');
  for (const { id } of accounts) events.push(...(await all(simulator, '/v1/events', id)));
  return events;
}

/** Throws unless all that it tells fits; says how much that was. */
export async function check_types(simulator) {
  const events = await events_of(simulator);
  const input = events
    .map((value) => `${JSON.stringify({ kind: 'object', name: 'event', value })}\n`)
    .join('');
  const checker = `${root}tools/stripe_sim/spec/check.mjs`;
  const { code, stdout, stderr } = await run_program(process.execPath, [checker], { input });
  if (code !== 0) throw new Error(`what was told is not as declared: ${stdout}${stderr}`);
  console.log(`events, against the types of the SDK: ${stdout.trim()}`);
}
