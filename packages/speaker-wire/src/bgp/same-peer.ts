import type { BgpPeerEntry } from '@steelyard/announce';

/** Whether a session for the one serves the other: all but the name that they go by, and a permission that is always given. */
export function samePeer(a: BgpPeerEntry, b: BgpPeerEntry): boolean {
  return (
    a.peerAddress === b.peerAddress &&
    a.peerPort === b.peerPort &&
    a.localAsn === b.localAsn &&
    a.peerAsn === b.peerAsn &&
    a.sourceAddress === b.sourceAddress &&
    a.holdTimeSeconds === b.holdTimeSeconds &&
    a.keepaliveTimeMs === b.keepaliveTimeMs &&
    a.connectTimeSeconds === b.connectTimeSeconds &&
    a.routerId === b.routerId &&
    a.vrf === b.vrf &&
    a.families.length === b.families.length &&
    a.families.every((family) => b.families.includes(family)) &&
    samePassword(a.password, b.password)
  );
}

/** Looks at every octet, whatever it finds. */
function samePassword(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return a === b;
  return a.reduce((difference, octet, at) => difference | (octet ^ (b[at] ?? 0)), 0) === 0;
}
