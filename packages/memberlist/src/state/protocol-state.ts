import { type Broadcast, type BroadcastQueue, createBroadcastQueue } from './dissemination/broadcast-queue.ts';
import { GREATEST_INITIAL_INCARNATION } from './membership/incarnation.ts';
import { MAX_META_OCTETS, MAX_NAME_OCTETS, utf8LengthUpTo } from './membership/member-record.ts';
import { createMemberTable, insertMember, type MemberEntry, type MemberTable } from './membership/member-table.ts';
import { PROTOCOL_VERSIONS } from './membership/versions.ts';
import type { Probe } from './probing/probe-state.ts';
import type { RelayTable } from './probing/relay-table.ts';
import type { Member, ProtocolConfig } from './protocol.ts';
import type { ExchangeTable } from './synchronisation/exchange-table.ts';
import { createDeadlines, type Deadline, type Deadlines, newDeadline } from './timing/deadlines.ts';

/**
 * All that a member knows. It is consumed by `stepProtocol`, which returns it changed: a table of ten thousand members is
 * not copied for each packet. Look into it with `membersOf` and `memberCountOf` only.
 */
export interface ProtocolState {
  started: boolean;
  nowMs: number;
  readonly members: MemberTable;
  readonly self: MemberEntry;
  readonly broadcasts: BroadcastQueue;
  readonly deadlines: Deadlines;
  readonly probeDeadline: Deadline;
  readonly probeTick: Deadline;
  readonly gossipTick: Deadline;
  readonly pushPullTick: Deadline;
  /** Last one given out: pings of all kinds count in one row. */
  sequence: number;
  healthScore: number;
  probe: Probe | undefined;
  /** The next place of the probe list to look at. */
  probeIndex: number;
  /** A tick came while a probe ran. More than one are one. */
  probeTickPending: boolean;
  readonly relays: RelayTable;
  readonly exchanges: ExchangeTable;
  /** Last number given to an exchange of our own: they count downwards. */
  ownExchange: number;
  leave: { readonly broadcast: Broadcast | undefined; sent: boolean } | undefined;
  /** Whether it was said that there is no room for more members. */
  fullNoticed: boolean;
  wishedWakeMs: number | undefined;
}

/**
 * A member that knows itself only, and has not begun.
 *
 * @throws RangeError for a name, an address, metadata or an incarnation that no other member would take.
 */
export function initialProtocolState(config: ProtocolConfig): ProtocolState {
  checkConfig(config);
  const members = createMemberTable();
  const member: Member = {
    node: config.node,
    address: config.advertise.address.slice(),
    port: config.advertise.port,
    incarnation: config.initialIncarnation,
    meta: config.meta.slice(),
    versions: PROTOCOL_VERSIONS,
    status: 'alive',
  };
  return {
    started: false,
    nowMs: Number.NEGATIVE_INFINITY,
    members,
    self: insertMember(members, member, { self: true, nowMs: 0, random: config.random }),
    broadcasts: createBroadcastQueue(Math.max(1, config.maxMembers)),
    deadlines: createDeadlines(),
    probeDeadline: newDeadline({ type: 'probe' }),
    probeTick: newDeadline({ type: 'probeTick' }),
    gossipTick: newDeadline({ type: 'gossipTick' }),
    pushPullTick: newDeadline({ type: 'pushPullTick' }),
    // Not from 0 as in the library: an answer to an earlier life of ours, late or replayed, answers no ping of this one.
    sequence: Math.floor(config.random() * 2 ** 32),
    healthScore: 0,
    probe: undefined,
    probeIndex: 0,
    probeTickPending: false,
    relays: new Map(),
    exchanges: new Map(),
    ownExchange: 0,
    leave: undefined,
    fullNoticed: false,
    wishedWakeMs: undefined,
  };
}

/** All members that are known, this one and the dead among them. */
export function* membersOf(state: ProtocolState): Iterable<Member> {
  for (const entry of state.members.byName.values()) yield entry.member;
}

/** How many members are known, this one and the dead among them. */
export function memberCountOf(state: ProtocolState): number {
  return state.members.byName.size;
}

function checkConfig(config: ProtocolConfig): void {
  if (config.node === '' || utf8LengthUpTo(config.node, MAX_NAME_OCTETS) > MAX_NAME_OCTETS) {
    throw new RangeError(`a name has 1 to ${MAX_NAME_OCTETS} octets, got ${JSON.stringify(config.node)}`);
  }
  const { address, port } = config.advertise;
  if (address.length !== 4 && address.length !== 16) {
    throw new RangeError(`an address has 4 or 16 octets, got ${address.length}`);
  }
  if (!Number.isInteger(port) || port < 1 || port > 0xffff) {
    throw new RangeError(`not a port that others can reach: ${port}`);
  }
  if (config.meta.length > MAX_META_OCTETS) {
    throw new RangeError(`metadata has at most ${MAX_META_OCTETS} octets, got ${config.meta.length}`);
  }
  const incarnation = config.initialIncarnation;
  if (!Number.isInteger(incarnation) || incarnation < 1 || incarnation > GREATEST_INITIAL_INCARNATION) {
    throw new RangeError(`a first incarnation is from 1 to ${GREATEST_INITIAL_INCARNATION}, got ${incarnation}`);
  }
}
