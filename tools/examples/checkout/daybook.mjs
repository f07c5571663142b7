// A client of Daybook's API: JSON, problems as exceptions, writes that may be repeated.
import { setTimeout as pause } from 'node:timers/promises';

const attempts = 3;
const between_ms = 300;

/** What Daybook answered instead: application/problem+json, with `type` cut to its last word. */
export class Problem extends Error {
  constructor(problem) {
    super(`${problem.title}${problem.detail ? `: ${problem.detail}` : ''} (${problem.instance})`);
    Object.assign(this, problem, { type: problem.type?.split('/').at(-1) });
  }
}

export class Daybook {
  #url;
  #key;

  constructor(url, key) {
    this.#url = url;
    this.#key = key;
  }

  get(path, query = {}) {
    const known = Object.entries(query).filter(([, value]) => value);
    return this.#call('GET', `${path}?${new URLSearchParams(known)}`, {});
  }

  /** `idempotencyKey` names what is to happen once, however often this is called. */
  post(path, body, idempotencyKey) {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey };
    return this.#call('POST', path, { headers, body: JSON.stringify(body) });
  }

  /** A lost answer and a 5xx are no reason to guess: the same request again, with the same key. */
  async #call(method, path, { headers, body }) {
    const request = { method, headers: { ...headers, Authorization: `Bearer ${this.#key}` }, body };
    for (let attempt = 1; ; ++attempt) {
      const last = attempt === attempts;
      const reply = await fetch(this.#url + path, request).catch((error) => {
        if (last) throw new Error(`Daybook does not answer at ${this.#url}`, { cause: error });
      });
      if (reply?.ok) return reply.json();
      if (reply && (reply.status < 500 || last)) throw new Problem(await reply.json());
      const asked_s = Number(reply?.headers.get('Retry-After'));
      await pause(asked_s * 1000 || attempt * between_ms);
    }
  }
}
