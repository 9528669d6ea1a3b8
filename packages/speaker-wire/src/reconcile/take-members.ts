import type { Members } from './outcome.ts';
import { settle } from './settle.ts';
import type { ReconcileState } from './state.ts';
import { stateReport } from './take-network.ts';
import type { ReconcileConfig, ReconcileEffect } from './vocabulary.ts';

/** Looks at every address anew; whoever owns one that a newcomer may have announced says so again. */
export function takeMembers(
  state: ReconcileState,
  members: Members,
  config: ReconcileConfig,
  effects: ReconcileEffect[],
): void {
  const wereKnown = state.members !== 'joining';
  const newcomers = newMembers(state.members, members);
  state.members = members;
  for (const address of state.keysOf.keys()) {
    const owned = state.owned.get(address);
    settle(state, address, config, effects);
    if (owned !== undefined && mayHaveAnnounced(state, address, newcomers))
      announceAgain(state, address, owned, effects);
  }
  if (wereKnown !== (members !== 'joining')) effects.push({ type: 'report', report: stateReport(state) });
}

/** Says again what is owned and what another living member could have announced. */
export function announceContested(
  state: ReconcileState,
  { nodeName }: ReconcileConfig,
  effects: ReconcileEffect[],
): void {
  if (typeof state.members === 'string') return;
  const others = new Set([...state.members].filter((node) => node !== nodeName));
  for (const [address, owned] of state.owned) {
    if (mayHaveAnnounced(state, address, others)) announceAgain(state, address, owned, effects);
  }
}

/** On the interfaces that were owned before; on a new one it is announced anyway. */
function announceAgain(
  state: ReconcileState,
  address: string,
  before: ReadonlySet<string>,
  effects: ReconcileEffect[],
): void {
  for (const interfaceName of state.owned.get(address) ?? []) {
    if (before.has(interfaceName)) effects.push({ type: 'announceAgain', interfaceName, address });
  }
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
