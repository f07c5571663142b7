// The quickstart's tables: what the projections hold, for a person.
import { money, table } from './terminal.mjs';

export async function showState(service) {
  const [orders, entitlements, accounts, payouts] = await Promise.all(
    ['/orders', '/entitlements', '/connect/accounts', '/payouts'].map((path) => service.all(path)),
  );
  showOrders(orders);
  showEntitlements(entitlements);
  showAccounts(accounts);
  showPayouts(payouts);
}

const short = (id) => (id === null || id === undefined ? '' : id.length > 16 ? `${id.slice(0, 13)}…` : id);

function showOrders(orders) {
  table(
    `Orders (${orders.length})`,
    ['number', 'order', 'status', 'amount>', 'refunded>', 'fee>', 'seller', 'buyer'],
    orders.map((order) => [
      order.number, short(order.order_id), order.status + (order.incomplete ? ' (incomplete)' : ''),
      money(order.amount, order.currency), order.amount_refunded ? money(order.amount_refunded, order.currency) : '',
      money(order.application_fee, order.currency), short(order.seller), short(order.user_id ?? order.buyer),
    ]),
  );
}

function showEntitlements(entitlements) {
  table(
    `Entitlements (${entitlements.length})`,
    ['user', 'product', 'active', 'why', 'until'],
    entitlements.map((grant) => [grant.user_id, grant.product_id, grant.active ? 'yes' : 'no', grant.reason, day(grant.period_end)]),
  );
}

function showAccounts(accounts) {
  table(
    `Connected accounts (${accounts.length})`,
    ['account', 'readiness', 'charges', 'payouts', 'due now', 'past due'],
    accounts.map((account) => [
      account.account_id, account.readiness, account.charges_enabled ? 'yes' : 'no', account.payouts_enabled ? 'yes' : 'no',
      (account.currently_due ?? []).length || '', (account.past_due ?? []).length || '',
    ]),
  );
}

function showPayouts(payouts) {
  table(
    `Payouts (${payouts.length})`,
    ['payout', 'account', 'status', 'amount>', 'arrives', 'failure', 'reconciliation'],
    payouts.map((payout) => [
      short(payout.payout_id), short(payout.account_id), payout.status, money(payout.amount, payout.currency),
      day(payout.arrival_date), payout.failure_code, payout.reconciliation_status,
    ]),
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

// Times come as Unix seconds or as ISO text; a day is enough here.
function day(time) {
  if (time === null || time === undefined || time === 0) return '';
  const date = typeof time === 'number' ? new Date(time * 1000) : new Date(time);
  return date.toISOString().slice(0, 10);
}
