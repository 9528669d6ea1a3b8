import type { Layer2Entry, Layer2EntryKey } from '@steelyard/announce';
import { type Candidate, rankCandidates, type Sha256 } from '@steelyard/election';
import type { Link } from '@steelyard/linux-socket/link';
import { entryKey } from '../protocol/receive.ts';
import type { WireReport } from '../protocol/report.ts';
import { decideAlike, FAMILIES, type Family, familyOf, type NetworkFacts, NO_NETWORK } from './interfaces.ts';
import { type EntryOutcome, type Members, outcomeOf, sameOutcome } from './outcome.ts';

/** Whose reconciliation it is. */
export interface ReconcileConfig {
  readonly nodeName: string;
  readonly announceOwnAddresses: boolean;
  readonly sha256: Sha256;
}

/** What can happen. */
export type ReconcileEvent =
  /** Entries of a snapshot that is still coming in. They are ranked, and change nothing. */
  | { readonly type: 'staged'; readonly entries: readonly Layer2Entry[] }
  | {
      readonly type: 'snapshot';
      readonly entries: ReadonlyMap<string, Layer2Entry>;
      /** Whether what is not among `entries` is to be withdrawn. */
      readonly complete: boolean;
      /** While false nobody is elected. After a snapshot with all Nodes, one without changes nothing. */
      readonly nodesSynced: boolean;
    }
  | { readonly type: 'change'; readonly upserts: readonly Layer2Entry[]; readonly removals: readonly Layer2EntryKey[] }
  | { readonly type: 'networkChanged'; readonly network: NetworkFacts }
  | { readonly type: 'membersChanged'; readonly members: Members }
  /** This speaker has said goodbye. It keeps what it has until somebody else announces it, and takes nothing more. */
  | { readonly type: 'leaving' }
  /** Another host announces an address. */
  | { readonly type: 'takenOver'; readonly interfaceName: string; readonly address: string }
  /** An address that was to be yielded was not announced by another host in time. `turn` is the effect's. */
  | { readonly type: 'yieldOver'; readonly address: string; readonly turn: number };

/** What the caller must now do, in this order. */
export type ReconcileEffect =
  | { readonly type: 'openResponder'; readonly family: Family; readonly interfaceName: string; readonly link: Link }
  | { readonly type: 'linkChanged'; readonly family: Family; readonly interfaceName: string; readonly link: Link }
  | { readonly type: 'closeResponder'; readonly family: Family; readonly interfaceName: string }
  | { readonly type: 'own'; readonly interfaceName: string; readonly address: string }
  | { readonly type: 'disown'; readonly interfaceName: string; readonly address: string }
  /** Neighbours may have heard another speaker meanwhile. */
  | { readonly type: 'announceAgain'; readonly interfaceName: string; readonly address: string }
  /** Another speaker owns it now: it is answered for until that one is heard. Give a `yieldOver` after a while. */
  | { readonly type: 'yield'; readonly address: string; readonly turn: number }
  | { readonly type: 'report'; readonly report: WireReport };

