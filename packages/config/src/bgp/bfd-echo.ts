import type { Pool } from '../pool/pool.ts';
import { type Problem, problemOf } from '../problem/problem.ts';
import { advertisesToPeer } from './bgp-advertisement.ts';
import type { ParsedBgpPeer } from './bgp-peer.ts';

/** Peers, and what is wrong with their echo mode. */
export interface EchoCheckedPeers {
  readonly peers: ReadonlyMap<string, ParsedBgpPeer>;
  readonly problems: readonly Problem[];
}

/**
 * Takes the echo mode from the peers that are told of IPv6 addresses: there it is not possible. All else of the peer
 * and of its profile stays in force.
 *
 * @see MetalLB `internal/config/validation.go`, `validateConfig`
 */
export function withoutImpossibleEcho(
  peers: ReadonlyMap<string, ParsedBgpPeer>,
  pools: ReadonlyMap<string, Pool>,
): EchoCheckedPeers {
  const open = new Set([...peers.values()].filter(({ bfdProfile }) => bfdProfile?.echoMode === true));
  if (open.size === 0) {
    return { peers, problems: [] };
  }
  const checked = new Map(peers);
  const problems: Problem[] = [];
  for (const pool of pools.values()) {
    if (open.size === 0 || !pool.ranges.some(({ family }) => family === 6)) {
      continue;
    }
    for (const advertisement of pool.bgpAdvertisements) {
      for (const peer of [...open].filter(({ name }) => advertisesToPeer(advertisement, name))) {
        const { bfdProfile } = peer;
        open.delete(peer);
        const invalid = problemOf(peer.object, {
          field: 'spec.bfdProfile',
          value: bfdProfile?.name,
          code: 'ERR_CONFIG_CONFLICT',
          message: `pool ${pool.name} has bgpadvertisement ${advertisement.name} which references peer ${peer.name} which has bfd echo enabled, which is not possible`,
          remedy: 'name a BFDProfile without echoMode; until then the peer is watched without it',
        });
        problems.push(invalid);
        checked.set(peer.name, { ...peer, bfdProfile: bfdProfile && { ...bfdProfile, echoMode: false }, invalid });
      }
    }
  }
  return { peers: checked, problems };
}
