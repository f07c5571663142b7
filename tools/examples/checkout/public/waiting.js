// Back from paying: asks how the order stands until Daybook has heard it from Stripe.
const place = document.querySelector('#waiting');
const order = place.dataset.order;
const patience_ms = 20_000;
const between_ms = 400;
const began = Date.now();

async function isOpen() {
  const reply = await fetch(`${order}/status`).catch(() => undefined);
  if (!reply?.ok) return true;
  const { status } = await reply.json();
  return status === 'pending' || status === 'failed';
}

while (await isOpen()) {
  if (Date.now() - began > patience_ms)
    place.querySelector('p').textContent = 'This takes a while. You may close the page.';
  await new Promise((resolve) => setTimeout(resolve, between_ms));
}
location.replace(order);
