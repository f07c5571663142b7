// What the tests do at Stripe's side of the counter: buyers pay, sellers fill in forms.
import assert from 'node:assert/strict';
import { eventually } from './eventually.mjs';

export class World {
  constructor(service, admin) {
    this.service = service;
    this.admin = admin;
  }

  /** A request to one of the simulator's own addresses. */
  async sim(path, body = {}) {
    const reply = await fetch(this.service.sim + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(reply.ok, `${path}: ${await reply.clone().text()}`);
    return reply.json();
  }

  /** A call of Stripe's own API, through the gateway: {status, body}. */
  async call_stripe(path, params, headers = {}) {
    const reply = await fetch(this.service.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.admin.key}`, ...headers },
      body: new URLSearchParams(params),
    });
    return { status: reply.status, body: await reply.json() };
  }

  /** What Stripe's own API makes of these parameters. */
  async stripe(path, params, headers = {}) {
    const { status, body } = await this.call_stripe(path, params, headers);
    assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
    return body;
  }

  /** The buyer confirms a payment, as the page does. */
  pay(intent, method = 'pm_card_visa') {
    return this.call_stripe(`/v1/payment_intents/${intent}/confirm`, {
      payment_method: method,
      return_url: 'https://shop.example/return',
    });
  }

  /** The buyer submits a page of Checkout. */
  submit(session, method = 'pm_card_visa') {
    return this.stripe(`/v1/payment_pages/${session}/confirm`, {
      payment_method: method,
      email: 'buyer@shop.example',
    });
  }

  /** The order, once it has this status. */
  order_with(status, id) {
    return eventually(async () => {
      const { status: code, body } = await this.admin.call('GET', `/orders/${id}`);
      return code === 200 && body.status === status && body;
    });
  }

  /** A seller who went through onboarding. */
  async ready_seller(user_id, more = {}) {
    const made = await this.admin.post('/connect/accounts', {
      country: 'US',
      email: `${user_id}@shop.example`,
      user_id,
      business_type: 'individual',
      payout_schedule: { interval: 'manual' },
      ...more,
    });
    await this.sim(`/_sim/accounts/${made.account_id}/complete`);
    await eventually(async () => {
      const { body } = await this.admin.call('GET', `/connect/accounts/${made.account_id}`);
      return body.readiness === 'ready';
    });
    return made.account_id;
  }
}
