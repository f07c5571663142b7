// Stripe's own command line tool, turned to a simulator.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  /** Runs `stripe …` against the API at `url`: {code, output}. */
  async run(url, args) {
    const env = {
      HOME: this.#home,
      STRIPE_API_KEY: api_key,
      STRIPE_CLI_TELEMETRY_OPTOUT: '1',
    };
    const { code, stdout, stderr } = await run_program(
      program,
      [...args, '--api-base', url, '--color', 'off', '--config', join(this.#home, 'config.toml')],
      { env },
    );
    return { code, output: stdout + stderr };
  }

  remove() {
    rmSync(this.#home, { recursive: true, force: true });
  }
}
