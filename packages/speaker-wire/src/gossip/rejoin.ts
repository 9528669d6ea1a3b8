/** How addresses are tried again that do not answer. */
const FIRST_PAUSE_MS = 2_000;
const MAX_PAUSE_MS = 16_000;

/** Which speakers are to be asked into the gossip, and when again. */
export interface Rejoin {
  /** The addresses that other speakers have, in canonical text; replaces what was said before. */
  setPeers(addresses: readonly string[]): void;
  /**
   * Whom to join now: peers that are no members and were not tried within their pause. A peer that fails is tried after
   * 2 s, then after twice as long each time, up to 16 s: two halves of a cluster that was divided find each other soon.
   */
  due(memberAddresses: ReadonlySet<string>, nowMs: number): readonly string[];
  /** Something says that a peer is back: all are tried at the next `due`. */
  hurry(): void;
}

export function createRejoin(ownAddress: string): Rejoin {
  let peers: readonly string[] = [];
  const tries = new Map<string, { nextMs: number; pauseMs: number }>();
  return {
    setPeers(addresses) {
      peers = [...new Set(addresses)].filter((address) => address !== ownAddress);
      for (const address of tries.keys()) if (!peers.includes(address)) tries.delete(address);
    },
    due(memberAddresses, nowMs) {
      const wanted: string[] = [];
      for (const address of peers) {
        if (memberAddresses.has(address)) {
          tries.delete(address);
          continue;
        }
        const last = tries.get(address);
        if (last !== undefined && nowMs < last.nextMs) continue;
        const pauseMs = Math.min((last?.pauseMs ?? FIRST_PAUSE_MS / 2) * 2, MAX_PAUSE_MS);
        tries.set(address, { nextMs: nowMs + pauseMs, pauseMs });
        wanted.push(address);
      }
      return wanted;
    },
    hurry: () => tries.clear(),
  };
}
