// The status page: what GET /_sim/state tells, every two seconds.
import { ask, element, money, one, time } from '/_sim/assets/page.js';

const steps = {
  '1 minute': 60,
  '1 hour': 3600,
  '1 day': 86400,
  '7 days': 7 * 86400,
  '30 days': 30 * 86400,
};

const cell = (content, name = '') => element('td', { class: name }, content);
const row = (...cells) => element('tr', {}, ...cells);
const head = (...names) => element('tr', {}, ...names.map((name) => element('th', {}, name)));

function showCounts({ total }) {
  const names = Object.keys(total).sort();
  one('#counts').replaceChildren(
    ...names.map((name) => row(cell(name), cell(total[name], 'number'))),
  );
}

function showBalances(balances) {
  const rows = Object.entries(balances).flatMap(([account, purses]) =>
    Object.entries(purses).map(([currency, { available, pending }]) =>
      row(
        cell(element('code', {}, account)),
        cell(money(available, currency), 'number'),
        cell(money(pending, currency), 'number'),
      ),
    ),
  );
  one('#balances').replaceChildren(head('Account', 'Available', 'Pending'), ...rows.slice(0, 50));
}

function showEvents({ count, undelivered, latest }) {
  one('#deliveries').textContent =
    `${count} events, ${undelivered} not acknowledged by every endpoint yet.`;
  const rows = latest.map((event) =>
    row(
      cell(time(event.created)),
      cell(event.type),
      cell(element('code', {}, event.account)),
      cell(event.pending_webhooks ? `${event.pending_webhooks} pending` : ''),
      cell(element('code', {}, event.id)),
    ),
  );
  one('#events').replaceChildren(head('Time', 'Type', 'Account', 'Deliveries', 'Id'), ...rows);
}

function showTasks({ count, next }) {
  one('#tasks').textContent = count
    ? `${count} tasks wait; the next is due at ${time(next[0].at)}.`
    : 'No task waits.';
  const rows = next.map((task) =>
    row(cell(time(task.at)), cell(task.kind), cell(element('code', {}, task.id))),
  );
  one('#next').replaceChildren(head('Due', 'Task', 'Object'), ...rows);
}

async function refresh() {
  const state = await ask('GET', '/_sim/state', { params: { imbalances: 'no' } });
  one('#about').textContent =
    `API ${state.api_version}, platform ${state.platform}, seed ${state.seed}, clock ${state.clock.mode}`;
  one('#now').textContent = `${time(state.clock.now)} UTC`;
  showCounts(state.counts);
  showBalances(state.balances);
  showTasks(state.tasks);
  showEvents(state.events);
}

async function showSlowly() {
  const { imbalances } = await ask('GET', '/_sim/state');
  one('#books').textContent = imbalances.length
    ? imbalances.join('; ')
    : 'Every balance is the sum of its transactions.';
  one('#books').className = imbalances.length ? 'bad' : 'good';
  const faults = await ask('GET', '/_sim/faults').catch(() => ({}));
  one('#faults').textContent = JSON.stringify(faults, null, 2);
}

async function attempt(work) {
  one('#trouble').textContent = '';
  await work().catch((error) => (one('#trouble').textContent = error.message));
}

for (const [label, seconds] of Object.entries(steps)) {
  const button = element('button', { class: 'plain small', type: 'button' }, `+ ${label}`);
  button.addEventListener('click', () =>
    attempt(async () => {
      await ask('POST', '/_sim/advance', { params: { seconds } });
      await Promise.all([refresh(), showSlowly()]);
    }),
  );
  one('#advance').append(button);
}

attempt(() => Promise.all([refresh(), showSlowly()]));
setInterval(() => document.hidden || attempt(refresh), 2000);
setInterval(() => document.hidden || attempt(showSlowly), 15000);
