// The quickstart's tables: what the projections hold, for a person.
import { money, table } from './terminal.mjs';

const ROWS_MAX = 24;

export async function showState(service) {
  const [orders, entitlements, accounts, payouts] = await Promise.all(
    ['/orders', '/entitlements', '/connect/accounts', '/payouts'].map((path) => service.all(path)),
  );
  // The accounts' addresses say who is who more kindly than their ids.
  const sellers = new Map(accounts.map((account) => [account.account_id, nameOf(account)]));
  showOrders(orders, sellers);
  showEntitlements(entitlements);
  showAccounts(accounts);
  showPayouts(payouts, sellers);
}

const nameOf = (account) => account.email?.split('@')[1].split('.')[0] ?? short(account.account_id);

const short = (id) => (id === null || id === undefined ? '' : id.length > 16 ? `${id.slice(0, 13)}…` : id);

function showOrders(orders, sellers) {
  table(
    `Orders (${orders.length})`,
    ['number', 'order', 'status', 'amount>', 'refunded>', 'fee>', 'seller', 'buyer'],
    orders.map((order) => [
      order.order_number, short(order.order_id), order.status + (order.complete ? '' : ' (incomplete)'),
      money(order.amount, order.currency), order.amount_refunded ? money(order.amount_refunded, order.currency) : '',
      money(order.application_fee_amount, order.currency), sellers.get(order.seller_account) ?? short(order.seller_account),
      short(order.buyer_id ?? order.customer_id),
    ]),
    ROWS_MAX,
  );
}

function showEntitlements(entitlements) {
  table(
    `Entitlements (${entitlements.length})`,
    ['user', 'product', 'active', 'why', 'until'],
    entitlements.map((grant) => [grant.user_id, grant.product_id, grant.active ? 'yes' : 'no', grant.reason, day(grant.period_end)]),
    ROWS_MAX,
  );
}

function showAccounts(accounts) {
  table(
    `Connected accounts (${accounts.length})`,
    ['account', 'seller', 'readiness', 'charges', 'payouts', 'due now', 'past due'],
    accounts.map((account) => [
      account.account_id, nameOf(account), account.readiness, account.charges_enabled ? 'yes' : 'no', account.payouts_enabled ? 'yes' : 'no',
      (account.currently_due ?? []).length || '', (account.past_due ?? []).length || '',
    ]),
  );
}

function showPayouts(payouts, sellers) {
  table(
    `Payouts (${payouts.length})`,
    ['payout', 'seller', 'status', 'amount>', 'arrives', 'failure', 'reconciliation'],
    payouts.map((payout) => [
      short(payout.payout_id), sellers.get(payout.account_id) ?? short(payout.account_id), payout.status, money(payout.amount, payout.currency),
      day(payout.arrival_date), payout.failure_code, payout.reconciliation_status,
    ]),
    ROWS_MAX,
  );
}

/** Throws when a projection's digest is not what it was. */
export function showDigests(before, after) {
  const former = new Map(before.map((projection) => [projection.name, projection]));
  const same = (projection) => projection.digest === former.get(projection.name)?.digest;
  table(
    'Digests',
    ['projection', 'version>', 'position>', 'digest before', 'digest after', ''],
    after.map((projection) => [
      projection.name, projection.version, projection.position, `${former.get(projection.name)?.digest.slice(0, 16)}…`,
      `${projection.digest.slice(0, 16)}…`, same(projection) ? 'equal' : 'DIFFERENT',
    ]),
  );
  const changed = after.filter((projection) => !same(projection));
  if (changed.length > 0) throw new Error(`the rebuild of ${changed.map((projection) => projection.name).join(', ')} is not what was there`);
}

// What a reader of a difference looks for first; everything else is in `daybook diff`.
const TELLING = new Set([
  'status', 'amount', 'amount_refunded', 'active', 'reason', 'period_end', 'readiness', 'charges_enabled',
  'payouts_enabled', 'deauthorized', 'failure_code', 'failure_reason', 'reconciliation_status',
]);

/** The differences between two sets of tables, from the lines of `daybook diff a b --json`. */
export function showDifference(lines, a, b) {
  const rows = lines.filter((line) => line.table !== undefined);
  const changed = rows.filter((row) => row.before !== null && row.after !== null);
  table(
    `Rows that are not what they were (${a} → ${b})`,
    ['table', 'row', 'what changed', 'by events'],
    changed.map((row) => [row.table, short(row.key), changes(row).join('\n'), row.events.join(' ')]),
  );
  table(
    `Rows that only one side has`,
    ['table', `only in ${a}>`, `only in ${b}>`],
    [...new Set(rows.map((row) => row.table))].map((name) => {
      const of = (side) => rows.filter((row) => row.table === name && row[side] === null).length;
      return [name, of('after'), of('before')];
    }),
  );
  table(
    'Digests',
    ['projection', `${a} at>`, `${b} at>`, `digest of ${a}`, `digest of ${b}`, ''],
    lines.filter((line) => line.projection !== undefined).map((line) => [
      line.projection, line.position_a, line.position_b, `${line.digest_a.slice(0, 16)}…`, `${line.digest_b.slice(0, 16)}…`,
      line.equal ? 'equal' : 'different',
    ]),
  );
}

function changes({ before, after }) {
  const text = (value) => (value === null ? 'none' : String(value));
  const differing = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const telling = differing.filter((name) => TELLING.has(name));
  if (telling.length === 0) return [differing.join(', ')];
  return telling.map((name) => `${name}: ${text(before[name])} → ${text(after[name])}`);
}

// Times come as Unix seconds or as ISO text; a day is enough here.
function day(time) {
  if (time === null || time === undefined || time === 0) return '';
  const date = typeof time === 'number' ? new Date(time * 1000) : new Date(time);
  return date.toISOString().slice(0, 10);
}
