// The Stripe simulator in place of Stripe.js, part 3: what Stripe(key) offers.

/** The ways to pay as tabs, the usual ones first; Link is a card that Stripe remembers. */
function shown(types) {
  const usual = ['card', 'paypal', 'klarna'];
  const others = types.filter((type) => !usual.includes(type) && type !== 'link');
  return [...usual.filter((type) => types.includes(type)), ...others];
}

/** Elements of one payment: of an intent (clientSecret), or of what is to become one (mode). */
class Elements {
  #stripe;
  #made = new Map();
  #loaded;

  constructor(stripe, options) {
    this.#stripe = stripe;
    this.options = options;
  }

  get clientSecret() {
    return this.options.clientSecret;
  }

  get appearance() {
    return this.options.appearance;
  }

  create(name) {
    if (name !== 'payment' && name !== 'card')
      throw new Error(`The simulator has the elements "payment" and "card", not "${name}".`);
    const form = new PaymentForm(this, name);
    this.#made.set(name, form);
    return form;
  }

  getElement(name) {
    return this.#made.get(name) ?? null;
  }

  forget(form) {
    for (const [name, made] of this.#made) if (made === form) this.#made.delete(name);
  }

  update(options) {
    Object.assign(this.options, options);
    this.#loaded = undefined;
  }

  async fetchUpdates() {
    this.#loaded = undefined;
    const { error } = await this.load();
    return error ? { error } : {};
  }

  /** The ways to pay, which the intent knows. */
  load() {
    this.#loaded ??= this.#types();
    return this.#loaded;
  }

  async #types() {
    const wanted = this.options.payment_method_types ?? this.options.paymentMethodTypes;
    if (wanted) return { types: shown(wanted) };
    if (!this.clientSecret) return { types: ['card', 'paypal', 'klarna'] };
    const { error, object } = await send(this.#stripe, 'GET', intentOf(this.clientSecret).path, {
      client_secret: this.clientSecret,
    });
    return error ? { error } : { types: shown(object.payment_method_types) };
  }

  async submit() {
    const form = this.form();
    const error = form.mistake();
    return error ? { error } : { selectedPaymentMethod: form.type };
  }

  form() {
    const [form] = this.#made.values();
    if (!form) throw new Error('elements.create("payment") must be called first.');
    return form;
  }
}

