import { entryKey } from '../protocol/receive.ts';
import { rank, remove, takeSnapshot, upsert } from './entries.ts';
import { stepWhileLeaving } from './leaving.ts';
import { report, settle } from './settle.ts';
import type { ReconcileState } from './state.ts';
import { announceContested, takeMembers } from './take-members.ts';
import { takeNetwork } from './take-network.ts';
import type { ReconcileConfig, ReconcileEffect, ReconcileEvent } from './vocabulary.ts';
import { endYield } from './yielding.ts';

export interface ReconcileStep {
  readonly state: ReconcileState;
  readonly effects: readonly ReconcileEffect[];
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
    case 'membersChanged':
      takeMembers(state, event.members, config, effects);
      break;
    case 'presumedDead':
      announceContested(state, config, effects);
      break;
    case 'leaving':
      state.leaving = true;
      break;
    case 'takenOver': // of one that is ours, it is a conflict: announcing it does not make it theirs
    case 'yieldOver':
      break;
  }
}
