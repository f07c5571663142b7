// One day at Tiny Market, a small marketplace, and what led up to it: the same for one seed, always.
import { World } from './world.mjs';
import { buyer } from './people.mjs';
import * as sellers from './acts_sellers.mjs';
import * as payments from './acts_payments.mjs';
import * as billing from './acts_billing.mjs';

export const DAY = '2026-11-19';
const MIDNIGHT = Date.parse(`${DAY}T00:00:00Z`) / 1000;
const seconds = (moment) => Date.parse(`${moment.replace(' ', 'T')}Z`) / 1000;

/** All events as {part: 'before' | 'day', endpoint, body}, in the order in which they happened. */
export function story(seed = 1) {
  const world = new World(seed);
  const cast = people(world);
  const open = before(world, cast);
  theDay(world, cast, open);
  strangers(world, cast);
  return world.events
    .map((event, index) => ({ ...event, index }))
    .sort((a, b) => a.at - b.at || a.index - b.index)
    .map(({ endpoint, at, body }) => ({ part: at < MIDNIGHT ? 'before' : 'day', endpoint, body }));
}

function people(world) {
  const someone = (user, name, country) => buyer(world, user, name, country);
  return {
    maya: someone('user_101', 'Maya Okafor'), jonas: someone('user_102', 'Jonas Weber', 'DE'),
    lucia: someone('user_103', 'Lucia Romano'), ken: someone('user_104', 'Ken Tanaka', 'JP'),
    sam: someone('user_105', 'Sam Rivera'), priya: someone('user_106', 'Priya Nair'),
    oleg: someone('user_107', 'Oleg Petrov', 'DE'), ruth: someone('user_108', 'Ruth Adler'),
  };
}

/** A destination charge: the platform keeps `fee`, the seller gets the rest. */
function terms(cast, order, seller, person, product, amount, fee, more = {}) {
  return {
    amount, fee, currency: 'usd', seller: cast[seller].account, buyer: cast[person],
    metadata: { order_id: order, user_id: cast[person].user, product_id: product }, ...more,
  };
}

function join(world, moment, name, email, country, currency, mcc) {
  world.at(moment);
  return sellers.invite(world, { name, email, country, currency, business: 'individual', mcc });
}

