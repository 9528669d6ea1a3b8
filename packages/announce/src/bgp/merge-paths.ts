import type { LargeCommunity } from '@steelyard/bgp';
import { advertisesToPeer, type BgpCommunity, type ResolvedBgpAdvertisement } from '@steelyard/config';
import type { BgpPath } from './bgp-entry.ts';
import { sortedTexts } from './sorted-texts.ts';

/** What an advertisement says of a prefix, whatever selects it. */
export type BgpOffer = Pick<ResolvedBgpAdvertisement, 'name' | 'localPref' | 'communities' | 'peers'>;

/** Two advertisements that announce one prefix to the same peers with another LOCAL_PREF. */
export interface BgpLocalPrefConflict {
  /** The older, or the first by name: its LOCAL_PREF is announced. 0 where it gives none. */
  readonly kept: { readonly advertisement: string; readonly localPref: number };
  readonly dropped: { readonly advertisement: string; readonly localPref: number };
  /** Sorted. */
  readonly peers: readonly string[];
}

/** What a prefix is announced with. */
export interface MergedPaths {
  readonly paths: readonly BgpPath[];
  /** All peers of the paths, sorted. */
  readonly peers: readonly string[];
  readonly conflicts: readonly BgpLocalPrefConflict[];
}

/**
 * Makes of all that is offered for a prefix what each peer is told: communities of all offers together, and the
 * LOCAL_PREF of the first. Peers that are told the same share a path.
 *
 * MetalLB takes the LOCAL_PREF of whichever Service comes first in a map without order; here the order decides.
 *
 * @param offers - Those whose LOCAL_PREF stands first: the older, and by name where none is.
 * @param peers - Sorted.
 * @see MetalLB `internal/bgp/native/native.go`, `Set`; `speaker/bgp_controller.go`, `adsForPeer`
 */
export function mergePaths(offers: readonly BgpOffer[], peers: readonly string[]): MergedPaths {
  const byAudience = new Map<string, { readonly offers: readonly BgpOffer[]; readonly peers: string[] }>();
  for (const peer of peers) {
    const own = offers.flatMap((offer, i) => (advertisesToPeer(offer, peer) ? [i] : []));
    const key = own.join();
    const audience = byAudience.get(key) ?? { offers: own.flatMap((i) => offers[i] ?? []), peers: [] };
    audience.peers.push(peer);
    byAudience.set(key, audience);
  }
  byAudience.delete('');
  const paths = new Map<string, BgpPath>();
  const conflicts = new Map<string, BgpLocalPrefConflict>();
  for (const audience of byAudience.values()) {
    const path = pathOf(audience.offers, audience.peers);
    const key = JSON.stringify([path.localPref, path.communities, path.largeCommunities]);
    paths.set(key, { ...path, peers: union(paths.get(key)?.peers, path.peers) });
    for (const [conflictKey, conflict] of conflictsOf(audience.offers, audience.peers)) {
      const known = conflicts.get(conflictKey);
      conflicts.set(conflictKey, { ...conflict, peers: union(known?.peers, conflict.peers) });
    }
  }
  return {
    paths: [...paths.values()],
    peers: sortedTexts([...byAudience.values()].flatMap((audience) => audience.peers)),
    conflicts: [...conflicts.values()],
  };
}

function pathOf(offers: readonly BgpOffer[], peers: readonly string[]): BgpPath {
  const communities = new Set<number>();
  const large = new Map<string, LargeCommunity>();
  for (const community of offers.flatMap((offer) => offer.communities)) {
    if (community.kind === 'legacy') {
      communities.add(community.upper * 0x1_0000 + community.lower);
    } else {
      const { globalAdministrator, localData1, localData2 } = community;
      large.set(keyOf(community), { globalAdministrator, localData1, localData2 });
    }
  }
  return {
    peers,
    localPref: offers[0]?.localPref || undefined,
    communities: [...communities].sort((a, b) => a - b),
    largeCommunities: [...large.values()].sort(
      (a, b) =>
        a.globalAdministrator - b.globalAdministrator || a.localData1 - b.localData1 || a.localData2 - b.localData2,
    ),
  };
}

function keyOf({ globalAdministrator, localData1, localData2 }: BgpCommunity & { kind: 'large' }): string {
  return `${globalAdministrator}:${localData1}:${localData2}`;
}

/** Each offer whose LOCAL_PREF does not stand, with the one whose does. */
function conflictsOf(
  [first, ...others]: readonly BgpOffer[],
  peers: readonly string[],
): readonly (readonly [string, BgpLocalPrefConflict])[] {
  return others.flatMap((other) =>
    first === undefined || other.localPref === first.localPref
      ? []
      : [
          [
            `${first.name} ${first.localPref} ${other.name} ${other.localPref}`,
            { kept: said(first), dropped: said(other), peers },
          ],
        ],
  );
}

function said({ name, localPref }: BgpOffer): BgpLocalPrefConflict['kept'] {
  return { advertisement: name, localPref };
}

function union(a: readonly string[] | undefined, b: readonly string[]): readonly string[] {
  return a === undefined ? b : sortedTexts([...a, ...b]);
}
