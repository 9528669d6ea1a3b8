import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type LabProcess, type Namespace, nodeProgram } from '@steelyard/testkit';
import { say } from '../result.ts';

// The programs that also judge our gossip in the tests: `e2e/gossip`.
const JUDGE = fileURLToPath(new URL('../../e2e/gossip/judge', import.meta.url));
const OURS = new URL('../../e2e/gossip/steelyard-host.ts', import.meta.url);

export type Kind = 'go' | 'steelyard';

/** What a member told by itself; `atMs` of the clock that all processes share. */
export interface Told {
  readonly event: string;
  readonly observer: string;
  readonly atMs: number;
  readonly member?: { readonly name: string };
}

/** A process with members of one kind, in a namespace. */
export interface Host {
  readonly process: LabProcess;
  onTold(listener: (told: Told) => void): void;
  order(op: string, fields: object): Promise<unknown>;
}

/** Builds hashicorp/memberlist, in the version that MetalLB has, with the machine's Go. */
export function buildGo(): { readonly path: string; readonly version: string } {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'steelyard', 'gossip-judge');
  mkdirSync(folder, { recursive: true });
  const go = (...args: string[]): string =>
    execFileSync('go', args, {
      cwd: JUDGE,
      encoding: 'utf8',
      env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
    });
  const version = go('list', '-m', '-f', '{{.Version}}', 'github.com/hashicorp/memberlist').trim();
  const path = join(folder, `bench-${version}`);
  say(`building hashicorp/memberlist ${version}`);
  go('build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', path, '.');
  return { path, version };
}

export async function startHost(kind: Kind, goPath: string, namespace: Namespace): Promise<Host> {
  const [program, args] = kind === 'go' ? [goPath, []] : nodeProgram(OURS);
  const started = namespace.spawn(program, args, { name: kind });
  const { stdin, stdout } = started.child;
  if (stdin === null || stdout === null) throw new Error('no pipes to the host');
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Set<(told: Told) => void>();
  createInterface({ input: stdout }).on('line', (line) => {
    const told = JSON.parse(line) as Told & { id?: number; result?: unknown; error?: string };
    if (told.id === undefined) for (const listener of listeners) listener(told);
    else if (told.error === undefined) waiting.get(told.id)?.resolve(told.result);
    else waiting.get(told.id)?.reject(new Error(told.error));
  });
  void started.ended.then(({ code }) => {
    for (const { reject } of waiting.values()) reject(new Error(`${kind} ended with ${code}`));
  });
  let orders = 0;
  await started.waitForLine(/"ready"/);
  return {
    process: started,
    onTold: (listener) => void listeners.add(listener),
    order(op, fields) {
      orders += 1;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(orders, answer);
      stdin.write(`${JSON.stringify({ id: orders, op, ...fields })}\n`);
      return answer.promise;
    },
  };
}
