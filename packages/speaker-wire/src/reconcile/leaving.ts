import { entryKey } from '../protocol/receive.ts';
import { remove } from './entries.ts';
import type { ReconcileState } from './state.ts';
import type { ReconcileEffect, ReconcileEvent } from './vocabulary.ts';
import { endYield } from './yielding.ts';

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

/** Whether another host's announcement of an address changes anything here. */
export function awaitsTakeover({ leaving, yielding }: ReconcileState, address: string): boolean {
  return leaving || yielding.has(address);
}

/** What is no longer desired falls silent, and what another announces; nothing is taken. */
export function stepWhileLeaving(state: ReconcileState, event: ReconcileEvent, effects: ReconcileEffect[]): void {
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