interface KnownEntry {
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

export interface ReconcileStep {
  readonly state: ReconcileState;
  readonly effects: readonly ReconcileEffect[];
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

/**
 * Keeps what is owned equal to what is desired. A change of entries costs as much as the entries that changed; a
 * change of the members, or of the network where it matters, is one pass over the addresses.
 */
export function stepReconcile(state: ReconcileState, event: ReconcileEvent, config: ReconcileConfig): ReconcileStep {
  const effects: ReconcileEffect[] = [];
  if (event.type === 'takenOver') endYield(state, event.address, effects, event.interfaceName);
  if (event.type === 'yieldOver' && state.yielding.get(event.address)?.turn === event.turn) {
    endYield(state, event.address, effects);
  }
  if (state.leaving) stepWhileLeaving(state, event, effects);
  else stepInOffice(state, event, config, effects);
  return { state, effects };
}

/**
 * How many owned addresses somebody else could announce: what a speaker that leaves waits for. Without gossip nobody
 * would, for every Node counts as alive.
 */
export function addressesWithSuccessor({ owned, keysOf, entries, members }: ReconcileState, nodeName: string): number {
  if (typeof members === 'string') return 0;
  const hasSuccessor = (key: string): boolean =>
    entries.get(key)?.ranking.some(({ node }) => node !== nodeName && members.has(node)) === true;
  return [...owned.keys()].filter((address) => [...(keysOf.get(address) ?? [])].some(hasSuccessor)).length;
}

function newMembers(before: Members, now: Members): ReadonlySet<string> {
  if (typeof before === 'string' || typeof now === 'string') return new Set();
  return new Set([...now].filter((node) => !before.has(node)));
}

/**
 * Whether a speaker that has just been found again may have announced an address as its own, while it was alone. Whoever
 * owns it then must be heard last.
 */
function mayHaveAnnounced(
  { keysOf, entries }: ReconcileState,
  address: string,
  newcomers: ReadonlySet<string>,
): boolean {
  if (newcomers.size === 0) return false;
  const isCandidate = (key: string): boolean =>
    entries.get(key)?.ranking.some(({ node }) => newcomers.has(node)) === true;
  return [...(keysOf.get(address) ?? [])].some(isCandidate);
}

/** Whether another host's announcement of an address changes anything here. */
export function awaitsTakeover({ leaving, yielding }: ReconcileState, address: string): boolean {
  return leaving || yielding.has(address);
}

/** Falls silent for an address that another speaker owns, on one interface or on all. */
function endYield(state: ReconcileState, address: string, effects: ReconcileEffect[], interfaceName?: string): void {
  const yielded = state.yielding.get(address);
  if (yielded === undefined) return;
  for (const name of interfaceName === undefined ? [...yielded.interfaces] : [interfaceName]) {
    if (yielded.interfaces.delete(name)) effects.push({ type: 'disown', interfaceName: name, address });
  }
  if (yielded.interfaces.size === 0) state.yielding.delete(address);
}

/** What is no longer desired falls silent, and what another announces; nothing is taken. */
function stepWhileLeaving(state: ReconcileState, event: ReconcileEvent, effects: ReconcileEffect[]): void {
  const release = (address: string, interfaceName: string): void => {
    const owned = new Set(state.owned.get(address));
    if (!owned.delete(interfaceName)) return;
    effects.push({ type: 'disown', interfaceName, address });
    if (owned.size === 0) state.owned.delete(address);
    else state.owned.set(address, owned);
  };
  if (event.type === 'takenOver') release(event.address, event.interfaceName);
  if (event.type !== 'change') return;
  const touched = new Set<string>();
  for (const removal of event.removals) remove(state, entryKey(removal), touched, effects);
  for (const address of touched) {
    if (state.keysOf.has(address)) continue;
    endYield(state, address, effects);
    for (const interfaceName of state.owned.get(address) ?? []) release(address, interfaceName);
  }
}

function stepInOffice(
  state: ReconcileState,
  event: ReconcileEvent,
  config: ReconcileConfig,
  effects: ReconcileEffect[],
): void {
  switch (event.type) {
    case 'staged':
      for (const entry of event.entries) state.rankings.set(entry, rank(state, entry, config));
      break;
    case 'snapshot': {
      const wasSynced = state.nodesSynced;
      // Its candidates are a part of the truth at best; who was elected from all of them stands.
      if (wasSynced && !event.nodesSynced) break;
      state.nodesSynced = event.nodesSynced;
      const touched = takeSnapshot(state, event, config, effects);
      const addresses = wasSynced === event.nodesSynced ? touched : new Set([...touched, ...state.keysOf.keys()]);
      const reported = new Set<string>();
      for (const address of addresses) settle(state, address, config, effects, reported);
      // A new session starts from nothing: it is told of every entry once.
      for (const [key, known] of state.entries) {
        if (!reported.has(key) && event.entries.has(key)) effects.push(report(known, known.outcome));
      }
      break;
    }
    case 'change': {
      const touched = new Set<string>();
      for (const removal of event.removals) remove(state, entryKey(removal), touched, effects);
      for (const entry of event.upserts) upsert(state, entry, config, touched);
      for (const address of touched) settle(state, address, config, effects);
      break;
    }
    case 'networkChanged':
      takeNetwork(state, event.network, config, effects);
      break;
    case 'membersChanged': {
      const wereKnown = state.members !== 'joining';
      const newcomers = newMembers(state.members, event.members);
      state.members = event.members;
      for (const address of state.keysOf.keys()) {
        const owned = state.owned.get(address);
        settle(state, address, config, effects);
        if (owned !== undefined && mayHaveAnnounced(state, address, newcomers)) {
          for (const interfaceName of state.owned.get(address) ?? []) {
            if (owned.has(interfaceName)) effects.push({ type: 'announceAgain', interfaceName, address });
          }
        }
      }
      if (wereKnown !== (event.members !== 'joining')) effects.push({ type: 'report', report: stateReport(state) });
      break;
    }
    case 'leaving':
      state.leaving = true;
      break;
    case 'takenOver': // of one that is ours, it is a conflict: announcing it does not make it theirs
    case 'yieldOver':
      break;
  }
}

/** @returns The addresses whose entries changed. */
function takeSnapshot(
  state: ReconcileState,
  { entries, complete }: ReconcileEvent & { readonly type: 'snapshot' },
  config: ReconcileConfig,
  effects: ReconcileEffect[],
): ReadonlySet<string> {
  const touched = new Set<string>();
  if (complete) {
    for (const key of state.entries.keys()) if (!entries.has(key)) remove(state, key, touched, effects);
  }
  for (const entry of entries.values()) upsert(state, entry, config, touched);
  return touched;
}

function upsert(state: ReconcileState, entry: Layer2Entry, config: ReconcileConfig, touched: Set<string>): void {
  const key = entryKey(entry);
  const outcome = state.entries.get(key)?.outcome;
  touched.add(entry.address);
  const ranking = state.rankings.get(entry) ?? rank(state, entry, config);
  state.entries.set(key, { entry, ranking, outcome });
  const keys = state.keysOf.get(entry.address);
  if (keys === undefined) state.keysOf.set(entry.address, new Set([key]));
  else keys.add(key);
}

function rank(state: ReconcileState, entry: Layer2Entry, config: ReconcileConfig): readonly Candidate[] {
  const before = state.entries.get(entryKey(entry));
  if (before !== undefined && ranksAlike(before.entry, entry)) return before.ranking;
  return rankCandidates(entry.candidates, entry.electionAddress, config.sha256);
}

function ranksAlike(a: Layer2Entry, b: Layer2Entry): boolean {
  return (
    a.electionAddress === b.electionAddress &&
    a.candidates.length === b.candidates.length &&
    a.candidates.every(({ node, score }, i) => b.candidates[i]?.node === node && b.candidates[i].score === score)
  );
}

function remove(state: ReconcileState, key: string, touched: Set<string>, effects: ReconcileEffect[]): void {
  const known = state.entries.get(key);
  if (known === undefined) return;
  const { address, serviceKey } = known.entry;
  state.entries.delete(key);
  const keys = state.keysOf.get(address);
  keys?.delete(key);
  if (keys?.size === 0) state.keysOf.delete(address);
  touched.add(address);
  const wasAnnounced = known.outcome?.announced === true;
  effects.push({
    type: 'report',
    report: {
      type: 'withdrawn',
      serviceKey,
      address,
      because: 'NoLongerDesired',
      owner: undefined,
      wasAnnounced,
      fresh: true,
    },
  });
}

function takeNetwork(
  state: ReconcileState,
  network: NetworkFacts,
  config: ReconcileConfig,
  effects: ReconcileEffect[],
): void {
  const before = state.network;
  state.network = network;
  for (const family of FAMILIES) {
    for (const [interfaceName, link] of network.usable[family]) {
      const known = before.usable[family].get(interfaceName);
      if (known === undefined) effects.push({ type: 'openResponder', family, interfaceName, link });
      else if (known !== link) effects.push({ type: 'linkChanged', family, interfaceName, link });
    }
  }
  if (!decideAlike(before, network)) {
    for (const address of state.keysOf.keys()) settle(state, address, config, effects);
  }
  for (const family of FAMILIES) {
    for (const interfaceName of before.usable[family].keys()) {
      if (network.usable[family].has(interfaceName)) continue;
      for (const address of state.yielding.keys()) {
        if (familyOf(address) === family) endYield(state, address, effects, interfaceName);
      }
      effects.push({ type: 'closeResponder', family, interfaceName });
    }
  }
  if (interfacesOf(network).join('\n') !== interfacesOf(before).join('\n')) {
    effects.push({ type: 'report', report: stateReport(state) });
  }
}

/** What is announced on, and whether anybody can be elected. */
export function stateReport({ network, members }: ReconcileState): WireReport {
  return { type: 'state', interfaces: interfacesOf(network), membersKnown: members !== 'joining' };
}

/** The names of all that something is announced on. */
function interfacesOf({ usable }: NetworkFacts): readonly string[] {
  return [...new Set([...usable.ipv4.keys(), ...usable.ipv6.keys()])];
}

/** Brings one address up to date: who wants it here, and on which interfaces. */
function settle(
  state: ReconcileState,
  address: string,
  config: ReconcileConfig,
  effects: ReconcileEffect[],
  reported?: Set<string>,
): void {
  const wanted = new Set<string>();
  let isAnothers = false;
  const circumstances = { ...config, ...state };
  for (const key of state.keysOf.get(address) ?? []) {
    const known = state.entries.get(key);
    if (known === undefined) continue;
    const outcome = outcomeOf(known.entry, known.ranking, circumstances);
    if (outcome.announced) {
      const names = outcome.interfaces === 'all' ? state.network.usable[familyOf(address)].keys() : outcome.interfaces;
      for (const name of names) wanted.add(name);
    } else if (outcome.because === 'NotOwner') {
      isAnothers = true;
    }
    if (!sameOutcome(known.outcome, outcome)) {
      effects.push(report({ ...known, outcome }, known.outcome));
      reported?.add(key);
    }
    known.outcome = outcome;
  }
  const owned = state.owned.get(address);
  if (wanted.size === 0 && isAnothers) {
    if (owned !== undefined) yieldTo(state, address, owned, effects);
    return;
  }
  endYield(state, address, effects); // so that what is owned again is announced again
  for (const interfaceName of wanted) {
    if (owned?.has(interfaceName) !== true) effects.push({ type: 'own', interfaceName, address });
  }
  for (const interfaceName of owned ?? []) {
    if (!wanted.has(interfaceName)) effects.push({ type: 'disown', interfaceName, address });
  }
  if (wanted.size === 0) state.owned.delete(address);
  else state.owned.set(address, wanted);
}

/** Make before break: who is owner now may need a moment more, and until it is heard somebody must answer. */
function yieldTo(state: ReconcileState, address: string, owned: ReadonlySet<string>, effects: ReconcileEffect[]): void {
  state.owned.delete(address);
  state.yields += 1;
  const turn = state.yields;
  state.yielding.set(address, { interfaces: new Set(owned), turn });
  effects.push({ type: 'yield', address, turn });
}

function report({ entry, outcome }: KnownEntry, before: EntryOutcome | undefined): ReconcileEffect {
  const { serviceKey, address } = entry;
  const wasAnnounced = before?.announced === true;
  if (outcome?.announced === true) {
    const { interfaces, because } = outcome;
    const fresh = !wasAnnounced;
    return { type: 'report', report: { type: 'announced', serviceKey, address, interfaces, because, fresh } };
  }
  const fresh = before === undefined || before.announced || before.because !== outcome?.because;
  if (outcome?.because === 'InterfaceMissing') {
    const interfaces = entry.interfaces === 'all' ? [] : entry.interfaces;
    return {
      type: 'report',
      report: { type: 'interfaceMissing', serviceKey, address, interfaces, wasAnnounced, fresh },
    };
  }
  const because = outcome?.because ?? 'NodesUnknown';
  return {
    type: 'report',
    report: { type: 'withdrawn', serviceKey, address, because, owner: outcome?.owner, wasAnnounced, fresh },
  };
}
