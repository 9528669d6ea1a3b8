#!/usr/bin/env node
import { runCommand } from './run-command.ts';

// A pipe that nobody reads any more tells the writer of it by an error; without a listener it would end the process.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

process.exitCode = await runCommand(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
