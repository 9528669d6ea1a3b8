import type { Cable } from '../lab/index.ts';
import { nodeProgram } from '../lab/node-program.ts';
import { type WaitOptions, waitUntil } from '../wait-until.ts';
import type { SeenNdp } from './message.ts';

/** A neighbour message, and when the watcher read it: milliseconds since 1970, with a fraction. */
export interface WatchedNdp extends SeenNdp {
  readonly atMs: number;
}

/** A program that reads the Neighbor Solicitations and Advertisements which an interface receives. */
export interface NdpWatcher extends AsyncDisposable {
  /** All so far, the oldest first. */
  readonly frames: readonly WatchedNdp[];
  /** The unsolicited advertisements among them. */
  readonly unsolicited: readonly WatchedNdp[];
  /** The first that matches, seen already or to come. */
  waitFor(what: string, matches: (frame: WatchedNdp) => boolean, options?: WaitOptions): Promise<WatchedNdp>;
  /** Forgets what was seen. */
  clear(): void;
  close(): Promise<void>;
}

/** Starts watching; resolves once nothing that arrives is missed. */
export async function watchNdp(cable: Cable): Promise<NdpWatcher> {
  const [program, args] = nodeProgram(new URL('./watch-inside.ts', import.meta.url), [cable.ifname]);
  const frames: WatchedNdp[] = [];
  const watching = cable.namespace.spawn(program, args, { name: `${cable.namespace.name}: NDP watcher` });
  watching.onLine((line) => {
    if (line.startsWith('{')) frames.push(JSON.parse(line) as WatchedNdp);
  });
  await watching.waitForLine(/^watching$/);
  const close = async (): Promise<void> => {
    await watching.stop();
  };
  return {
    frames,
    get unsolicited() {
      return frames.filter(({ kind, solicited }) => kind === 'advertisement' && !solicited);
    },
    waitFor: (what, matches, options) => waitUntil(what, () => frames.find(matches), options),
    clear() {
      frames.length = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