/** Everything up to midnight: weeks of history in brief, and the evening. */
function before(world, cast) {
  const open = {};
  const buy = (moment, ...rest) => {
    world.at(moment);
    const sale = payments.order(world, terms(cast, ...rest));
    world.later(25);
    return payments.pay(world, sale);
  };

  cast.willow = join(world, '2026-10-15 14:02:11', 'Willow & Clay', 'willow@willowandclay.example', 'US', 'usd', '5945');
  world.later(300);
  sellers.fillIn(world, cast.willow, 'STRIPE TEST BANK', '6789');
  world.later(45);
  sellers.approve(world, cast.willow);

  const plan = {
    name: 'Cup of the Month', product: 'prod_CupOfTheMonth', price: world.id('price'), amount: 2400, currency: 'usd',
    sellerPercent: 90, sellerAmount: 2160, created: world.now,
  };
  world.at('2026-10-18 11:30:00');
  open.failing = billing.subscribe(world, {
    plan, buyer: cast.oleg, seller: cast.willow.account, metadata: { user_id: 'user_107', product_id: 'cup-of-the-month' },
    period: [seconds('2026-10-18 11:30:00'), seconds('2026-11-18 11:30:00')],
  });
  world.at('2026-10-19 02:00:00');
  open.subscribed = billing.subscribe(world, {
    plan, buyer: cast.priya, seller: cast.willow.account, metadata: { user_id: 'user_106', product_id: 'cup-of-the-month' },
    period: [seconds('2026-10-19 02:00:00'), seconds('2026-11-19 02:00:00')],
  });

  open.lost = buy('2026-10-21 16:20:00', 'ord_1002', 'willow', 'jonas', 'vase-large', 12000, 1200);
  open.won = buy('2026-10-28 10:05:00', 'ord_1003', 'willow', 'lucia', 'bowl-set', 8500, 850);

  const books = join(world, '2026-11-02 09:00:00', 'Old Mill Books', 'hello@oldmillbooks.example', 'US', 'usd', '5942');
  world.later(900);
  sellers.fillIn(world, books, 'STRIPE TEST BANK', '4242');
  cast.books = books;

  world.at('2026-11-03 22:00:00');
  open.wonClaim = payments.chargeBack(world, open.won, 'fraudulent', { warned: true });
  open.bounced = buy('2026-11-05 12:00:00', 'ord_1005', 'willow', 'sam', 'espresso-cup', 1800, 180);
  world.at('2026-11-06 08:30:00');
  open.lostClaim = payments.chargeBack(world, open.lost, 'product_not_received');
  world.at('2026-11-07 17:00:00');
  payments.answer(world, open.wonClaim, 'The buyer signed for the parcel; the signature is attached.');
  world.at('2026-11-09 13:00:00');
  open.bouncing = payments.giveBack(world, open.bounced, 1800);

  cast.kumo = join(world, '2026-11-09 23:10:00', 'Kumo Letterpress', 'kumo@kumoletterpress.example', 'JP', 'jpy', '5943');
  world.later(400);
  sellers.fillIn(world, cast.kumo, 'STRIPE TEST BANK', '1234');
  world.later(45);
  sellers.approve(world, cast.kumo);
  world.at('2026-11-10 09:00:00');
  payments.answer(world, open.lostClaim, 'Tracking shows that the parcel is still on its way.');
  cast.fjord = join(world, '2026-11-11 10:00:00', 'Fjord Knitwear', 'post@fjordknitwear.example', 'US', 'usd', '5651');

  const yen = { currency: 'jpy', onBehalfOf: cast.kumo.account.id };
  open.inquired = buy('2026-11-12 05:00:00', 'ord_1004', 'kumo', 'ken', 'postcard-set', 8800, 880, yen);
  world.at('2026-11-12 02:00:00');
  billing.announce(world, open.subscribed, [seconds('2026-11-19 02:00:00'), seconds('2026-12-19 02:00:00')]);
  world.at('2026-11-13 06:00:00');
  open.bouncingPayout = sellers.startPayout(world, cast.kumo, 7920, seconds('2026-11-16 00:00:00'));
  world.at('2026-11-16 06:00:00');
  sellers.payoutArrives(world, cast.kumo, open.bouncingPayout);
  world.at('2026-11-17 07:00:00');
  open.inquiry = payments.inquire(world, open.inquired, 'unrecognized');
  open.payout = sellers.startPayout(world, cast.willow, 18450, seconds('2026-11-19 00:00:00'));

  // The evening.
  world.at('2026-11-18 16:30:00');
  open.unpaid = billing.renew(world, open.failing, [seconds('2026-11-18 11:30:00'), seconds('2026-12-18 11:30:00')], 'insufficient_funds');
  open.partly = buy('2026-11-18 18:12:40', 'ord_1001', 'willow', 'maya', 'mug-blue', 6400, 640);
  cast.harbor = join(world, '2026-11-18 19:05:00', 'Harbor Roasters', 'beans@harborroasters.example', 'US', 'usd', '5499');
  world.at('2026-11-18 21:03:00');
  billing.checkout(world, {
    amount: 3600, fee: 360, seller: cast.willow.account, buyer: cast.ruth, reference: 'cart_7731',
    metadata: { order_id: 'ord_1007', user_id: 'user_108', product_id: 'teapot-small' },
  });
  world.at('2026-11-18 23:40:10');
  open.challenged = payments.order(world, terms(cast, 'ord_1006', 'willow', 'lucia', 'plate-oval', 4200, 420));
  world.later(50);
  payments.challenge(world, open.challenged);
  return open;
}

