// Connected accounts: onboarding, persons, bank accounts, capabilities, links, sessions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from './client.mjs';

let sim, stripe;
before(async () => {
  sim = await start();
  ({ stripe } = sim);
});
after(() => sim?.stop());

const express = (more = {}) =>
  stripe.accounts.create({
    type: 'express',
    country: 'US',
    email: 'seller@example.com',
    capabilities: { transfers: { requested: true }, card_payments: { requested: true } },
    ...more,
  });

test('an Express account is onboarded', async () => {
  const made = await express({ business_type: 'individual', metadata: { seller_id: 's1' } });
  assert.equal(made.details_submitted, false);
  assert.ok(made.requirements.currently_due.length > 0);
  const link = await stripe.accountLinks.create({
    account: made.id,
    refresh_url: 'https://shop.example/again',
    return_url: 'https://shop.example/done',
    type: 'account_onboarding',
  });
  assert.equal((await fetch(link.url)).status, 200);
  const updated = await stripe.accounts.update(made.id, {
    business_profile: { url: 'https://seller.example', mcc: '5734' },
  });
  assert.equal(updated.business_profile.mcc, '5734');
  await sim.simulator.page('POST', `/_sim/accounts/${made.id}/complete`, {});
  const ready = await stripe.accounts.retrieve(made.id);
  assert.equal(ready.charges_enabled, true);
  assert.equal(ready.payouts_enabled, true);
  assert.equal(ready.capabilities.transfers, 'active');
  assert.match((await stripe.accounts.createLoginLink(made.id)).url, /^http/);
  assert.ok((await stripe.accounts.list({ limit: 3 })).data.some(({ id }) => id === made.id));
  const other = stripe.accountSessions.create({
    account: made.id,
    components: { payouts: { enabled: true } },
  });
  assert.match((await other).client_secret, /./);
});

test('persons of a company', async () => {
  const { id } = await express({ business_type: 'company' });
  const person = await stripe.accounts.createPerson(id, {
    first_name: 'Jenny',
    last_name: 'Rosen',
    relationship: { representative: true, title: 'CEO' },
  });
  const updated = await stripe.accounts.updatePerson(id, person.id, {
    dob: { day: 1, month: 1, year: 1901 },
    relationship: { owner: true, percent_ownership: 60 },
  });
  assert.equal(updated.dob.year, 1901);
  assert.equal((await stripe.accounts.retrievePerson(id, person.id)).last_name, 'Rosen');
  assert.equal((await stripe.accounts.listPersons(id)).data.length, 1);
  assert.equal((await stripe.accounts.deletePerson(id, person.id)).deleted, true);
});

test('bank accounts', async () => {
  const { id } = await express();
  const bank = (account_number) => ({
    object: 'bank_account',
    country: 'US',
    currency: 'usd',
    routing_number: '110000000',
    account_number,
  });
  const first = await stripe.accounts.createExternalAccount(id, {
    external_account: bank('000123456789'),
  });
  assert.equal(first.last4, '6789');
  const second = await stripe.accounts.createExternalAccount(id, {
    external_account: bank('000111111116'),
    default_for_currency: true,
  });
  const updated = await stripe.accounts.updateExternalAccount(id, second.id, {
    metadata: { kind: 'second' },
  });
  assert.equal(updated.default_for_currency, true);
  assert.equal((await stripe.accounts.retrieveExternalAccount(id, first.id)).id, first.id);
  assert.equal((await stripe.accounts.listExternalAccounts(id)).data.length, 2);
  assert.equal((await stripe.accounts.deleteExternalAccount(id, first.id)).deleted, true);
});

test('capabilities', async () => {
  const { id } = await express();
  const { data } = await stripe.accounts.listCapabilities(id);
  assert.ok(data.some((capability) => capability.id === 'transfers'));
  const one = await stripe.accounts.updateCapability(id, 'transfers', { requested: true });
  assert.equal(one.requested, true);
  assert.equal((await stripe.accounts.retrieveCapability(id, 'transfers')).account, id);
});

test('requirements come due; an account is rejected, or goes', async () => {
  const { id } = await express();
  await sim.simulator.page('POST', `/_sim/accounts/${id}/complete`, {});
  const fields = ['individual.verification.document'];
  await sim.simulator.page('POST', `/_sim/accounts/${id}/require`, { fields });
  const due = await stripe.accounts.retrieve(id);
  const { requirements } = due;
  const named = [...requirements.currently_due, ...requirements.eventually_due];
  assert.ok(named.length > 0);
  const rejected = await stripe.accounts.reject(id, { reason: 'fraud_other' });
  assert.equal(rejected.payouts_enabled, false);
  const back = await stripe.accounts.unreject(id);
  assert.doesNotMatch(back.requirements.disabled_reason ?? '', /^rejected/);
  assert.equal((await stripe.accounts.del(id)).deleted, true);
});

test('the platform is an account too', async () => {
  const own = await stripe.accounts.retrieveCurrent();
  assert.match(own.id, /^acct_/);
  const settings = await stripe.balanceSettings.update({
    payments: { payouts: { schedule: { interval: 'manual' } } },
  });
  assert.equal(settings.payments.payouts.schedule.interval, 'manual');
  await stripe.balanceSettings.retrieve();
});
