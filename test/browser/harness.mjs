// A simulator of its own and a Chromium that looks at it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { built } from '../simulator/processes.mjs';

const simulator = built('stripe-sim');
const pictures = process.env.DAYBOOK_PICTURES;

/** Starts both; `close()` ends them. */
export async function start() {
  const child = spawn(simulator, ['--listen', '127.0.0.1:0', '--clock', 'frozen', '--seed', '7']);
  child.stderr.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, 'line');
  const base = /http:\/\/\S+?(?=[\s/]|$)/.exec(line)[0];
  const browser = await launch();
  const context = await visit(browser);
  const close = async () => {
    await browser.close();
    child.kill();
    await once(child, 'exit');
  };
  return { base, context, close, api: (...request) => api(base, ...request) };
}

export const launch = () =>
  chromium.launch({
    executablePath: process.env.DAYBOOK_BROWSER ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });

/** A visitor of their own, with no cookies yet. */
export async function visit(browser) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 } });
  context.setDefaultTimeout(20_000);
  return context;
}

/** A request with a secret key. */
export async function api(base, method, path, params = {}, account = undefined) {
  const form = new URLSearchParams(params);
  const headers = { Authorization: 'Bearer sk_test_browsertests' };
  if (account) headers['Stripe-Account'] = account;
  const url = base + path + (method === 'GET' ? `?${form}` : '');
  const reply = await fetch(url, { method, headers, body: method === 'GET' ? undefined : form });
  const body = await reply.json();
  if (!reply.ok) throw new Error(`${method} ${path}: ${JSON.stringify(body.error)}`);
  return body;
}

/** Takes a picture when DAYBOOK_PICTURES names a folder. */
export async function picture(page, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
}

/** Types a card into a payment element, which may be in a frame. */
export async function typeCard(where, number) {
  await where.locator('[name=number]').fill(number);
  await where.locator('[name=expiry]').fill('1234');
  await where.locator('[name=cvc]').fill('123');
}
