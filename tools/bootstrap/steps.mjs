// How a step of the bootstrap runs, shows itself and fails.

import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Something that cannot be had: its message is one clear sentence for the user, printed without a stack trace. */
export class Refusal extends Error {}

const say = (text) => process.stderr.write(text);

/**
 * Runs a command to its end. While it runs one line tells what is done and for how long; its own output is shown only
 * if it fails.
 *
 * @param {string} title What is being done, for the user.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd?: string, remedy?: string, quiet?: boolean }} options
 */
export async function step(title, command, args, { env, cwd = root, remedy = '', quiet = false }) {
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1000).toFixed(0);
  const live = process.stderr.isTTY === true && !quiet;
  if (!quiet && !live) say(`${title} ...\n`);
  const ticker = live ? setInterval(() => say(`\r${title} ... ${seconds()} s`), 1000) : undefined;
  if (live) say(`${title} ...`);
  const output = [];
  const end = await new Promise((done) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => done({ why: error.message }));
    child.on('close', (code, signal) => done({ code, why: `it ended with ${signal ?? code}` }));
  });
  clearInterval(ticker);
  if (live) say(`\r${title} ... ${end.code === 0 ? `${seconds()} s` : 'failed'}\n`);
  if (end.code === 0) return;
  process.stderr.write(Buffer.concat(output));
  throw new Refusal(`${title}: ${command} ${args[0] ?? ''} did not succeed (${end.why}).${remedy && ` ${remedy}`}`);
}
