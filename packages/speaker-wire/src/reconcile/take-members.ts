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
    if (owned !== undefined && mayHaveAnnounced(state, address, newcomers)) {
      for (const interfaceName of state.owned.get(address) ?? []) {
        if (owned.has(interfaceName)) effects.push({ type: 'announceAgain', interfaceName, address });
      }
    }
  }
  if (wereKnown !== (members !== 'joining')) effects.push({ type: 'report', report: stateReport(state) });
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
