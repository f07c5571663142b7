// The page with the Payment Element: what the buyer types goes to Stripe, and nowhere else.
const form = document.querySelector('#payment');
const button = form.querySelector('button');
const trouble = document.querySelector('#trouble');
const { publishableKey, clientSecret } = form.dataset;
const returnUrl = new URL(form.dataset.returnUrl, location.origin);

const stripe = Stripe(publishableKey);
const { paymentIntent } = await stripe.retrievePaymentIntent(clientSecret);
if (['succeeded', 'processing'].includes(paymentIntent?.status)) {
  // Paid a moment ago, before this page was reloaded.
  returnUrl.searchParams.set('redirect_status', 'succeeded');
  location.replace(returnUrl);
} else {
  const appearance = { variables: { colorPrimary: '#8a4b16' } };
  const elements = stripe.elements({ clientSecret, appearance });
  const element = elements.create('payment');
  element.on('ready', () => (button.disabled = false));
  element.on('loaderror', ({ error }) => (trouble.textContent = error.message));
  element.mount('#element');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    pay(elements);
  });
}

/** Comes back only when it was not paid: otherwise Stripe.js goes to the return URL. */
async function pay(elements) {
  if (button.disabled) return;
  button.disabled = true;
  trouble.textContent = '';
  const { error } = await stripe.confirmPayment({
    elements,
    confirmParams: { return_url: returnUrl.href },
  });
  trouble.textContent = textFor(error);
  button.disabled = false;
}

/** The element itself says what is wrong with a card. */
function textFor({ type, code, message }) {
  if (type === 'validation_error') return '';
  const isOfCard = type === 'card_error' || code === 'payment_intent_authentication_failure';
  if (isOfCard) return 'You have not been charged. Try again, or pay in another way.';
  return message;
}
