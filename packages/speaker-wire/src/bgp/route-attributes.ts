import type { BgpPath } from '@steelyard/announce';
import type { RouteAttributes } from '@steelyard/bgp';

/** More different ones than a node has at any time; then all are made anew. */
const MAX_KEPT = 4_096;

const asText = ({ localPref, communities, largeCommunities }: BgpPath): string =>
  `${localPref ?? ''}|${communities.join()}|${largeCommunities
    .map(({ globalAdministrator, localData1, localData2 }) => `${globalAdministrator}:${localData1}:${localData2}`)
    .join()}`;

/** Whether two paths carry the same, whomever they are for. */
export function sameAttributes(a: BgpPath, b: BgpPath): boolean {
  return a === b || asText(a) === asText(b);
}

/** Makes one object of equal attributes, so that a session packs by identity, and 10,000 routes cost one. */
export function createAttributesCache(): (path: BgpPath) => RouteAttributes {
  const kept = new Map<string, RouteAttributes>();
  return (path) => {
    const key = asText(path);
    let attributes = kept.get(key);
    if (attributes === undefined) {
      if (kept.size >= MAX_KEPT) kept.clear();
      const { localPref, communities, largeCommunities } = path;
      attributes = { localPref, communities, largeCommunities };
      kept.set(key, attributes);
    }
    return attributes;
  };
}
