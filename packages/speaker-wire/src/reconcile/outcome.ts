import type { Interfaces, Layer2Entry } from '@steelyard/announce';
import { type Candidate, type ElectionReason, electOwner } from '@steelyard/election';
import type { WithdrawnReason } from '../protocol/report.ts';
import { familyOf, type NetworkFacts } from './interfaces.ts';

/**
 * The living members of the gossip. `unknown` where there is no gossip: then every candidate counts as alive. `joining`
 * before it is known who else is there: then nobody is elected.
 */
export type Members = ReadonlySet<string> | 'unknown' | 'joining';

/** Whether somebody else lives now who was not known to before. Who finds nobody has no newcomer. */
export function hasNewcomer(before: Members, now: Members, nodeName: string): boolean {
  if (typeof now === 'string') return false;
  const known = typeof before === 'string' ? new Set([nodeName]) : before;
  return [...now].some((name) => !known.has(name));
}

/** What is known besides the entry itself. */
export interface Circumstances {
  readonly nodeName: string;
  readonly nodesSynced: boolean;
  readonly members: Members;
  readonly network: NetworkFacts;
  /** Announce an address although this node or the gateway has it. */
  readonly announceOwnAddresses: boolean;
}

/** What this node does about an entry, and why. */
export type EntryOutcome =
  | { readonly announced: true; readonly interfaces: Interfaces; readonly because: ElectionReason }
  | {
      readonly announced: false;
      readonly because: WithdrawnReason | 'InterfaceMissing';
      readonly owner: string | undefined;
    };

/**
 * Decides about one entry.
 *
 * @param ranking - What `rankCandidates` returned for the entry.
 */
export function outcomeOf(entry: Layer2Entry, ranking: readonly Candidate[], now: Circumstances): EntryOutcome {
  if (!now.nodesSynced) return withdrawn('NodesUnknown');
  if (now.members === 'joining') return withdrawn('MembersUnknown');
  const { owner, because } = electOwner(ranking, { members: now.members });
  if (owner === undefined) return withdrawn(because === 'NoCandidate' ? 'NoCandidate' : 'NoLivingCandidate');
  if (owner !== now.nodeName) return withdrawn('NotOwner', owner);
  const { localAddresses, gateways, names } = now.network;
  const usable = now.network.usable[familyOf(entry.address)];
  if (!now.announceOwnAddresses) {
    if (localAddresses.has(entry.address)) return withdrawn('AddressBelongsToNode', owner);
    if (gateways.has(entry.address)) return withdrawn('AddressIsGateway', owner);
  }
  const { interfaces } = entry;
  if (interfaces === 'all') {
    return usable.size === 0 ? withdrawn('NoUsableInterface', owner) : { announced: true, interfaces, because };
  }
  const existing = interfaces.filter((name) => names.has(name));
  if (existing.length === 0) return withdrawn('InterfaceMissing', owner);
  const announcedOn = existing.filter((name) => usable.has(name));
  return announcedOn.length === 0
    ? withdrawn('NoUsableInterface', owner)
    : { announced: true, interfaces: announcedOn, because };
}

function withdrawn(because: WithdrawnReason | 'InterfaceMissing', owner?: string): EntryOutcome {
  return { announced: false, because, owner };
}

/** Whether there is nothing new to tell. Why an election was won is of no interest as long as it is won. */
export function sameOutcome(a: EntryOutcome | undefined, b: EntryOutcome): boolean {
  if (a === undefined || a.announced !== b.announced) return false;
  if (a.announced && b.announced) return sameInterfaces(a.interfaces, b.interfaces);
  return !a.announced && !b.announced && a.because === b.because && a.owner === b.owner;
}

function sameInterfaces(a: Interfaces, b: Interfaces): boolean {
  return a === b || (a !== 'all' && b !== 'all' && a.length === b.length && a.every((name, i) => name === b[i]));
}
