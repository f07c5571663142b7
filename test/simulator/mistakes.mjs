// Kinds of malformed requests; each is made by chance and says which statuses are right for it.
import { readFileSync } from 'node:fs';
import { root } from './processes.mjs';

const { routes } = JSON.parse(readFileSync(`${root}tools/stripe_sim/spec/api.json`, 'utf8'));
const posts = routes.filter(({ method, path }) => method === 'POST' && path.startsWith('/v1/'));
const needs_nothing = posts.filter(({ path }) => !path.includes('{'));
const needs_something = posts.filter(({ path }) => path.includes('{'));

const good = 'amount=1000&currency=usd';
const post = (path, body, want, more = {}) => ({ method: 'POST', path, body, want, ...more });
const get = (path, want) => ({ method: 'GET', path, want });
/** A payment intent that is refused. */
const refused = (body) => post('/v1/payment_intents', body, [400]);
/** One that is fine but for what comes with it. */
const sent_with = (want, more) => post('/v1/payment_intents', good, want, more);

/** {what is wrong: a function that makes such a request}. */
export function mistakes(random) {
  const letters = (length) =>
    Array.from({ length }, () => 'abcdefghijklmnopqrstuvwxyz'[random.below(26)]).join('');
  const noise = () => {
    const bytes = Array.from({ length: random.between(1, 200) }, () => random.below(256));
    return String.fromCharCode(...bytes);
  };
  const made_up_ids = (path) => path.replace(/\{\w+\}/g, () => `${letters(3)}_${letters(14)}`);
  const pairs = Array.from({ length: 51 }, (_, i) => `metadata[k${i}]=1`).join('&');

  const numbers = ['1.5', '-100', '1e3', '0x10', ' 5', '+5.0', 'NaN'];
  const brackets = ['a[', 'a]b', 'a[b', '[', '[]', '[a]', 'metadata[[a]]', 'a[b]c'];
  const escapes = ['', 'z', 'zz', '4', 'g1'];
  const metadata = [`metadata[${'k'.repeat(41)}]=1`, `metadata[a]=${'v'.repeat(501)}`, pairs];
  const queries = ['', letters(8), 'metadata', "a:'b'+AND", "''"];
  const keys = ['', 'Bearer', 'Bearer x', 'Basic !!', 'Digest a'];
  const no_json = ['{', noise(), '[]', '"a"', 'null'];

  return {
    'an unknown parameter': () => refused(`${good}&${letters(8)}=1`),
    'an unknown parameter inside one': () => refused(`${good}&shipping[${letters(6)}]=1`),
    'nothing at all': () => refused(''),
    'a required one missing': () => refused(random.of(['amount=5', 'currency=usd'])),
    'a text where a number belongs': () => refused(`amount=${letters(5)}&currency=usd`),
    'a number beyond all bounds': () =>
      refused(`amount=${'9'.repeat(random.between(19, 400))}&currency=usd`),
    'a fraction or a sign': () => refused(`amount=${random.of(numbers)}&currency=usd`),
    'a currency that is none': () =>
      refused(`amount=1000&currency=${random.of(['xxx', 'us', '€', ''])}`),
    'a flag that is none': () =>
      refused(`${good}&confirm=${random.of(['yes', '1', 'TRUE', '2'])}`),
    'a value that the enum lacks': () => refused(`${good}&capture_method=${letters(6)}`),
    'an object where a text belongs': () => refused('amount=1000&currency[a]=usd'),
    'a text where an object belongs': () => refused(`${good}&shipping=${letters(6)}`),
    'a list where an object belongs': () => refused(`${good}&shipping[0]=1&shipping[1]=2`),
    'too deep': () => refused(`a${'[b]'.repeat(random.between(50, 5_000))}=1`),
    'brackets that do not close': () => refused(`${good}&${random.of(brackets)}=1`),
    'escapes that are none': () =>
      refused(`${good}&description=%${random.of(escapes)}&${letters(4)}=1`),
    'noise': () => refused(noise()),
    'noise in the query': () =>
      get(`/v1/customers?${encodeURI(noise()).replace(/[#\s]/g, '')}&${letters(6)}=1`, [400]),
    'metadata beyond its bounds': () => refused(`${good}&${random.of(metadata)}`),
    'a limit beyond its bounds': () =>
      get(`/v1/customers?limit=${random.of(['0', '101', '-1', 'ten', '1.5'])}`, [400]),
    'a cursor that nobody knows': () =>
      get(`/v1/customers?starting_after=cus_${letters(14)}`, [400, 404]),
    'a search that says nothing': () =>
      get(`/v1/payment_intents/search?query=${random.of(queries)}`, [400]),
    'expansion of nothing': () => refused(`${good}&expand[]=${letters(6)}.${letters(4)}`),
    'expansion too deep': () => refused(`${good}&expand[]=${'a.'.repeat(10)}b`),
    'an object that is not there': () =>
      post(made_up_ids(random.of(needs_something).path), '', [400, 404]),
    'nonsense for any route': () =>
      post(random.of(needs_nothing).path, `${letters(7)}[${letters(3)}][]=1`, [400, 404]),
    'a route that is not there': () => post(`/v1/${letters(9)}/${letters(5)}`, '', [404]),
    'a method that is not there': () => ({
      ...post('/v1/payment_intents', '', [404, 405]),
      method: random.of(['PUT', 'PATCH', 'DELETE']),
    }),
    'no key': () => sent_with([401], { key: random.of(keys) }),
    "another's account": () =>
      sent_with([403], { headers: { 'stripe-account': `acct_${letters(16)}` } }),
    'a version that is none': () => sent_with([400], { headers: { 'stripe-version': letters(9) } }),
    'a key too long': () => sent_with([400], { headers: { 'idempotency-key': 'k'.repeat(256) } }),
    'v2 without JSON': () => post('/v2/core/event_destinations', random.of(no_json), [400]),
  };
}
