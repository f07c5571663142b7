// Calls Daybook as a client would; every answer is held to the description.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { complaints, operation_of } from './description.mjs';

/** Which operations were answered with which status. */
export const seen = new Map();

export class Client {
  constructor(url, key) {
    this.url = url;
    this.key = key;
  }

  /** {status, body, headers}; throws when the answer is not as described. */
  async call(method, path, body, headers = {}) {
    const sent = { ...(this.key && { authorization: `Bearer ${this.key}` }), ...headers };
    if (method !== 'GET' && !('idempotency-key' in sent)) sent['idempotency-key'] = randomUUID();
    if (sent['idempotency-key'] === null) delete sent['idempotency-key'];
    if (body !== undefined) sent['content-type'] ??= 'application/json';
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const reply = await fetch(this.url + path, {
      method,
      headers: sent,
      body: text,
      redirect: 'manual',
    });
    const type = reply.headers.get('content-type') ?? '';
    const raw = await reply.text();
    const answer = type.includes('json') ? JSON.parse(raw) : raw;
    assert.deepEqual(complaints(method, path, reply.status, type, answer), []);
    const operation = operation_of(method, path);
    const key = `${operation.method} ${operation.path}`;
    seen.set(key, (seen.get(key) ?? new Set()).add(reply.status));
    return { status: reply.status, body: answer, headers: reply.headers, raw };
  }

  async #expect(status, method, path, body, headers) {
    const answer = await this.call(method, path, body, headers);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.raw}`);
    return answer.body;
  }

  get(path) {
    return this.#expect(200, 'GET', path);
  }
  post(path, body = {}, headers) {
    return this.#expect(200, 'POST', path, body, headers);
  }
  patch(path, body, headers) {
    return this.#expect(200, 'PATCH', path, body, headers);
  }

  /** The problem that the request is refused with; `slug` is its type. */
  async refused(status, slug, method, path, body, headers) {
    const problem = await this.#expect(status, method, path, body, headers);
    assert.equal(problem.type, `/problems/${slug}`);
    return problem;
  }
}
