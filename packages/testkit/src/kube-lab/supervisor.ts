import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** The line by which `kube-lab up` says that the control plane serves. */
export interface ReadyLine {
  readonly kubeconfig: string;
  readonly kubeconfigs: Readonly<Record<'admin' | 'controller-manager' | 'scheduler' | 'proxy', string>>;
  readonly url: string;
  readonly token: string;
  readonly directory: string;
  readonly timingsMs: Readonly<Record<'credentials' | 'etcd' | 'apiServer' | 'ready', number>>;
}

export type SupervisorRequest =
  | 'killApiServer'
  | 'startApiServer'
  | 'pauseApiServer'
  | 'resumeApiServer'
  | 'compactEtcd';

export interface SupervisorReply {
  readonly id: number;
  readonly error?: string;
  readonly revision?: number;
}

/** `kube-lab up`, spoken to by lines of JSON. It ends, and clears up, when its standard input closes. */
export interface Supervisor {
  readonly ready: ReadyLine;
  /** Settles when it has ended: with its complaint, or with undefined where it was asked to end. */
  readonly ended: Promise<string | undefined>;
  ask(request: SupervisorRequest): Promise<SupervisorReply>;
  stop(): Promise<void>;
}

const complaintLimit = 8192;

export async function startSupervisor(kubeLabPath: string, args: readonly string[]): Promise<Supervisor> {
  // A session of its own: Ctrl-C in a terminal is for the test runner, whose clean-up may still want the API.
  const child = spawn(kubeLabPath, ['up', ...args], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const conversation = converse(child);
  const ready = await conversation.ready;
  return {
    ready,
    ended: conversation.ended,
    ask: conversation.ask,
    async stop() {
      child.stdin.end();
      await conversation.ended;
    },
  };
}

interface Conversation {
  readonly ready: Promise<ReadyLine>;
  readonly ended: Promise<string | undefined>;
  ask(request: SupervisorRequest): Promise<SupervisorReply>;
}

function converse(child: ChildProcessByStdio<Writable, Readable, Readable>): Conversation {
  const waiting = new Map<number, PromiseWithResolvers<SupervisorReply>>();
  const ready = Promise.withResolvers<ReadyLine>();
  let lastId = 0;

  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as ReadyLine | SupervisorReply;
    if (!('id' in line)) return ready.resolve(line);
    const asked = waiting.get(line.id);
    waiting.delete(line.id);
    if (line.error === undefined) asked?.resolve(line);
    else asked?.reject(new Error(line.error));
  });
  child.stdin.on('error', () => {}); // it has ended, which `ended` tells

  const ended = complaintOf(child).then((complaint) => {
    const error = new Error(complaint ?? 'the control plane has been stopped');
    ready.reject(error);
    for (const asked of waiting.values()) asked.reject(error);
    waiting.clear();
    return complaint;
  });

  return {
    ready: ready.promise,
    ended,
    ask(request) {
      if (child.exitCode !== null || child.stdin.writableEnded) {
        return Promise.reject(new Error('the control plane has been stopped'));
      }
      const asked = Promise.withResolvers<SupervisorReply>();
      lastId += 1;
      waiting.set(lastId, asked);
      child.stdin.write(`${JSON.stringify({ id: lastId, do: request })}\n`);
      return asked.promise;
    },
  };
}

async function complaintOf(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<string | undefined> {
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint = (complaint + chunk).slice(-complaintLimit);
  });
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return code === 0 ? undefined : complaint.trim() || `kube-lab ended with ${code ?? signal}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error); // it could not be started
  }
}
