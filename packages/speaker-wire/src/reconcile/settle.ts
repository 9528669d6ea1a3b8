import { familyOf } from './interfaces.ts';
import { type EntryOutcome, outcomeOf, sameOutcome } from './outcome.ts';
import type { KnownEntry, ReconcileState } from './state.ts';
import type { ReconcileConfig, ReconcileEffect } from './vocabulary.ts';
import { endYield, yieldTo } from './yielding.ts';

/** Brings one address up to date: who wants it here, and on which interfaces. */
export function settle(
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

/** What is told of an entry. */
export function report({ entry, outcome }: KnownEntry, before: EntryOutcome | undefined): ReconcileEffect {
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
