import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';

// Each starts a process from the sources; how soon it runs depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

// Node runs TypeScript by stripping the types; the condition makes package imports resolve to sources.
const FLAGS = ['--conditions=@steelyard/source', '--no-warnings'];
const EXAMPLE = fileURLToPath(new URL('../examples/daemon.ts', import.meta.url));

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...FLAGS, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.err += text;
  });
  const records = () =>
    output.out
      .trimEnd()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
  const ended = once(child, 'close');
  const said = async (msg: string): Promise<void> => {
    while (!output.out.includes(`"msg":"${msg}"`)) await once(child.stdout, 'data');
  };
  return { child, output, records, ended, said };
}

test('the example starts, answers its probes, and stops in order on SIGTERM', async () => {
  const daemon = start([EXAMPLE, '--health-probe-port', '0', '-log-level=debug'], { NODE_NAME: 'a' });
  await daemon.said('started');
  const port = daemon.records().find((record) => record['msg'] === 'started')?.['port'];
  for (const path of ['healthz', 'readyz']) {
    expect((await fetch(`http://127.0.0.1:${String(port)}/${path}`)).status).toBe(200);
  }
  daemon.child.kill('SIGTERM');
  expect(await daemon.ended).toEqual([0, null]);
  expect(daemon.records().map(({ msg, node }) => [msg, node])).toEqual([
    ['started', 'a'],
    ['stopping', 'a'],
    ['stopped', 'a'],
  ]);
  expect(daemon.output.err).toBe('');
});

test('a command line that cannot be run with exits 2 and says why', async () => {
  const daemon = start([EXAMPLE, '-node-nmae=a']);
  expect(await daemon.ended).toEqual([2, null]);
  expect(daemon.output.err).toContain('flag provided but not defined: -node-nmae; did you mean -node-name?');
});

const uncaught = (code: string): string[] => [
  '--input-type=module',
  '-e',
  `import { createLogger, exitOnUncaughtError } from '@steelyard/daemon';
   exitOnUncaughtError(createLogger({ level: 'info' }));
   setInterval(() => {}, 1000);
   ${code}`,
];

test.for<[op: string, code: string]>([
  ['uncaughtException', 'setImmediate(() => { throw new Error("lost"); });'],
  ['unhandledRejection', 'Promise.reject(new Error("lost"));'],
])('%s is one JSON line and exit code 1', async ([op, code]) => {
  const child = spawn(process.execPath, [...FLAGS, ...uncaught(code)], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ level: 'error', op, error: 'lost' }]);
});

test('a worker thread logs beside the main thread, and its uncaught error ends only the worker', async () => {
  const daemon = start([fileURLToPath(new URL('./fixtures/two-threads.ts', import.meta.url))]);
  expect(await daemon.ended).toEqual([0, null]);
  const records = daemon.records(); // each line parses: none was torn by the other thread
  expect(records.filter(({ msg }) => msg === 'line')).toHaveLength(400);
  expect(records.filter(({ error }) => error === 'lost')).toMatchObject([
    { thread: 'control', op: 'uncaughtException' },
  ]);
  expect(records.at(-1)).toMatchObject({ thread: 'wire', msg: 'worker ended', exitCode: 1 });
});
