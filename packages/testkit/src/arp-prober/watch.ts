import type { Cable } from '../lab/index.ts';
import { nodeProgram } from '../lab/node-program.ts';
import { type WaitOptions, waitUntil } from '../wait-until.ts';
import type { SeenArp } from './packet.ts';

/** An ARP frame, and when the watcher read it: milliseconds since 1970, with a fraction. */
export interface WatchedArp extends SeenArp {
  readonly atMs: number;
}

/** A program that reads the ARP frames which an interface receives. */
export interface ArpWatcher extends AsyncDisposable {
  /** All so far, the oldest first. */
  readonly frames: readonly WatchedArp[];
  /** The first frame that matches, seen already or to come. */
  waitFor(what: string, matches: (frame: WatchedArp) => boolean, options?: WaitOptions): Promise<WatchedArp>;
  /** Forgets what was seen. */
  clear(): void;
  close(): Promise<void>;
}

/** Starts watching; resolves once nothing that arrives is missed. */
export async function watchArp(cable: Cable): Promise<ArpWatcher> {
  const [program, args] = nodeProgram(new URL('./watch-inside.ts', import.meta.url), [cable.ifname]);
  const frames: WatchedArp[] = [];
  const watching = cable.namespace.spawn(program, args, { name: `${cable.namespace.name}: ARP watcher` });
  watching.onLine((line) => {
    if (line.startsWith('{')) frames.push(JSON.parse(line) as WatchedArp);
  });
  await watching.waitForLine(/^watching$/);
  const close = async (): Promise<void> => {
    await watching.stop();
  };
  return {
    frames,
    waitFor: (what, matches, options) => waitUntil(what, () => frames.find(matches), options),
    clear() {
      frames.length = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
