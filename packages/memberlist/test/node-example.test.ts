import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const example = fileURLToPath(new URL('../examples/join.ts', import.meta.url));

/** Runs it with these arguments; what it prints, until now. */
function run(...args: string[]) {
  const child = spawn(process.execPath, ['--conditions=@steelyard/source', example, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  return { child, lines: (): string[] => printed.trimEnd().split('\n') };
}

test('two that run the example know each other, until one leaves', { timeout: 60_000 }, async () => {
  const wait = { timeout: 20_000 };
  const one = run('one', '127.94.6.1');
  await expect.poll(one.lines, wait).toEqual(['one is here', 'joined 0 members []']);
  const two = run('two', '127.94.6.2', '127.94.6.1');
  await expect.poll(two.lines, wait).toEqual(['two is here', 'one is here', 'joined 1 members []']);
  await expect.poll(one.lines, wait).toContain('two is here');
  two.child.kill('SIGTERM');
  expect(await once(two.child, 'exit')).toEqual([0, null]);
  await expect.poll(one.lines, wait).toContain('two is gone');
  one.child.kill('SIGTERM');
  expect(await once(one.child, 'exit')).toEqual([0, null]);
});

test('the README shows it', () => {
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(readFileSync(example, 'utf8'));
});
