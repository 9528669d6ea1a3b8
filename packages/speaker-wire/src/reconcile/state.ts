import type { Layer2Entry } from '@steelyard/announce';
import type { Candidate } from '@steelyard/election';
import { type NetworkFacts, NO_NETWORK } from './interfaces.ts';
import type { EntryOutcome, Members } from './outcome.ts';

export interface KnownEntry {
  readonly entry: Layer2Entry;
  /** Costs a hash per candidate, so it is kept. */
  readonly ranking: readonly Candidate[];
  outcome: EntryOutcome | undefined;
}

/** Consumed by each step: only `stepReconcile` may touch it. */
export interface ReconcileState {
  readonly entries: Map<string, KnownEntry>;
  /** Keys of the entries of an address: several Services may share one. */
  readonly keysOf: Map<string, Set<string>>;
  /** On which interfaces an address is owned. No empty sets. */
  readonly owned: Map<string, ReadonlySet<string>>;
  /** What another speaker owns, and is still answered for here until that one is heard. */
  readonly yielding: Map<string, { readonly interfaces: Set<string>; readonly turn: number }>;
  yields: number;
  /** Of staged entries: a snapshot comes in pieces, so that its hashes are not all computed at its end. */
  readonly rankings: WeakMap<Layer2Entry, readonly Candidate[]>;
  network: NetworkFacts;
  members: Members;
  nodesSynced: boolean;
  leaving: boolean;
}

/** Nothing is desired, and no interface is known. */
export function initialReconcileState(): ReconcileState {
  return {
    entries: new Map(),
    keysOf: new Map(),
    owned: new Map(),
    yielding: new Map(),
    yields: 0,
    rankings: new WeakMap(),
    network: NO_NETWORK,
    members: 'unknown',
    nodesSynced: false,
    leaving: false,
  };
}
