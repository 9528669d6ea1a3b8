#!/usr/bin/env node
// Brings what the project needs to a fresh machine (Node.js 24, pnpm, Debian packages, dependencies, a build), then
// runs a command with it. Runs on Node.js 20 and later, and imports nothing that must be installed first.
//
//   node tools/run.mjs [--for demo|test|check] [-- COMMAND [ARG...]]

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { provideDebianPackages } from './bootstrap/debian-packages.mjs';
import { installAndBuild } from './bootstrap/install.mjs';
import { compileRawSocket } from './bootstrap/raw-socket.mjs';
import { Refusal, root } from './bootstrap/steps.mjs';
import { provideToolchain } from './bootstrap/toolchain.mjs';

const USAGE = 'usage: node tools/run.mjs [--for demo|test|check] [-- COMMAND [ARG...]]';

function parseArguments(argv) {
  const words = [...argv];
  let purpose = 'build';
  if (words[0] === '--for') {
    purpose = words[1];
    words.splice(0, 2);
  }
  if (words[0] === '--') words.shift();
  else if (words.length > 0) throw new Refusal(`${JSON.stringify(words[0])} is not understood. ${USAGE}`);
  return { purpose, command: words };
}

try {
  const { purpose, command } = parseArguments(process.argv.slice(2));
  if (process.platform !== 'linux') {
    throw new Refusal('Steelyard runs on Linux. On another system, start it in a Linux virtual machine.');
  }
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1' };
  await provideDebianPackages(purpose, env);
  await provideToolchain(env);
  await installAndBuild(env);
  if (purpose === 'test') await compileRawSocket(env);
  if (command.length > 0) await hand(command, env);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** Runs the command in our place: its exit code is ours, and signals reach it. */
async function hand([command, ...args], env) {
  env.PATH = `${join(root, 'node_modules/.bin')}:${env.PATH}`;
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
  process.on('SIGINT', () => {}); // the terminal sends it to the child too, which may want to clean up
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  await new Promise((done) => {
    child.on('error', (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`);
      process.exitCode = 127;
      done();
    });
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? 128 + constants.signals[signal];
      done();
    });
  });
}
