import type { Layer2Entry } from '@steelyard/announce';
import { type Candidate, rankCandidates } from '@steelyard/election';
import { entryKey } from '../protocol/receive.ts';
import type { ReconcileState } from './state.ts';
import type { ReconcileConfig, ReconcileEffect, ReconcileEvent } from './vocabulary.ts';

/** @returns The addresses whose entries changed. */
export function takeSnapshot(
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

export function upsert(state: ReconcileState, entry: Layer2Entry, config: ReconcileConfig, touched: Set<string>): void {
  const key = entryKey(entry);
  const outcome = state.entries.get(key)?.outcome;
  touched.add(entry.address);
  const ranking = state.rankings.get(entry) ?? rank(state, entry, config);
  state.entries.set(key, { entry, ranking, outcome });
  const keys = state.keysOf.get(entry.address);
  if (keys === undefined) state.keysOf.set(entry.address, new Set([key]));
  else keys.add(key);
}

/** Costs a hash for each candidate, unless an entry before it was ranked alike. */
export function rank(state: ReconcileState, entry: Layer2Entry, config: ReconcileConfig): readonly Candidate[] {
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

export function remove(state: ReconcileState, key: string, touched: Set<string>, effects: ReconcileEffect[]): void {
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
