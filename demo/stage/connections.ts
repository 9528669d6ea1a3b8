import { nodeProgram } from '@steelyard/testkit';
import type { PluggedHost } from './network.ts';

/** What the program inside the namespace is told. */
export interface ConnectionOrder {
  readonly address: string;
  readonly port: number;
  readonly intervalMs: number;
  /** A connection that is not there after so long has failed. */
  readonly patienceMs: number;
}

/** A connection that somebody tried to open. */
export interface Attempt {
  readonly number: number;
  readonly startedMs: number;
  readonly connected: boolean;
}

/** Connections that are opened at a fixed rate. */
export interface Connections {
  /** Those whose end is known, in the order in which they were begun. */
  readonly attempts: readonly Attempt[];
  stop(): Promise<void>;
}

const INTERVAL_MS = 100;
const PATIENCE_MS = 500;

/** Starts opening ten connections a second. */
export async function startConnections(
  { namespace }: PluggedHost,
  address: string,
  port: number,
): Promise<Connections> {
  const order: ConnectionOrder = { address, port, intervalMs: INTERVAL_MS, patienceMs: PATIENCE_MS };
  const inside = new URL('./connections-inside.ts', import.meta.url);
  const [program, args] = nodeProgram(inside, [JSON.stringify(order)]);
  const opening = namespace.spawn(program, args, { name: 'connections' });
  const attempts: Attempt[] = [];
  opening.onLine((line) => {
    if (line.startsWith('{')) attempts.push(JSON.parse(line) as Attempt);
  });
  await opening.waitForLine(/^opening$/);
  return {
    get attempts() {
      return attempts.toSorted((a, b) => a.number - b.number);
    },
    async stop() {
      await opening.stop();
    },
  };
}

/** The longest run of connections that failed: from the start of its first until the next one that succeeded. */
export interface Gap {
  readonly failed: number;
  /** 0 where none failed; up to the last attempt where none has succeeded since. */
  readonly seconds: number;
}

export function longestGap(attempts: readonly Attempt[]): Gap {
  let longest: Gap = { failed: 0, seconds: 0 };
  let first: Attempt | undefined;
  let failed = 0;
  for (const attempt of attempts) {
    if (!attempt.connected) {
      first ??= attempt;
      failed += 1;
    }
    if (first !== undefined && failed >= longest.failed) {
      longest = { failed, seconds: (attempt.startedMs - first.startedMs) / 1_000 };
    }
    if (attempt.connected) {
      first = undefined;
      failed = 0;
    }
  }
  return longest;
}
