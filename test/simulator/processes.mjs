// The programs under test, each started by a test, ready when the promise is, and stopped by it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** The folder of what is under test: ctest says which build. */
const build = process.env.DAYBOOK_BUILD ?? `${root}build/release`;

/** Starts a program that says on a line of stdout where it listens. */
export async function start_program(name, args, { env = {}, address }) {
  const program = built(name);
  if (!existsSync(program)) throw new Error(`${program} is not built`);
  const child = spawn(program, args, { env: { ...process.env, ...env } });
  const errors = [];
  child.stderr.on('data', (part) => errors.push(part));
  const ended = once(child, 'exit');
  const said = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = address.exec(line);
      if (found) resolve(found[0]);
    });
  });
  const early = ended.then(([code, signal]) => {
    throw new Error(`${name} ended with ${code ?? signal}: ${Buffer.concat(errors)}`);
  });
  const url = await Promise.race([said, early]);
  early.catch(() => {});
  const is_running = () => child.exitCode === null && child.signalCode === null;
  const stop = async () => {
    if (is_running()) child.kill('SIGTERM');
    await ended;
    return Buffer.concat(errors).toString();
  };
  return { url, is_running, stop };
}

/** Runs a program to its end: {code, stdout, stderr}. */
export async function run_program(program, args, { env = {}, input = '' } = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env } });
  const stdout = [];
  const stderr = [];
  child.stdout.on('data', (part) => stdout.push(part));
  child.stderr.on('data', (part) => stderr.push(part));
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  const text = (parts) => Buffer.concat(parts).toString();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Where one of our own programs is. */
export const built = (name) => `${build}/${name}`;
