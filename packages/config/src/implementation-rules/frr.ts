import { selectsNode } from '../advertisement/reach.ts';
import type { ParsedBgpPeer } from '../bgp/bgp-peer.ts';
import type { PeerCandidate } from '../bgp/peers.ts';
import type { NodeView } from '../configuration-input.ts';
import { objectOr, textOr, type UntrustedObject } from '../objects/untrusted.ts';
import { type Finding, type Problem, problemOf } from '../problem/problem.ts';

/** Peers that can all be in force, by name, and what is wrong with the others. */
export interface JudgedPeers {
  readonly peers: ReadonlyMap<string, ParsedBgpPeer>;
  readonly problems: readonly Problem[];
}

/** What the peers of one node must agree on, and must not share: as written, since FRR's configuration is text. */
interface PeerIdentity {
  readonly routerId: string;
  readonly identifier: string;
  readonly vrf: string;
  readonly myAsn: number;
}

/** What stands on one node. */
interface NodeState {
  routerId: string | undefined;
  readonly identifiers: Set<string>;
  readonly asnByVrf: Map<string, { readonly myAsn: number; readonly identifier: string }>;
}

/**
 * Finds the peers that FRR cannot have on one node: of two the older stands. One that cannot stand as it is stays as it
 * was, if that can.
 *
 * Takes one look for each node of a peer, not one for each pair.
 *
 * @param candidates - The older first.
 * @param nodes - Where there are none, all peers are taken to meet; where they are not known, those that select no nodes.
 * @see MetalLB `internal/config/validation.go`, `checkFRRPeersCompatible`
 */
export function judgeFrrPeers(
  candidates: readonly PeerCandidate[],
  nodes: readonly NodeView[] | undefined,
): JudgedPeers {
  const states = new Map<string, NodeState>();
  const peers = new Map<string, ParsedBgpPeer>();
  const problems: Problem[] = [];
  const nodesOf = (peer: ParsedBgpPeer): readonly string[] => {
    if (nodes === undefined) return ['any'].slice(peer.nodeSelectors.length);
    if (nodes.length === 0) return ['any'];
    return nodes.filter(({ labels }) => selectsNode(peer, labels)).map(({ name }) => name);
  };

  for (const { object, peer, valid, before } of candidates) {
    const identity = valid ? identityOf(objectOr(object.spec)) : identityAsParsed(peer);
    const finding = conflictOf(identity, nodesOf(peer), states);
    if (finding === undefined) {
      stand(identity, nodesOf(peer), states);
      peers.set(peer.name, peer);
      continue;
    }
    const invalid = problemOf(object.reference, finding);
    problems.push(invalid);
    if (valid && before !== undefined) {
      const identityBefore = identityAsParsed(before);
      if (conflictOf(identityBefore, nodesOf(before), states) === undefined) {
        stand(identityBefore, nodesOf(before), states);
        peers.set(peer.name, { ...before, invalid });
      }
    }
  }
  return { peers, problems };
}

function identityOf(spec: UntrustedObject): PeerIdentity {
  const vrf = textOr(spec['vrf']);
  return {
    routerId: textOr(spec['routerID']),
    identifier: identifierOf(textOr(spec['peerAddress']) || textOr(spec['interface']), vrf),
    vrf,
    myAsn: Number(spec['myASN']),
  };
}

function identityAsParsed({
  routerId = '',
  address,
  interface: name = '',
  vrf = '',
  myAsn,
}: ParsedBgpPeer): PeerIdentity {
  return { routerId, identifier: identifierOf(address ?? name, vrf), vrf, myAsn };
}

function identifierOf(end: string, vrf: string): string {
  return vrf === '' ? end : `${end}-${vrf}`;
}

function conflictOf(
  { routerId, identifier, vrf, myAsn }: PeerIdentity,
  nodes: readonly string[],
  states: ReadonlyMap<string, NodeState>,
): Finding | undefined {
  for (const node of nodes) {
    const state = states.get(node);
    if (state?.routerId !== undefined && state.routerId !== routerId) {
      return {
        field: 'spec.routerID',
        value: routerId,
        code: 'ERR_CONFIG_IMPLEMENTATION',
        message: `peer ${routerId} has RouterID different from ${state.routerId}, in FRR mode peers selecting the same node must all have the same RouterID`,
        remedy: 'write the same routerID in all peers of a node; until then the older peer stands',
      };
    }
    if (state?.identifiers.has(identifier) === true) {
      return {
        field: 'spec.peerAddress',
        value: identifier,
        code: 'ERR_CONFIG_IMPLEMENTATION',
        message: `peer ${identifier} already exists, FRR mode doesn't support duplicate BGPPeers selecting the same node`,
        remedy: 'select other nodes, or remove one of the two; until then the older peer stands',
      };
    }
    const inVrf = state?.asnByVrf.get(vrf);
    if (inVrf !== undefined && inVrf.myAsn !== myAsn) {
      return {
        field: 'spec.myASN',
        value: myAsn,
        code: 'ERR_CONFIG_IMPLEMENTATION',
        message: `peer ${identifier} has myAsn different from ${inVrf.identifier}, in FRR mode peers selecting the same node must have the same myAsn within the same VRF`,
        remedy: 'write the same myASN in all peers of a node and VRF; until then the older peer stands',
      };
    }
  }
  return undefined;
}

function stand(
  { routerId, identifier, vrf, myAsn }: PeerIdentity,
  nodes: readonly string[],
  states: Map<string, NodeState>,
): void {
  for (const node of nodes) {
    const state: NodeState = states.get(node) ?? { routerId: undefined, identifiers: new Set(), asnByVrf: new Map() };
    states.set(node, state);
    state.routerId ??= routerId;
    state.identifiers.add(identifier);
    if (!state.asnByVrf.has(vrf)) {
      state.asnByVrf.set(vrf, { myAsn, identifier });
    }
  }
}
