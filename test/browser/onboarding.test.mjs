// The onboarding form, clicked through by a seller.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { picture, start } from './harness.mjs';

let sim;
let page;

before(async () => {
  sim = await start();
  page = await sim.context.newPage();
});
after(() => sim.close());

const click = (name) => page.getByRole('button', { name }).click();

async function link(account) {
  const { url } = await sim.api('POST', '/v1/account_links', {
    account,
    type: 'account_onboarding',
    refresh_url: `${sim.base}/_sim/shop?refresh`,
    return_url: `${sim.base}/_sim/shop?return`,
  });
  return url;
}

test('a seller is onboarded with test data, step by step', async () => {
  const account = await sim.api('POST', '/v1/accounts', {
    type: 'express',
    country: 'US',
    'capabilities[transfers][requested]': 'true',
    'capabilities[card_payments][requested]': 'true',
  });
  const url = await link(account.id);
  await page.goto(url);
  for (const heading of ['Your business', 'About you', 'Where your payouts go']) {
    await page.getByRole('heading', { name: heading }).waitFor();
    await click('Use test data');
    await picture(page, `onboarding-${heading.toLowerCase().replaceAll(' ', '-')}`);
    await click('Continue');
  }
  await click('Agree and submit');
  await page.waitForURL('**/_sim/shop?return');
  const after = await sim.api('GET', `/v1/accounts/${account.id}`);
  assert.equal(after.charges_enabled, true);
  assert.equal(after.payouts_enabled, true);
  assert.deepEqual(after.requirements.currently_due, []);

  await page.goto(url);
  await page.waitForURL('**/_sim/shop?refresh');

  const { url: dashboard } = await sim.api('POST', `/v1/accounts/${account.id}/login_links`);
  await page.goto(dashboard);
  await page.getByRole('heading', { name: 'Express dashboard' }).waitFor();
});

test('a date of birth that does not match asks for a document', async () => {
  const account = await sim.api('POST', '/v1/accounts', {
    type: 'express',
    country: 'DE',
    business_type: 'individual',
    'capabilities[transfers][requested]': 'true',
  });
  await page.goto(await link(account.id));
  await page.getByRole('heading', { name: 'About you' }).waitFor();
  await click('Use test data');
  await page.getByLabel('Dob year').fill('1902');
  await click('Continue');
  await page.getByLabel('Verification document').waitFor();
  await click('Use test data');
  await click('Continue');
  await page.getByRole('heading', { name: 'Where your payouts go' }).waitFor();
});
