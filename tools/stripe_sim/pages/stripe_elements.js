// The Stripe simulator in place of Stripe.js, part 2: the forms that are mounted into a page.

const methodNames = {
  card: 'Card',
  klarna: 'Klarna',
  paypal: 'PayPal',
  sepa_debit: 'SEPA debit',
  us_bank_account: 'US bank account',
};
const testCards = [
  ['4242 4242 4242 4242', 'is paid'],
  ['4000 0000 0000 0002', 'is declined'],
  ['4000 0000 0000 9995', 'has insufficient funds'],
  ['4000 0027 6000 3184', 'asks for 3D Secure'],
  ['4000 0000 0000 0259', 'is paid, then disputed'],
];

const digitsOf = (text) => text.replace(/\D/g, '');

function passesLuhn(number) {
  let sum = 0;
  [...number].reverse().forEach((character, index) => {
    const digit = Number(character) * (index % 2 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  });
  return sum % 10 === 0;
}

function grouped(number) {
  return /^3[47]/.test(number)
    ? [number.slice(0, 4), number.slice(4, 10), number.slice(10, 15)].filter(Boolean).join(' ')
    : number.slice(0, 19).replace(/(.{4})(?=.)/g, '$1 ');
}

function expiryText(typed) {
  const digits = digitsOf(typed).slice(0, 4);
  const month = /^[2-9]/.test(digits) ? `0${digits}` : digits;
  return month.length > 2 ? `${month.slice(0, 2)} / ${month.slice(2)}` : month;
}

const field = (name, label, attributes) =>
  `<label class="field ${name}"><span>${label}</span><input name="${name}" ${attributes}></label>`;

const cardFields =
  field(
    'number',
    'Card number',
    'inputmode="numeric" autocomplete="cc-number" placeholder="1234 1234 1234 1234"',
  ) +
  field(
    'expiry',
    'Expiration date',
    'inputmode="numeric" autocomplete="cc-exp" placeholder="MM / YY"',
  ) +
  field(
    'cvc',
    'Security code',
    'inputmode="numeric" autocomplete="cc-csc" placeholder="CVC" maxlength="4"',
  ) +
  `<details><summary>Test cards</summary><ul>${testCards
    .map(
      ([number, what]) =>
        `<li><button type="button" data-fill="${number}">${number}</button> ${what}</li>`,
    )
    .join('')}</ul></details>`;

const redirectText = (name) =>
  `<p>After you continue, you approve the payment on the simulator’s stand-in for ${name}.</p>`;

function fieldsOf(type) {
  if (type === 'card') return cardFields;
  if (type === 'us_bank_account')
    return (
      field('routing', 'Routing number', 'inputmode="numeric" value="110000000"') +
      field('account', 'Account number', 'inputmode="numeric" placeholder="000123456789"') +
      field('holder', 'Account holder', 'autocomplete="name"')
    );
  if (type === 'sepa_debit')
    return (
      field('iban', 'IBAN', 'placeholder="DE89 3704 0044 0532 0130 00"') +
      field('holder', 'Account holder', 'autocomplete="name"')
    );
  return redirectText(methodNames[type] ?? type);
}

/** The first thing that is wrong with what was typed, or undefined. */
function mistakeIn(type, values) {
  if (type === 'card') {
    const number = digitsOf(values.number);
    if (number.length < 12)
      return validationError('incomplete_number', 'Your card number is incomplete.');
    if (!passesLuhn(number))
      return validationError('invalid_number', 'Your card number is invalid.');
    if (digitsOf(values.expiry).length < 4)
      return validationError('incomplete_expiry', 'Your card’s expiration date is incomplete.');
    if (digitsOf(values.cvc).length < 3)
      return validationError('incomplete_cvc', 'Your card’s security code is incomplete.');
  }
  if (type === 'us_bank_account' && !values.account)
    return validationError('incomplete_account_number', 'Your account number is incomplete.');
  if (type === 'sepa_debit' && values.iban.length < 15)
    return validationError('incomplete_iban', 'Your IBAN is incomplete.');
  return undefined;
}

/** The parameters of a payment method. */
function methodOf(type, values) {
  const expiry = digitsOf(values.expiry ?? '');
  const details = {
    card: {
      number: digitsOf(values.number ?? ''),
      exp_month: Number(expiry.slice(0, 2)),
      exp_year: 2000 + Number(expiry.slice(2)),
      cvc: values.cvc,
    },
    us_bank_account: {
      account_number: values.account,
      routing_number: values.routing,
      account_holder_type: 'individual',
    },
    sepa_debit: { iban: values.iban?.replace(/\s/g, '') },
  };
  const method = { type };
  if (details[type]) method[type] = details[type];
  if (values.holder) method.billing_details = { name: values.holder };
  return method;
}

/** The colours and the like of `appearance`, as the style sheet knows them. */
function variablesOf(appearance = {}) {
  const night = appearance.theme === 'night';
  const dark = { colorBackground: '#1f2530', colorText: '#f2f4f8', colorBorder: '#465066' };
  const all = { ...(night ? dark : {}), ...appearance.variables };
  return Object.entries(all)
    .map(([name, value]) => `--${name}: ${value};`)
    .join('');
}

/** A payment or card element: tabs for the ways to pay, and the fields of the chosen one. */
class PaymentForm extends Emitter {
  #root;
  #type;
  #name;
  #elements;

  constructor(elements, name) {
    super();
    this.#elements = elements;
    this.#name = name;
  }

  mount(where) {
    const host = document.createElement('div');
    host.className = 'StripeElement';
    placeOf(where).replaceChildren(host);
    this.#root = host.attachShadow({ mode: 'open' });
    this.#root.addEventListener('input', (event) => this.#typed(event.target));
    this.#root.addEventListener('click', (event) => this.#clicked(event.target));
    this.#elements.load().then(({ error, types }) => {
      if (!this.#root) return;
      if (error) return this.emit('loaderror', { elementType: this.#name, error });
      this.#draw(this.#name === 'card' ? ['card'] : types);
      this.emit('ready', { elementType: this.#name });
    });
    return this;
  }

  unmount() {
    this.#root?.host.remove();
    this.#root = undefined;
  }

  destroy() {
    this.unmount();
    this.#elements.forget(this);
  }

  update() {}

  collapse() {}

  focus() {
    this.#root?.querySelector('input')?.focus();
  }

  clear() {
    for (const input of this.#root?.querySelectorAll('input') ?? []) input.value = '';
  }

  get type() {
    return this.#type;
  }

  /** Shows what is wrong, and returns it. */
  mistake() {
    if (!this.#type)
      return validationError('incomplete_payment', 'The payment form is not ready yet.');
    const mistake = mistakeIn(this.#type, this.#values());
    this.show(mistake?.message);
    return mistake;
  }

  method() {
    return methodOf(this.#type, this.#values());
  }

  show(message = '') {
    this.#root.querySelector('.error').textContent = message;
  }

  #draw(types) {
    const tabs = types
      .map(
        (type) =>
          `<button type="button" role="tab" data-type="${type}">${methodNames[type] ?? type}</button>`,
      )
      .join('');
    const label = 'Stripe simulator — no real money';
    this.#root.innerHTML =
      `<link rel="stylesheet" href="${base}/_sim/assets/element.css">` +
      `<style>:host { ${variablesOf(this.#elements.appearance)} }</style>` +
      `<div class="form"><div role="tablist">${types.length > 1 ? tabs : ''}</div>` +
      `<div class="fields"></div><p class="error" role="alert"></p><p class="label">${label}</p></div>`;
    this.#choose(types[0]);
  }

  #choose(type) {
    this.#type = type;
    this.#root.querySelector('.fields').innerHTML = fieldsOf(type);
    for (const tab of this.#root.querySelectorAll('[role=tab]'))
      tab.setAttribute('aria-selected', String(tab.dataset.type === type));
    this.show();
    this.#tell();
  }

  #clicked(target) {
    if (target.dataset.type) this.#choose(target.dataset.type);
    if (!target.dataset.fill) return;
    const fill = { number: target.dataset.fill, expiry: '12 / 34', cvc: '123' };
    for (const [name, value] of Object.entries(fill))
      this.#root.querySelector(`[name=${name}]`).value = value;
    this.show();
    this.#tell();
  }

  #typed(input) {
    if (input.name === 'number') input.value = grouped(digitsOf(input.value));
    if (input.name === 'expiry') input.value = expiryText(input.value);
    if (input.name === 'cvc') input.value = digitsOf(input.value);
    this.show();
    this.#tell();
  }

  #values() {
    const inputs = [...this.#root.querySelectorAll('input')];
    return Object.fromEntries(inputs.map(({ name, value }) => [name, value.trim()]));
  }

  #tell() {
    const values = this.#values();
    this.emit('change', {
      elementType: this.#name,
      complete: !mistakeIn(this.#type, values),
      empty: Object.values(values).every((value) => value === ''),
      collapsed: false,
      value: { type: this.#type },
    });
  }
}
