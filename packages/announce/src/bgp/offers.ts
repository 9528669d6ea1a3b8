import type { ResolvedBgpAdvertisement } from '@steelyard/config';
import type { RoutePeer } from './bgp-peers.ts';
import { type BgpOffer, type MergedPaths, mergePaths } from './merge-paths.ts';
import { isIpv6 } from './prefix.ts';

/** Makes one offer of all advertisements that say the same, also of those of one configuration and of the next. */
export interface Offers {
  of(advertisement: ResolvedBgpAdvertisement): BgpOffer;
  /** Another configuration begins: what nothing asks for any more before the one after it is forgotten. */
  turn(): void;
}

export function createOffers(): Offers {
  let byAdvertisement = new WeakMap<ResolvedBgpAdvertisement, BgpOffer>();
  let before = new Map<string, BgpOffer>();
  let now = new Map<string, BgpOffer>();
  return {
    of(advertisement) {
      const known = byAdvertisement.get(advertisement);
      if (known !== undefined) {
        return known;
      }
      const { name, localPref, communities, peers } = advertisement;
      const said = { name, localPref, communities, peers };
      const key = JSON.stringify(said);
      const offer = now.get(key) ?? before.get(key) ?? said;
      now.set(key, offer);
      byAdvertisement.set(advertisement, offer);
      return offer;
    },
    turn() {
      byAdvertisement = new WeakMap();
      before = now;
      now = new Map();
    },
  };
}

/** Puts together what is offered for a prefix. What has the same offers is put together once. */
export type Merge = (prefix: string, offers: Iterable<BgpOffer>) => MergedPaths;

/**
 * @param peers - Sorted by name.
 * @param advertisements - The names of those that are in force, the older first. Others come after them, by name.
 */
export function createMerge(peers: readonly RoutePeer[], advertisements: readonly string[]): Merge {
  const rank = new Map(advertisements.map((name, i) => [name, i]));
  const namesFor = (family: RoutePeer['families'][number]): readonly string[] =>
    peers.filter(({ families }) => families.includes(family)).map(({ name }) => name);
  const [ipv4, ipv6] = [namesFor('ipv4-unicast'), namesFor('ipv6-unicast')];
  const numbers = new Map<BgpOffer, number>();
  const found = new Map<string, MergedPaths>();

  function numberOf(offer: BgpOffer): number {
    const number = numbers.get(offer) ?? numbers.size;
    numbers.set(offer, number);
    return number;
  }

  function compare(a: BgpOffer, b: BgpOffer): number {
    const byAge = (rank.get(a.name) ?? rank.size) - (rank.get(b.name) ?? rank.size);
    const [x, y] = [JSON.stringify(a), JSON.stringify(b)]; // begins with the name
    return byAge || (x < y ? -1 : 1);
  }

  return (prefix, offers) => {
    const all = [...offers];
    const isV6 = isIpv6(prefix);
    const key = `${isV6 ? 6 : 4} ${all.map(numberOf).sort((a, b) => a - b)}`;
    const known = found.get(key) ?? mergePaths(all.length > 1 ? all.sort(compare) : all, isV6 ? ipv6 : ipv4);
    found.set(key, known);
    return known;
  };
}
