// Which of the API's routes a record of requests has asked, and which the simulator answers at all.
import { readFileSync } from 'node:fs';
import { root } from './processes.mjs';
import { api_key, start_simulator } from './simulator.mjs';

const { routes } = JSON.parse(readFileSync(`${root}tools/stripe_sim/spec/api.json`, 'utf8'));
const name_of = ({ method, path }) => `${method} ${path}`;
// A literal segment wins over a parameter.
const patterns = routes
  .map((route) => ({
    name: name_of(route),
    method: route.method,
    pattern: new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`),
    braces: route.path.split('{').length,
  }))
  .sort((a, b) => a.braces - b.braces);

/** The routes that the lines of a record ask. */
function asked(record) {
  const names = new Set();
  for (const line of readFileSync(record, 'utf8').split('\n').filter(Boolean)) {
    const { kind, method, path } = JSON.parse(line);
    if (kind !== 'request') continue;
    const found = patterns.find((route) => route.method === method && route.pattern.test(path));
    if (found) names.add(found.name);
  }
  return names;
}

/** Whether the simulator knows a route: one that it does not know is an unrecognized URL. */
async function is_simulated(simulator, { method, path }) {
  const reply = await fetch(simulator.url + path.replace(/\{\w+\}/g, 'nobody'), {
    method,
    headers: { authorization: `Bearer ${api_key}` },
  });
  return !/Unrecognized request URL/.test(await reply.text());
}

/** {asked, unasked, missing}: names of routes; the latter two were not asked. */
export async function coverage(record) {
  const names = asked(record);
  const others = routes.filter((route) => !names.has(name_of(route)));
  const simulator = await start_simulator();
  try {
    const known = await Promise.all(others.map((route) => is_simulated(simulator, route)));
    const pick = (wanted) => others.filter((_, i) => known[i] === wanted).map(name_of);
    return { asked: [...names], unasked: pick(true), missing: pick(false) };
  } finally {
    await simulator.stop();
  }
}
