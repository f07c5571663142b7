// The Stripe simulator in place of Stripe.js, part 1: requests with a publishable key.

/** Where this script came from is where the simulator is. */
const base = new URL(document.currentScript.src).origin;

/** Nested values as Stripe's forms spell them: a[b][0]=c. */
function toForm(value, name = '', form = new URLSearchParams()) {
  if (value === undefined || value === null) return form;
  if (typeof value !== 'object') {
    form.append(name, String(value));
    return form;
  }
  for (const [key, inner] of Object.entries(value))
    toForm(inner, name ? `${name}[${key}]` : key, form);
  return form;
}

/** Sends a request; resolves to {object} or, shaped as Stripe's, {error}. */
async function send(stripe, method, path, params = {}) {
  const form = toForm(params).toString();
  const headers = { Authorization: `Bearer ${stripe.key}` };
  if (stripe.account) headers['Stripe-Account'] = stripe.account;
  const options = { method, headers };
  let url = base + path;
  if (method === 'GET') {
    url += form && `?${form}`;
  } else {
    headers['Content-Type'] = 'application/x-www-form-urlencoded';
    options.body = form;
  }
  try {
    const reply = await fetch(url, options);
    const body = await reply.json();
    return reply.ok ? { object: body } : { error: body.error };
  } catch {
    const message = 'The Stripe simulator cannot be reached.';
    return { error: { type: 'api_connection_error', message } };
  }
}

/** What a page refuses before anything is sent. */
function validationError(code, message) {
  return { type: 'validation_error', code, message };
}

/** "pi_1_secret_x" → where its object lives, and what the object is called in answers. */
function intentOf(clientSecret) {
  const id = String(clientSecret).split('_secret_')[0];
  if (id.startsWith('pi_')) return { id, path: `/v1/payment_intents/${id}`, name: 'paymentIntent' };
  if (id.startsWith('seti_')) return { id, path: `/v1/setup_intents/${id}`, name: 'setupIntent' };
  throw new Error(
    `"${clientSecret}" is not the client secret of a payment intent or setup intent.`,
  );
}

/** The address to return to, with what Stripe adds to it. */
function returnAddress(returnUrl, intent, ok) {
  const url = new URL(returnUrl, location.href);
  const name = intent.object;
  url.searchParams.set(name, intent.id);
  url.searchParams.set(`${name}_client_secret`, intent.client_secret);
  url.searchParams.set('redirect_status', ok ? 'succeeded' : 'failed');
  return url.href;
}

/** An element on the page, by selector or as it is. */
function placeOf(where) {
  const place = typeof where === 'string' ? document.querySelector(where) : where;
  if (!place) throw new Error(`There is no element ${where} to mount on.`);
  return place;
}

/** on() and off() for elements. */
class Emitter {
  #listeners = new Map();

  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, []);
    this.#listeners.get(event).push(listener);
    return this;
  }

  once(event, listener) {
    const once = (payload) => {
      this.off(event, once);
      listener(payload);
    };
    return this.on(event, once);
  }

  off(event, listener) {
    const kept = this.#listeners.get(event)?.filter((other) => listener && other !== listener);
    this.#listeners.set(event, kept ?? []);
    return this;
  }

  emit(event, payload) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(payload);
  }
}