/** Shows a page of the simulator above everything until it reports the end of `id`'s action. */
function showDialog(url, id) {
  return new Promise((resolve) => {
    const dialog = document.createElement('dialog');
    dialog.className = 'stripe-simulator-dialog';
    dialog.style.cssText =
      'border:0;padding:0;border-radius:12px;width:min(420px,92vw);height:460px;overflow:hidden';
    dialog.innerHTML =
      '<iframe title="Authentication" style="border:0;width:100%;height:100%"></iframe>';
    dialog.firstChild.src = url;
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    const listen = (event) => {
      if (event.origin !== base || event.data?.action !== id) return;
      removeEventListener('message', listen);
      dialog.remove();
      resolve();
    };
    addEventListener('message', listen);
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Goes to another page; the promise never ends, as with Stripe.js. */
function leaveTo(url) {
  location.assign(url);
  return new Promise(() => {});
}

const finished = ['succeeded', 'processing', 'requires_capture'];

class StripeSimulator {
  constructor(key, options = {}) {
    if (!/^pk_/.test(key ?? ''))
      throw new Error('Please call Stripe() with your publishable key: pk_test_...');
    this.key = key;
    this.account = options.stripeAccount;
  }

  elements(options = {}) {
    return new Elements(this, { ...options });
  }

  // --- payments and setups --------------------------------------------------------------------
  confirmPayment(options) {
    return this.#confirmWithElements(options);
  }

  confirmSetup(options) {
    return this.#confirmWithElements(options);
  }

  confirmCardPayment(clientSecret, data = {}, options = {}) {
    return this.#confirmCard(clientSecret, data, options);
  }

  confirmCardSetup(clientSecret, data = {}, options = {}) {
    return this.#confirmCard(clientSecret, data, options);
  }

  async handleNextAction({ clientSecret }) {
    const intent = intentOf(clientSecret);
    const { error, object } = await this.#retrieve(clientSecret);
    if (error) return { error };
    return this.#act(intent, object);
  }

  handleCardAction(clientSecret) {
    return this.handleNextAction({ clientSecret });
  }

  async retrievePaymentIntent(clientSecret) {
    const { error, object } = await this.#retrieve(clientSecret);
    return error ? { error } : { paymentIntent: object };
  }

  async retrieveSetupIntent(clientSecret) {
    const { error, object } = await this.#retrieve(clientSecret);
    return error ? { error } : { setupIntent: object };
  }

  async createPaymentMethod(options) {
    const { elements, params = {}, ...rest } = options;
    if (elements) {
      const { error } = await elements.submit();
      if (error) return { error };
    }
    const given = elements ? { ...elements.form().method(), ...params } : rest;
    const { error, object } = await this.#makeMethod(given);
    return error ? { error } : { paymentMethod: object };
  }

  /** Checkout in a frame: mount() it, unmount() it. */
  async initEmbeddedCheckout({ clientSecret, fetchClientSecret, onComplete }) {
    const secret = clientSecret ?? (await fetchClientSecret());
    return new EmbeddedCheckout(this, secret, onComplete);
  }

  createEmbeddedCheckoutPage(options) {
    return this.initEmbeddedCheckout(options);
  }

  // --- how ------------------------------------------------------------------------------------
  #retrieve(clientSecret) {
    return send(this, 'GET', intentOf(clientSecret).path, { client_secret: clientSecret });
  }

  #makeMethod({ card, ...given }) {
    const typed = card instanceof PaymentForm ? card.method() : { card };
    const method = { type: 'card', ...given, ...(card ? typed : {}) };
    return send(this, 'POST', '/v1/payment_methods', method);
  }

  async #confirmWithElements({ elements, clientSecret, confirmParams = {}, redirect = 'always' }) {
    const secret = clientSecret ?? elements.clientSecret;
    const { payment_method_data: data, ...params } = confirmParams;
    if (elements && !params.payment_method) {
      const { error, paymentMethod } = await this.createPaymentMethod({ elements, params: data });
      if (error) return { error };
      params.payment_method = paymentMethod.id;
      params.use_stripe_sdk = paymentMethod.type === 'card';
    }
    const result = await this.#confirm(secret, params);
    elements?.form().show(result.error?.message);
    if (result.error || redirect === 'if_required') return result;
    const intent = Object.values(result)[0];
    return leaveTo(returnAddress(params.return_url, intent, true));
  }

  async #confirmCard(
    clientSecret,
    { payment_method: method, return_url, ...rest },
    { handleActions = true },
  ) {
    const params = { ...rest, return_url, use_stripe_sdk: true };
    if (typeof method === 'object') {
      const mistake = method.card instanceof PaymentForm && method.card.mistake();
      if (mistake) return { error: mistake };
      const { error, object } = await this.#makeMethod(method);
      if (error) return { error };
      params.payment_method = object.id;
    } else if (method) {
      params.payment_method = method;
    }
    return this.#confirm(clientSecret, params, handleActions);
  }

  async #confirm(clientSecret, params, handleActions = true) {
    const intent = intentOf(clientSecret);
    const { error, object } = await send(this, 'POST', `${intent.path}/confirm`, {
      client_secret: clientSecret,
      ...params,
    });
    if (error) return { error };
    return handleActions ? this.#act(intent, object) : { [intent.name]: object };
  }

  /** Lets the buyer do what the intent asks for, if it does. */
  async #act(intent, object) {
    const action = object.next_action;
    if (object.status !== 'requires_action' || !action) return { [intent.name]: object };
    if (action.redirect_to_url) return leaveTo(action.redirect_to_url.url);
    await showDialog(`${base}/_sim/3ds/${intent.id}`, intent.id);
    const { error, object: after } = await this.#retrieve(object.client_secret);
    if (error) return { error };
    if (finished.includes(after.status)) return { [intent.name]: after };
    return { error: after.last_payment_error ?? after.last_setup_error };
  }
}

class EmbeddedCheckout {
  #frame = document.createElement('iframe');
  #listen;

  constructor(stripe, clientSecret, onComplete) {
    const id = clientSecret.split('_secret_')[0];
    const query = new URLSearchParams({ embedded: '1' });
    if (stripe.account) query.set('account', stripe.account);
    this.#frame.src = `${base}/_sim/checkout/${id}?${query}`;
    this.#frame.title = 'Checkout';
    this.#frame.style.cssText = 'border:0;width:100%;height:640px';
    this.#listen = (event) => {
      if (event.source !== this.#frame.contentWindow || event.data?.session !== id) return;
      if (event.data.height) this.#frame.style.height = `${event.data.height}px`;
      if (event.data.leave) location.assign(event.data.leave);
      if (event.data.complete && !event.data.leave) onComplete?.();
    };
    addEventListener('message', this.#listen);
  }

  mount(where) {
    placeOf(where).replaceChildren(this.#frame);
  }

  unmount() {
    this.#frame.remove();
  }

  destroy() {
    this.unmount();
    removeEventListener('message', this.#listen);
  }
}

window.Stripe = (key, options) => new StripeSimulator(key, options);
window.Stripe.version = 'endive';
