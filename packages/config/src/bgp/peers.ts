import type { ApiObject, ApiObjects } from '../objects/api-object.ts';
import { type Finding, type Problem, problemOf } from '../problem/problem.ts';
import { type ParsedBgpPeer, type PeerSurroundings, readBgpPeer } from './bgp-peer.ts';

/** A BGPPeer as it is and as it was: what is judged together with other peers. */
export interface PeerCandidate {
  readonly object: ApiObject;
  /** As it is, if nothing in it is wrong; else as it was, if it was there. */
  readonly peer: ParsedBgpPeer;
  /** Nothing in it is wrong. */
  readonly valid: boolean;
  /** As it was. */
  readonly before: ParsedBgpPeer | undefined;
}

/** What `readBgpPeers` made of the objects. */
export interface ReadBgpPeers {
  /** The older first. */
  readonly candidates: readonly PeerCandidate[];
  readonly problems: readonly Problem[];
}

/**
 * Reads BGPPeers. One that is wrong stays as it was in `previous`, if it was there.
 *
 * @see MetalLB `internal/config/config.go`, `peersFor`
 */
export function readBgpPeers(
  objects: ApiObjects,
  surroundings: Omit<PeerSurroundings, 'previous'>,
  previous: ReadonlyMap<string, ParsedBgpPeer> = new Map(),
): ReadBgpPeers {
  const candidates: PeerCandidate[] = [];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const object of [...objects.named, ...objects.nameless]) {
    const { reference, spec } = object;
    if (seen.has(reference.name)) {
      problems.push(
        problemOf(reference, {
          field: 'metadata.name',
          value: reference.name,
          code: 'ERR_CONFIG_DUPLICATE_DEFINITION',
          message: `peer ${reference.name} already exists`,
          remedy: 'give the second peer another name; until then only the first is in force',
        }),
      );
      continue;
    }
    seen.add(reference.name);
    const found: Problem[] = [];
    const report = (finding: Finding): void => {
      found.push(problemOf(reference, finding));
    };
    const before = previous.get(reference.name);
    const peer = readBgpPeer(reference, spec, { ...surroundings, previous: before }, report);
    for (const problem of found) {
      problems.push(problem);
    }
    const invalid = found.find(({ severity }) => severity === 'error');
    if (invalid === undefined) {
      candidates.push({ object, peer, valid: true, before });
    } else if (before !== undefined) {
      candidates.push({ object, peer: { ...before, invalid }, valid: false, before });
    }
  }
  return { candidates, problems };
}
