// What the simulator's own pages share.

/** Minor units as people read them: 1234, "usd" is $12.34. */
export function money(minor, currency) {
  const format = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: currency.toUpperCase(),
  });
  const places = ['isk', 'ugx'].includes(currency)
    ? 2
    : format.resolvedOptions().maximumFractionDigits;
  return format.format(minor / 10 ** places);
}

/** Seconds since 1970 as text. */
export function time(seconds) {
  return new Date(seconds * 1000).toISOString().replace('T', ' ').slice(0, 19);
}

/** The last part of the page's own path. */
export const idInPath = () => decodeURIComponent(location.pathname.split('/').pop());

export const query = new URLSearchParams(location.search);

export const one = (selector) => document.querySelector(selector);

/** An element with text, or with other elements in it. */
export function element(tag, attributes = {}, ...inner) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inner.map((part) => (part instanceof Node ? part : String(part))));
  return made;
}

/** Asks the simulator; throws an Error with its message when it refuses. */
export async function ask(method, path, { params, key, account } = {}) {
  const form = new URLSearchParams(params ?? {});
  const headers = {};
  if (key) headers.Authorization = `Bearer ${key}`;
  if (account) headers['Stripe-Account'] = account;
  const reply = await fetch(method === 'GET' && params ? `${path}?${form}` : path, {
    method,
    headers,
    body: method === 'GET' ? undefined : form,
  });
  const body = await reply.json();
  if (!reply.ok) throw Object.assign(new Error(body.error.message), body.error);
  return body;
}

/** The simulator takes any key of this form from its own pages. */
export const pageKey = 'pk_test_simulatorpages';
