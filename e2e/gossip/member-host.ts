import { createInterface } from 'node:readline';
import { type LabProcess, type Namespace, nodeProgram, spawnBound } from '@steelyard/testkit';

/** A member as a host lists it. */
export interface ListedMember {
  readonly name: string;
  readonly address: string;
  /** Of the address as it came over the wire. */
  readonly addressOctets: number;
  readonly port: number;
  readonly meta: string;
  readonly status: 'alive' | 'suspect' | 'dead' | 'left';
}

/** What a member told by itself. `atMs` is of the machine's monotonic clock: the same for all processes. */
export interface HostEvent {
  readonly event:
    | 'join'
    | 'leave'
    | 'update'
    | 'conflict'
    | 'user'
    | 'userState'
    | 'log'
    | 'notice'
    | 'error'
    | 'keyHeard';
  readonly observer: string;
  readonly atMs: number;
  readonly member?: ListedMember;
  readonly payload?: string;
  readonly line?: string;
  readonly index?: number;
  readonly level?: 'debug' | 'warn';
  readonly fields?: Readonly<Record<string, string | number>>;
}

/** How a member is to be. Keys are hexadecimal, the first encrypts. */
export interface StartOrder {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly keys?: readonly string[];
  readonly profile?: 'lan' | 'wan' | 'local';
  readonly label?: string;
  readonly override?: Readonly<Record<string, number | boolean>>;
  readonly meta?: string;
  /** Go's only: an application's part, which MetalLB has not. */
  readonly delegate?: boolean;
  /** Ours only. */
  readonly initialIncarnation?: number;
}

export interface Joined {
  readonly joined: number;
  readonly failure?: string;
}

/** A process with members of one kind. It takes the same orders whichever kind that is. */
export interface MemberHost extends AsyncDisposable {
  readonly kind: 'go' | 'steelyard';
  readonly process: LabProcess;
  readonly events: readonly HostEvent[];
  /** Forgets what was told, and closes all members: for the next test. */
  reset(): Promise<void>;
  onEvent(listener: (event: HostEvent) => void): void;
  order(op: string, fields?: object): Promise<unknown>;
  start(order: StartOrder): Promise<{ readonly port: number }>;
  join(name: string, addresses: readonly string[]): Promise<Joined>;
  leave(name: string, timeoutMs?: number): Promise<void>;
  /** Closes the sockets of a member, which tells nobody. */
  shutdown(name: string): Promise<void>;
  members(name: string): Promise<readonly ListedMember[]>;
}

const oursFile = new URL('./steelyard-host.ts', import.meta.url);

/** Starts a process for members of Go's library, or of ours where there is no `judgePath`; in a namespace, or here. */
export async function startHost(judgePath: string | undefined, namespace?: Namespace): Promise<MemberHost> {
  const [program, args] = judgePath === undefined ? nodeProgram(oursFile) : [judgePath, []];
  const started = namespace === undefined ? spawnBound(program, args) : namespace.spawn(program, args);
  const { child } = started;
  if (child.stdin === null || child.stdout === null) throw new Error('no pipes to the host');
  const input = child.stdin;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Set<(event: HostEvent) => void>();
  const events: HostEvent[] = [];
  const ready = Promise.withResolvers<void>();
  let orders = 0;
  const fail = (): void => {
    const error = new Error(
      `the host of ${judgePath === undefined ? 'ours' : 'the judge'} is gone:\n${started.lines.slice(-10).join('\n')}`,
    );
    ready.reject(error);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  ready.promise.catch(() => {});
  void started.ended.then(fail);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const told = JSON.parse(line) as { id?: number; result?: unknown; error?: string; event?: string };
    if (told.event === 'ready') ready.resolve();
    else if (told.event !== undefined) {
      events.push(told as HostEvent);
      for (const listener of listeners) listener(told as HostEvent);
    } else if (told.id !== undefined) {
      const answer = waiting.get(told.id);
      waiting.delete(told.id);
      if (told.error === undefined) answer?.resolve(told.result);
      else answer?.reject(new Error(told.error));
    }
  });
  const order = (op: string, fields: object = {}): Promise<unknown> => {
    orders += 1;
    const answer = Promise.withResolvers<unknown>();
    if (started.end !== undefined) return Promise.reject(new Error('the host is gone'));
    waiting.set(orders, answer);
    input.write(`${JSON.stringify({ id: orders, op, ...fields })}\n`);
    return answer.promise;
  };
  await ready.promise;
  return {
    kind: judgePath === undefined ? 'steelyard' : 'go',
    process: started,
    events,
    async reset() {
      await order('shutdownAll');
      events.length = 0;
    },
    onEvent: (listener) => void listeners.add(listener),
    order,
    start: (fields) => order('start', fields) as Promise<{ port: number }>,
    join: (name, addresses) => order('join', { name, addresses }) as Promise<Joined>,
    leave: (name, timeoutMs = 5_000) => order('leave', { name, timeoutMs }) as Promise<void>,
    shutdown: (name) => order('shutdown', { name }) as Promise<void>,
    members: (name) => order('members', { name }) as Promise<readonly ListedMember[]>,
    async [Symbol.asyncDispose]() {
      started.kill('SIGKILL');
      await started.ended;
    },
  };
}