function theDay(world, cast, open) {
  const on = (time) => world.at(`${DAY} ${time}`);
  const place = (time, ...rest) => {
    on(time);
    const sale = payments.order(world, terms(cast, ...rest));
    world.later(20);
    return sale;
  };

  on('00:05:02');
  payments.pay(world, open.challenged);
  on('02:00:00');
  billing.renew(world, open.subscribed, [seconds(`${DAY} 02:00:00`), seconds('2026-12-19 02:00:00')]);
  on('04:30:00');
  billing.refuse(world, open.failing, open.unpaid, 'generic_decline', null);
  world.later(2);
  billing.giveUp(world, open.failing, open.unpaid);

  on('06:00:00');
  sellers.payoutArrives(world, cast.willow, open.payout);
  on('06:20:00');
  sellers.payoutBounces(world, cast.kumo, open.bouncingPayout);
  on('06:30:00');
  sellers.balanceAvailable(world, cast.willow, 9720);
  sellers.startPayout(world, cast.willow, 9720, seconds('2026-11-23 00:00:00'));

  on('08:15:00');
  sellers.fillIn(world, cast.harbor, 'STRIPE TEST BANK', '3000');
  on('08:40:30');
  sellers.approve(world, cast.harbor);
  on('08:50:00');
  sellers.fallBehind(world, cast.books);
  on('09:00:00');
  sellers.leave(world, cast.fjord);

  const returned = payments.pay(world, place('09:10:00', 'ord_1011', 'willow', 'jonas', 'planter', 5500, 550));
  const held = place('09:31:00', 'ord_1009', 'willow', 'sam', 'dinner-service', 21000, 2100, { capture: 'manual' });
  payments.authorize(world, held);
  const stubborn = place('10:02:00', 'ord_1008', 'harbor', 'maya', 'beans-1kg', 2950, 295);
  payments.decline(world, stubborn, 'insufficient_funds');
  world.later(40);
  sellers.paymentArrives(world, cast.harbor, payments.pay(world, stubborn));
  payments.pay(world, place('10:45:00', 'ord_1010', 'kumo', 'ken', 'calendar-2027', 12600, 1260, {
    currency: 'jpy', onBehalfOf: cast.kumo.account.id,
  }));
  payments.pay(world, place('11:20:00', 'none', 'willow', 'ruth', 'none', 2400, 240, { metadata: {} }));
  const refused = place('12:00:00', 'ord_1012', 'harbor', 'oleg', 'grinder', 8900, 890);
  payments.decline(world, refused, 'expired_card');
  world.later(30);
  payments.decline(world, refused, 'generic_decline');
  const dropped = place('12:40:00', 'ord_1013', 'willow', 'lucia', 'mug-green', 1600, 160);
  world.later(1200);
  payments.cancel(world, dropped, 'abandoned');
  payments.pay(world, place('13:15:00', 'ord_1014', 'harbor', 'priya', 'sampler', 4800, 480, {
    metadata: { orderId: 'ord_1014', userId: 'user_106', productId: 'sampler' },
  }));
  on('14:00:00');
  billing.checkout(world, {
    amount: 7400, fee: 740, seller: cast.willow.account, buyer: cast.sam, reference: 'cart_7790',
    metadata: { order_id: 'ord_1015', user_id: 'user_105', product_id: 'lamp-base' },
  });
  on('14:30:00');
  billing.abandon(world, { amount: 5200, metadata: { order_id: 'ord_1016', user_id: 'user_103', product_id: 'tray' } });
  on('15:00:00');
  payments.capture(world, held);

  on('15:30:00');
  const partly = payments.giveBack(world, open.partly, 1600, { reason_given: 'one of four mugs was broken' });
  on('16:30:00');
  const fully = payments.giveBack(world, returned, 5500);
  on('17:00:00');
  payments.bounced(world, open.bounced, open.bouncing);
  on('17:30:00');
  payments.won(world, open.wonClaim);
  on('18:00:00');
  payments.lost(world, open.lost, open.lostClaim);
  on('18:30:00');
  payments.dropped(world, open.inquiry);
  on('22:00:00');
  payments.traced(world, partly);
  payments.traced(world, fully);
}

/** What no projection knows what to do with, and the log must keep all the same. */
function strangers(world, cast) {
  world.at(`${DAY} 20:00:00`);
  world.by();
  world.emit('loyalty.points_granted', { id: world.id('loy'), object: 'loyalty.grant', customer: cast.maya.id, points: 640, livemode: false });
  const live = payments.order(world, terms(cast, 'ord_live_1', 'willow', 'maya', 'mug-blue', 9900, 990));
  world.events.pop();
  live.intent.livemode = true;
  Object.assign(live.intent, { status: 'succeeded', amount_received: 9900 });
  world.emit('payment_intent.succeeded', live.intent, { livemode: true });
  world.deliver('connect', {
    id: world.id('evt_test', 28), object: 'v2.core.event', changes: null, context: cast.willow.account.id,
    created: new Date(world.now * 1000).toISOString(), livemode: false, reason: null,
    related_object: { id: cast.willow.account.id, type: 'account', url: `/v1/accounts/${cast.willow.account.id}` },
    snapshot_event: null, type: 'v1.account.updated',
  });
}
