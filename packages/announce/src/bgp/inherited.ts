import type { OutOfForce, ParsedConfig } from '@steelyard/config';

/**
 * What an announcer has from the one before it: what was out of force already when it first saw the objects listed, and
 * has been ever since. Something may be announced by it that nobody here knows of. What goes out of force later stays as
 * it was, if it was in force; and if it was not, nothing was ever announced by it.
 */
export interface Inherited {
  setConfig(config: ParsedConfig): void;
  /** Names of BGPPeers. `undefined` until they are listed: then any may have a session. */
  peers(): ReadonlySet<string> | undefined;
  /** By name, with their pools. */
  advertisements(): OutOfForce['bgpAdvertisements'];
}

export function createInherited(): Inherited {
  let peers: ReadonlySet<string> | undefined;
  let advertisements: OutOfForce['bgpAdvertisements'] | undefined;
  return {
    setConfig({ completeness, unknownKinds, outOfForce }) {
      if (completeness === 'unknown') {
        return;
      }
      const { bgpPeers, bgpAdvertisements } = outOfForce;
      if (peers !== undefined || !unknownKinds.has('BGPPeer')) {
        const before = peers;
        peers = before === undefined ? bgpPeers : new Set([...bgpPeers].filter((name) => before.has(name)));
      }
      if (advertisements !== undefined || !unknownKinds.has('BGPAdvertisement')) {
        const before = advertisements;
        advertisements =
          before === undefined
            ? bgpAdvertisements
            : new Map([...bgpAdvertisements].filter(([name]) => before.has(name)));
      }
    },
    peers: () => peers,
    advertisements: () => advertisements ?? new Map(),
  };
}

/** Whether one of them may be for a pool; for any, where it cannot be told which pool it is. */
export function mayAdvertise(advertisements: OutOfForce['bgpAdvertisements'], pool: string | undefined): boolean {
  return [...advertisements.values()].some((pools) => pools === 'all' || pool === undefined || pools.has(pool));
}
