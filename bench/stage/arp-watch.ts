import { type WaitOptions, waitUntil } from '@steelyard/testkit';
import { compileProgram } from '@steelyard/testkit/flood';
import type { Host } from './network.ts';

/** When addresses were first announced, as a host hears it. */
export interface ArpWatch {
  /** Address → nanoseconds of the monotonic clock, the one of `process.hrtime.bigint()`. */
  readonly firstHeardNs: ReadonlyMap<string, bigint>;
  /** When this address was first announced, once it was. */
  waitFor(address: string, options?: WaitOptions): Promise<bigint>;
  /** Waits until so many addresses were; the time of the last one. */
  waitForCount(count: number, options?: WaitOptions): Promise<bigint>;
  close(): Promise<void>;
}

export interface ArpWatchProgram {
  /** Starts listening; nothing was heard before. */
  start(host: Host): Promise<ArpWatch>;
}

/** Compiles native/arp-watch.c. */
export function compileArpWatch(): ArpWatchProgram {
  const program = compileProgram(new URL('../native/arp-watch.c', import.meta.url));
  return {
    async start({ namespace, cable }) {
      const firstHeardNs = new Map<string, bigint>();
      const watching = namespace.spawn(program, [cable.ifname], { name: 'arp-watch' });
      watching.onLine((line) => {
        const [address = '', ns] = line.split(' ');
        if (ns !== undefined && /^\d+$/.test(ns)) firstHeardNs.set(address, BigInt(ns));
      });
      await watching.waitForLine(/^watching$/);
      return {
        firstHeardNs,
        waitFor: (address, options) =>
          waitUntil(`an announcement of ${address}`, () => firstHeardNs.get(address), { intervalMs: 5, ...options }),
        async waitForCount(count, options) {
          const enough = (): boolean => firstHeardNs.size >= count;
          const what = `announcements of ${count} addresses`;
          await waitUntil(what, enough, { timeoutMs: 60_000, ...options }).catch((error: unknown) => {
            throw new Error(`${what}: only ${firstHeardNs.size} were heard`, { cause: error });
          });
          return [...firstHeardNs.values()].reduce((last, each) => (each > last ? each : last), 0n);
        },
        async close() {
          await watching.stop();
        },
      };
    },
  };
}
