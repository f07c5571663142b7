// The world a story happens in: its clock, its ids (always the same for one seed) and its events.

const API_VERSION = '2026-10-28.endive';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A small generator of pseudo-random numbers below `bound` (mulberry32), so that a seed fixes all. */
export function numbers(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % bound;
  };
}

export class World {
  constructor(seed) {
    this.below = numbers(seed);
    this.now = 0;
    this.events = [];
    this.request = null;
  }

  /** A new id with the given prefix. */
  id(prefix, length = 24) {
    let id = `${prefix}_`;
    for (let i = 0; i < length; i += 1) id += ALPHABET[this.below(ALPHABET.length)];
    return id;
  }

  /** Moves the clock to a moment, in UTC: `at('2026-11-19 09:00:00')`. */
  at(moment) {
    this.now = Date.parse(`${moment.replace(' ', 'T')}Z`) / 1000;
    if (!Number.isInteger(this.now)) throw new Error(`not a moment: ${moment}`);
    return this.now;
  }

  later(seconds) {
    this.now += seconds;
    return this.now;
  }

  /** From now on the events are caused by an API request with this key; by nobody's without one. */
  by(idempotencyKey) {
    this.request = idempotencyKey === undefined
      ? null
      : { id: this.id('req', 14), idempotency_key: idempotencyKey };
  }

  /** Records that something happened to `object`: a snapshot, as Stripe would deliver it now. */
  emit(type, object, { account, previous, livemode = false } = {}) {
    const data = { object: structuredClone(object) };
    if (previous !== undefined) data.previous_attributes = structuredClone(previous);
    const event = {
      id: this.id('evt', 24),
      object: 'event',
      ...(account === undefined ? {} : { account }),
      api_version: API_VERSION,
      created: this.now,
      data,
      livemode,
      pending_webhooks: 1 + this.below(2),
      request: this.request ?? { id: null, idempotency_key: null },
      type,
    };
    this.deliver(account === undefined ? 'platform' : 'connect', event);
    return event;
  }

  deliver(endpoint, event) {
    this.events.push({ endpoint, at: this.now, body: JSON.stringify(inStripesOrder(event), null, 2) });
  }

  /** Changes an object and emits its `…updated` event with what was there before. */
  update(type, object, changes, options = {}) {
    const previous = change(object, changes);
    return this.emit(type, object, { ...options, previous });
  }
}

const isMap = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** Merges `changes` into `object`; returns the former values of what really changed. */
export function change(object, changes) {
  const previous = {};
  for (const [key, value] of Object.entries(changes)) {
    const former = object[key];
    if (isMap(value) && isMap(former)) {
      const nested = change(former, value);
      if (Object.keys(nested).length > 0) previous[key] = nested;
    } else if (JSON.stringify(former) !== JSON.stringify(value)) {
      previous[key] = former === undefined ? null : former;
      object[key] = value;
    }
  }
  return previous;
}

// Stripe writes id and object first and the rest by name.
function inStripesOrder(value) {
  if (Array.isArray(value)) return value.map(inStripesOrder);
  if (!isMap(value)) return value;
  const rank = (key) => (key === 'id' ? '0' : key === 'object' ? '1' : `2${key}`);
  const keys = Object.keys(value).sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, inStripesOrder(value[key])]));
}

/** The part of `total` that `part` is of `whole`, rounded half up, in exact integers. */
export function share(total, part, whole) {
  const [t, p, w] = [BigInt(total), BigInt(part), BigInt(whole)];
  return Number((2n * t * p + w) / (2n * w));
}

/** A list as it appears inside an object. */
export function list(data, url) {
  return { object: 'list', data, has_more: false, total_count: data.length, url };
}
