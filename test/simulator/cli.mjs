// Stripe's own command line tool, turned to a simulator.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root, run_program } from './processes.mjs';
import { api_key } from './simulator.mjs';

const installed = `${root}test/simulator/node_modules/@stripe/cli-linux-x64/bin/stripe`;
const program = process.env.STRIPE_CLI ?? installed;
if (!existsSync(program)) {
  throw new Error('the Stripe CLI is not there: run tools/setup, or set STRIPE_CLI to its path');
}

/** A CLI with a home of its own, which knows nobody. */
export class StripeCli {
  #home = mkdtempSync(join(tmpdir(), 'daybook-stripe-cli-'));

  #env = {
    HOME: this.#home,
    STRIPE_API_KEY: api_key,
    STRIPE_CLI_TELEMETRY_OPTOUT: '1',
  };

  #with_settings(url, args) {
    const config = join(this.#home, 'config.toml');
    return [...args, '--api-base', url, '--color', 'off', '--config', config];
  }

  /** Runs `stripe …` against the API at `url`: {code, output, stdout}. */
  async run(url, args, env = {}) {
    const { code, stdout, stderr } = await run_program(program, this.#with_settings(url, args), {
      env: { ...this.#env, ...env },
    });
    return { code, output: stdout + stderr, stdout };
  }

  /**
   * Runs `stripe listen …` until stop(), from when it is ready. `forwarded` grows: what it says of
   * each event that it passed on, {status, url, id}.
   */
  async listen(url, args) {
    const child = spawn(
      program,
      this.#with_settings(url, ['listen', '--skip-update', '--no-wss', ...args]),
      { env: { ...process.env, ...this.#env } },
    );
    const ended = once(child, 'exit');
    const said = [];
    const forwarded = [];
    const ready = new Promise((resolve) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        said.push(line);
        if (line.includes('Ready!')) resolve();
      });
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      const answer = /<--\s+\[(\d+)\] POST (\S+) \[(\w+)\]/.exec(line);
      if (answer) forwarded.push({ status: Number(answer[1]), url: answer[2], id: answer[3] });
    });
    const early = ended.then(() => {
      throw new Error(`stripe listen ended: ${said.join('\n')}`);
    });
    early.catch(() => {});
    await Promise.race([ready, early]);
    const stop = async () => {
      child.kill('SIGTERM');
      await ended;
    };
    return { forwarded, said, stop };
  }

  remove() {
    rmSync(this.#home, { recursive: true, force: true });
  }
}
