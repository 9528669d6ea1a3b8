import { once } from 'node:events';
import { createServer } from 'node:net';
import { type LabProcess, waitUntil } from '@steelyard/testkit';

/** The namespace of Steelyard's own objects: MetalLB's name. */
export const STEELYARD_NAMESPACE = 'metallb-system';
const READY_TIMEOUT_MS = 60_000;

/** A running app. */
export interface App {
  readonly name: string;
  readonly process: LabProcess;
  /** Just before it was started, by the monotonic clock. */
  readonly startedNs: bigint;
  /** Waits until it has read what it needs. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** Wraps what was started. */
export function runningApp(name: string, started: LabProcess, startedNs: bigint, isReady: () => Promise<boolean>): App {
  return {
    name,
    process: started,
    startedNs,
    async ready() {
      const settled = (): Promise<boolean> | boolean => started.end !== undefined || isReady();
      const options = { timeoutMs: READY_TIMEOUT_MS, intervalMs: 100 };
      await waitUntil(`${name} to be ready`, settled, options).catch((error: unknown) => {
        throw new Error(`${name} did not get ready; it said:\n${tailOf(started)}`, { cause: error });
      });
      if (started.end !== undefined) throw new Error(`${name} ended; it said:\n${tailOf(started)}`);
    },
    async stop() {
      await started.stop();
    },
  };
}

function tailOf(started: LabProcess): string {
  return started.lines.slice(-20).join('\n');
}

/** A TCP port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return address.port;
}
