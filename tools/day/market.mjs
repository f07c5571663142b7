// A marketplace's events, from the file that `stripe-sim marketplace --events-to` writes.
import { readFileSync } from 'node:fs';

const DAY_SECONDS = 86_400;

/** [{endpoint: 'platform' | 'connect', created, body}] in the order in which things happened. */
export function eventsIn(file) {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => {
    const { connect, event } = JSON.parse(line);
    // Stripe delivers its events like this.
    return { endpoint: connect ? 'connect' : 'platform', created: event.created, body: JSON.stringify(event, null, 2) };
  });
}

/** When (UTC) the last day with events began: {time, date: '2026-11-19'}. Midnight ends a day. */
export function lastDay(events) {
  const last = Math.max(...events.map((event) => event.created)) - 1;
  const time = last - (last % DAY_SECONDS);
  return { time, date: new Date(time * 1000).toISOString().slice(0, 10) };
}
