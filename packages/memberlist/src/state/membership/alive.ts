import type { MemberRecord } from '../../messages/message.ts';
import { broadcastAlive } from '../dissemination/broadcast.ts';
import type { Member } from '../protocol.ts';
import { clusterSize, notice, type Turn } from '../turn.ts';
import { dropSuspicion } from './accuse.ts';
import { equalEndpoints, equalOctets } from './endpoint.ts';
import { incarnationDifference } from './incarnation.ts';
import { recordFault } from './member-record.ts';
import { insertMember, isGone, type MemberEntry, updateMember } from './member-table.ts';
import { refute } from './refutation.ts';
import { keptVersions } from './versions.ts';

/**
 * Somebody says that a member lives.
 *
 * @see hashicorp/memberlist `state.go`, `aliveNode`
 */
export function considerAlive(turn: Turn, said: MemberRecord): void {
  const fault = recordFault(said);
  if (fault !== undefined) {
    notice(turn, 'debug', 'an alive message is ignored', { node: said.node.slice(0, 64), because: fault });
    return;
  }
  // In the protocol's first version members had no port of their own.
  const record = said.port === 0 ? { ...said, port: turn.config.advertise.port } : said;
  const entry = turn.state.members.byName.get(record.node);
  if (entry === undefined) welcome(turn, record);
  else if (entry.self) considerOurselves(turn, entry, record);
  else considerKnown(turn, entry, record);
}

function welcome(turn: Turn, record: MemberRecord): void {
  // The library takes in whoever comes with 0 as dead, and never calls it alive.
  if (record.incarnation === 0) return;
  const { config, nowMs, state } = turn;
  if (clusterSize(turn) >= config.maxMembers) {
    if (!state.fullNoticed) {
      notice(turn, 'warn', 'there are as many members as are kept at most: others are ignored', {
        node: record.node,
        maxMembers: config.maxMembers,
      });
    }
    state.fullNoticed = true;
    return;
  }
  const entry = insertMember(state.members, kept(record, undefined), { self: false, nowMs, random: config.random });
  broadcastAlive(turn, record);
  turn.effects.push({ type: 'memberJoined', member: entry.member });
}

function considerKnown(turn: Turn, entry: MemberEntry, record: MemberRecord): void {
  const before = entry.member;
  const moved = !equalEndpoints(before, record);
  if (moved && !mayMove(turn, entry)) {
    turn.effects.push({ type: 'nameConflict', known: before, other: endpointOf(record) });
    return;
  }
  if (!moved && incarnationDifference(record.incarnation, before.incarnation) <= 0) return;
  dropSuspicion(turn, entry);
  broadcastAlive(turn, record);
  updateMember(turn.state.members, entry, kept(record, before.versions), turn.nowMs);
  if (isGone(before)) turn.effects.push({ type: 'memberJoined', member: entry.member });
  else if (!equalOctets(before.meta, record.meta)) turn.effects.push({ type: 'memberUpdated', member: entry.member });
}

/** A name is free for another address once its member left, or has been dead for as long as the configuration says. */
function mayMove(turn: Turn, entry: MemberEntry): boolean {
  if (entry.member.status === 'left') return true;
  const { deadNodeReclaimTimeMs } = turn.config;
  return (
    entry.member.status === 'dead' &&
    deadNodeReclaimTimeMs > 0 &&
    turn.nowMs - entry.changedAtMs > deadNodeReclaimTimeMs
  );
}

/** An earlier life of ours, somebody with our name, or what we said ourselves and comes around. */
function considerOurselves(turn: Turn, self: MemberEntry, record: MemberRecord): void {
  if (turn.state.leave !== undefined) return;
  const { member } = self;
  if (!equalEndpoints(member, record)) {
    turn.effects.push({ type: 'nameConflict', known: member, other: endpointOf(record) });
    return;
  }
  const newer = incarnationDifference(record.incarnation, member.incarnation);
  if (newer < 0) return;
  const same = equalOctets(record.meta, member.meta) && equalOctets(record.versions, member.versions);
  if (newer === 0 && same) return;
  refute(turn, record.incarnation);
  notice(turn, 'warn', 'refuted an alive message about ourselves', { incarnation: record.incarnation });
}

/** What is kept of a message is copied: the packet it came in is not ours. */
function kept(record: MemberRecord, versionsBefore: Uint8Array | undefined): Member {
  return {
    node: record.node,
    address: record.address.slice(),
    port: record.port,
    incarnation: record.incarnation,
    meta: record.meta.slice(),
    versions: keptVersions(record.versions, versionsBefore),
    status: 'alive',
  };
}

function endpointOf(record: MemberRecord): { readonly address: Uint8Array; readonly port: number } {
  return { address: record.address.slice(), port: record.port };
}
