import type { Accusation } from '../../messages/message.ts';
import { suspicionTimeoutMs } from '../cluster-scaling.ts';
import { broadcastAccusation } from '../dissemination/broadcast.ts';
import { newDeadline, setDeadline } from '../timing/deadlines.ts';
import { clusterSize, notice, type Turn } from '../turn.ts';
import { incarnationDifference } from './incarnation.ts';
import { isSaneAccusation } from './member-record.ts';
import { isGone, type MemberEntry, updateMember } from './member-table.ts';
import { refute } from './refutation.ts';
import {
  confirmations,
  confirmSuspicion,
  type SuspicionTerms,
  startSuspicion,
  suspicionEndsAtMs,
} from './suspicion.ts';

/**
 * Somebody suspects a member.
 *
 * @see hashicorp/memberlist `state.go`, `suspectNode`
 */
export function considerSuspect(turn: Turn, suspect: Accusation): void {
  const entry = accused(turn, suspect);
  if (entry === undefined) return;
  if (entry.suspicion !== undefined) {
    if (!confirmSuspicion(entry.suspicion, suspect.from)) return;
    broadcastAccusation(turn, suspect);
    scheduleSuspicion(turn, entry);
    return;
  }
  const { member } = entry;
  if (member.status !== 'alive') return;
  if (entry.self) {
    refute(turn, suspect.incarnation);
    turn.effects.push({ type: 'refuted', from: suspect.from });
    notice(turn, 'warn', 'refuted a suspect message', { from: suspect.from });
    return;
  }
  broadcastAccusation(turn, suspect);
  updateMember(
    turn.state.members,
    entry,
    { ...member, status: 'suspect', incarnation: suspect.incarnation },
    turn.nowMs,
  );
  entry.suspicion = startSuspicion(suspect.from, suspicionTerms(turn), turn.nowMs);
  scheduleSuspicion(turn, entry);
}

/**
 * Somebody says that a member is dead, or the member says that it leaves. One accuser is enough.
 *
 * @see hashicorp/memberlist `state.go`, `deadNode`
 */
export function considerDead(turn: Turn, dead: Accusation): void {
  const entry = accused(turn, dead);
  if (entry === undefined) return;
  dropSuspicion(turn, entry);
  if (isGone(entry.member)) return;
  // Whoever leaves marks itself before anything else is heard: what is said of it later finds it gone.
  if (entry.self) {
    refute(turn, dead.incarnation);
    turn.effects.push({ type: 'refuted', from: dead.from });
    notice(turn, 'warn', 'refuted a dead message', { from: dead.from });
    return;
  }
  broadcastAccusation(turn, dead);
  markGone(turn, entry, dead);
}

/** Takes note that a member is dead, or has left. */
export function markGone(turn: Turn, entry: MemberEntry, dead: Accusation): void {
  const status = dead.node === dead.from ? 'left' : 'dead';
  updateMember(turn.state.members, entry, { ...entry.member, status, incarnation: dead.incarnation }, turn.nowMs);
  turn.effects.push({ type: 'memberLeft', member: entry.member });
}

/** Nobody contradicted the suspicion in time. */
export function suspicionEnded(turn: Turn, entry: MemberEntry): void {
  const { suspicion, member } = entry;
  if (suspicion === undefined) return;
  notice(turn, 'warn', 'a member is marked as failed: it was suspected for too long', {
    node: member.node,
    confirmations: confirmations(suspicion),
  });
  considerDead(turn, {
    type: 'dead',
    incarnation: member.incarnation,
    node: member.node,
    from: turn.config.node,
  });
}

export function dropSuspicion(turn: Turn, entry: MemberEntry): void {
  if (entry.suspicion === undefined) return;
  entry.suspicion = undefined;
  if (entry.suspicionDeadline !== undefined) turn.state.deadlines.remove(entry.suspicionDeadline);
}

function accused(turn: Turn, accusation: Accusation): MemberEntry | undefined {
  const entry = turn.state.members.byName.get(accusation.node);
  if (entry === undefined || !isSaneAccusation(accusation)) return undefined;
  return incarnationDifference(accusation.incarnation, entry.member.incarnation) < 0 ? undefined : entry;
}

/**
 * How long, and how many are to confirm. The library aims at two probe intervals less than the multiplier says, as it
 * does not know the phase of others' probes; where there are too few others, none is waited for.
 */
function suspicionTerms(turn: Turn): SuspicionTerms {
  const { suspicionMult, suspicionMaxTimeoutMult, probeIntervalMs } = turn.config;
  const members = clusterSize(turn);
  const wanted = suspicionMult - 2;
  const minMs = suspicionTimeoutMs(suspicionMult, members, probeIntervalMs);
  return {
    minMs,
    maxMs: suspicionMaxTimeoutMult * minMs,
    expectedConfirmations: members - 2 < wanted ? 0 : wanted,
  };
}

function scheduleSuspicion(turn: Turn, entry: MemberEntry): void {
  if (entry.suspicion === undefined) return;
  entry.suspicionDeadline ??= newDeadline({ type: 'suspicion', entry });
  // Where it is over already it ends at the next wake: what contradicts it may be waiting in the socket.
  const atMs = Math.max(turn.nowMs, suspicionEndsAtMs(entry.suspicion));
  setDeadline(turn.state.deadlines, entry.suspicionDeadline, atMs);
}
