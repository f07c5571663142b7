// The running service as the quickstart sees it: its JSON API and its command line.
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

export class Service {
  constructor({ url, key, daybook }) {
    Object.assign(this, { url, key, daybook });
  }

  async get(path) {
    const response = await fetch(new URL(path, this.url), { headers: { authorization: `Bearer ${this.key}` } });
    const text = await response.text();
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${text.trim()}`);
    return JSON.parse(text);
  }

  /** Every row of a list, page by page. */
  async all(path) {
    const rows = [];
    let cursor;
    do {
      const page = await this.get(`${path}${path.includes('?') ? '&' : '?'}limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
      rows.push(...page.data);
      cursor = page.has_more ? page.next_cursor : undefined;
    } while (cursor);
    return rows;
  }

  /** Waits until every projection has folded this position. */
  async caughtUp(position) {
    const until = Date.now() + 60_000;
    for (;;) {
      const { data } = await this.get('/projections');
      const behind = data.filter((projection) => projection.position < position || projection.lag > 0);
      if (data.length > 0 && behind.length === 0) return data;
      if (Date.now() > until) {
        throw new Error(`projections do not catch up: ${behind.map((p) => `${p.name} is at ${p.position} (${p.state})`).join(', ')}`);
      }
      await pause(50);
    }
  }

  /** Runs `daybook …` for the reader to watch; the exit codes in `fine` are no failure. */
  async run(args, { fine = [0] } = {}) {
    console.log(`$ daybook ${args.join(' ')}`);
    const child = spawn(this.daybook, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const code = await closed(child);
    if (!fine.includes(code)) throw new Error(`daybook ${args.join(' ')} ended with ${code}`);
    return code;
  }

  /** Runs `daybook …` for its output. */
  async output(args, { fine = [0] } = {}) {
    console.log(`$ daybook ${args.join(' ')}`);
    const child = spawn(this.daybook, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const parts = [];
    child.stdout.on('data', (part) => parts.push(part));
    const code = await closed(child);
    if (!fine.includes(code)) throw new Error(`daybook ${args.join(' ')} ended with ${code}`);
    return Buffer.concat(parts).toString();
  }
}

function closed(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}
