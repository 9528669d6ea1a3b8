import type { Candidate } from '@steelyard/election';
import type { Layer2Decision } from './decide-layer2.ts';
import type { Interfaces, NodeRefusal } from './reach.ts';

/** One address that this node is a candidate for: what the wire thread is told to elect and announce. */
export interface Layer2Entry {
  readonly serviceKey: string;
  readonly address: string;
  /** What the election hashes: the Service's first address, for each of its addresses. */
  readonly electionAddress: string;
  readonly candidates: readonly Candidate[];
  /** Where this node announces it, should it win. */
  readonly interfaces: Interfaces;
  readonly pool: string | undefined;
}

/** Names an entry. */
export interface Layer2EntryKey {
  readonly serviceKey: string;
  readonly address: string;
}

/** Why this node is no candidate for a Service that others may announce. */
export type NodeDecision =
  | { readonly candidate: true; readonly interfaces: Interfaces }
  | { readonly candidate: false; readonly because: NodeRefusal | 'NoServingEndpointOnNode' };

/** What a decision that some nodes may announce means for one of them. */
export function decideForNode(decision: Layer2Decision & { readonly eligible: true }, node: string): NodeDecision {
  if (decision.candidates.some((candidate) => candidate.node === node)) {
    return { candidate: true, interfaces: decision.interfaces.get(node) ?? [] };
  }
  const local = decision.interfaces.has(node) ? 'NoServingEndpointOnNode' : 'UnknownNode';
  return { candidate: false, because: decision.refusedNodes.get(node) ?? local };
}

/** The entries that a decision makes for one node. */
export function entriesFor(serviceKey: string, decision: Layer2Decision, node: string): readonly Layer2Entry[] {
  const own = decision.eligible ? decideForNode(decision, node) : undefined;
  if (!decision.eligible || own?.candidate !== true) {
    return [];
  }
  const { electionAddress, candidates, pool } = decision;
  const { interfaces } = own;
  return decision.addresses.map((address) => ({
    serviceKey,
    address,
    electionAddress,
    candidates,
    interfaces,
    pool,
  }));
}

/** Whether two entries of one key ask for the same. */
export function sameEntry(a: Layer2Entry, b: Layer2Entry): boolean {
  return (
    a.electionAddress === b.electionAddress &&
    a.pool === b.pool &&
    sameInterfaces(a.interfaces, b.interfaces) &&
    sameCandidates(a.candidates, b.candidates)
  );
}

function sameInterfaces(a: Interfaces, b: Interfaces): boolean {
  return a === b || (a !== 'all' && b !== 'all' && a.length === b.length && a.every((name, i) => b[i] === name));
}

function sameCandidates(a: readonly Candidate[], b: readonly Candidate[]): boolean {
  return (
    a === b || (a.length === b.length && a.every(({ node, score }, i) => b[i]?.node === node && b[i].score === score))
  );
}
