import { encodeMessage } from '../../messages/encode-message.ts';
import type { Endpoint } from '../../messages/message.ts';
import { sendMessage, sendParts } from '../dissemination/send-message.ts';
import { considerSuspect } from '../membership/accuse.ts';
import { equalEndpoints } from '../membership/endpoint.ts';
import { isGone, reapAndShuffle } from '../membership/member-table.ts';
import { pickMembers } from '../membership/pick-members.ts';
import { greatestVersion, NACK_VERSION, STREAM_PING_VERSION } from '../membership/versions.ts';
import type { Member, ProtocolConfig } from '../protocol.ts';
import { setDeadline } from '../timing/deadlines.ts';
import { clusterSize, nextSequence, notice, type Turn } from '../turn.ts';
import { changedHealth, scaledByHealth } from './awareness.ts';
import type { Probe } from './probe-state.ts';

/**
 * Time to probe somebody. A probe that takes longer than the interval makes one tick wait, and no more than one.
 *
 * @see hashicorp/memberlist `state.go`, `probe`
 */
export function probeTick(turn: Turn): void {
  if (turn.state.probe !== undefined) {
    turn.state.probeTickPending = true;
    return;
  }
  const target = nextTarget(turn);
  if (target !== undefined) startProbe(turn, target);
}

/**
 * Whoever is next in the list; this member and the gone are passed over without waiting for another tick. The end of the
 * list costs none either: in the library, it does where this member comes first in the new list.
 */
function nextTarget(turn: Turn): Member | undefined {
  const { state, config } = turn;
  const { members } = state;
  let looked = 0;
  while (looked <= members.probeList.length) {
    const entry = members.probeList[state.probeIndex];
    looked += 1;
    if (entry === undefined) {
      reapAndShuffle(members, {
        nowMs: turn.nowMs,
        olderThanMs: config.gossipToTheDeadTimeMs,
        random: config.random,
      });
      if (clusterSize(turn) < config.maxMembers) state.fullNoticed = false;
      state.probeIndex = 0;
      continue;
    }
    state.probeIndex += 1;
    if (!entry.self && !isGone(entry.member)) return entry.member;
  }
  return undefined;
}

function startProbe(turn: Turn, target: Member): void {
  const { state, config, nowMs } = turn;
  const probe: Probe = {
    sequence: nextSequence(turn),
    target,
    sentAtMs: nowMs,
    endsAtMs: nowMs + scaledByHealth(config.probeIntervalMs, state.healthScore),
    phase: 'direct',
    improvesHealth: true,
    expectedNacks: 0,
    nacksFrom: [],
    answeredByStream: false,
  };
  state.probe = probe;
  // The health gives more time to relays and to TCP, not to the first ping: waiting longer does not bring a packet back.
  setDeadline(state.deadlines, state.probeDeadline, Math.min(nowMs + config.probeTimeoutMs, probe.endsAtMs));
  const ping = { type: 'ping', sequence: probe.sequence, node: target.node, ...pingSource(config) } as const;
  if (target.status === 'alive') {
    sendMessage(turn, target, ping);
    return;
  }
  // Whoever is suspected hears of it with the ping, and can contradict at once. Nothing else goes with it.
  const suspect = { type: 'suspect', incarnation: target.incarnation, node: target.node, from: config.node } as const;
  sendParts(turn, target, [encodeMessage(ping), encodeMessage(suspect)]);
}

/** Whom answers to this member's pings go to. */
export function pingSource(config: ProtocolConfig): {
  readonly sourceAddress: Uint8Array;
  readonly sourcePort: number;
  readonly sourceNode: string;
} {
  return {
    sourceAddress: config.advertise.address,
    sourcePort: config.advertise.port,
    sourceNode: config.node,
  };
}

/** The deadline of the probe has come: that of its first ping, or its own. */
export function probeDue(turn: Turn): void {
  const { probe } = turn.state;
  if (probe === undefined) return;
  if (probe.phase === 'direct') askOthers(turn, probe);
  else giveUp(turn, probe);
}

/** The system could not even send the ping: there is nothing to wait for. It earns no health either. */
export function probeNotSent(turn: Turn, to: Endpoint): void {
  const { probe } = turn.state;
  if (probe?.phase !== 'direct' || !equalEndpoints(probe.target, to)) return;
  probe.improvesHealth = false;
  askOthers(turn, probe);
}

/** No answer: others are asked to try, and TCP is tried. */
function askOthers(turn: Turn, probe: Probe): void {
  const { state, config, nowMs } = turn;
  const { target } = probe;
  probe.phase = 'indirect';
  setDeadline(state.deadlines, state.probeDeadline, probe.endsAtMs);
  const relays = pickMembers(
    config.indirectChecks,
    [state.members.reachable],
    config.random,
    ({ member }) => member.status === 'alive' && member.node !== target.node,
  );
  for (const { member } of relays) {
    const nack = greatestVersion(member) >= NACK_VERSION;
    if (nack) probe.expectedNacks += 1;
    sendMessage(turn, member, {
      type: 'indirectPing',
      sequence: probe.sequence,
      target: target.address,
      port: target.port,
      node: target.node,
      nack,
      ...pingSource(config),
    });
  }
  const timeoutMs = probe.endsAtMs - nowMs;
  if (config.disableTcpPings || greatestVersion(target) < STREAM_PING_VERSION || timeoutMs <= 0) return;
  turn.effects.push({
    type: 'pingByStream',
    sequence: probe.sequence,
    to: { address: target.address, port: target.port },
    message: { type: 'ping', sequence: probe.sequence, node: target.node, ...pingSource(config) },
    timeoutMs,
  });
}

/** An answer, from the target or through somebody else. @returns Whether it was the probe's. */
export function probeAnswered(turn: Turn, sequence: number): boolean {
  const { probe } = turn.state;
  if (probe?.sequence !== sequence) return false;
  endProbe(turn, probe.improvesHealth ? -1 : 0);
  return true;
}

/** The target answered over TCP. That counts in the end only: until then the answer over UDP may still come. */
export function probeAnsweredByStream(turn: Turn, sequence: number): void {
  const { probe } = turn.state;
  if (probe?.sequence === sequence) probe.answeredByStream = true;
}

/** Somebody who was asked got no answer either: so it is not we who are cut off. */
export function probeRelayFailed(turn: Turn, sequence: number, from: Endpoint): void {
  const { probe } = turn.state;
  if (probe?.sequence !== sequence || probe.nacksFrom.length >= probe.expectedNacks) return;
  if (probe.nacksFrom.some((earlier) => equalEndpoints(earlier, from))) return;
  probe.nacksFrom.push({ address: from.address.slice(), port: from.port });
}

function giveUp(turn: Turn, probe: Probe): void {
  const { target } = probe;
  if (probe.answeredByStream) {
    notice(turn, 'warn', 'a member answers over TCP but not over UDP: the network may be misconfigured', {
      node: target.node,
    });
    endProbe(turn, probe.improvesHealth ? -1 : 0);
    return;
  }
  notice(turn, 'debug', 'a member is suspected: it did not answer', { node: target.node });
  // Those who were asked and did not even say that they failed speak against ourselves.
  const missed = probe.expectedNacks > 0 ? probe.expectedNacks - probe.nacksFrom.length : 1;
  const suspect = {
    type: 'suspect',
    incarnation: target.incarnation,
    node: target.node,
    from: turn.config.node,
  } as const;
  considerSuspect(turn, suspect);
  endProbe(turn, missed);
}

function endProbe(turn: Turn, healthDelta: number): void {
  const { state, config } = turn;
  state.probe = undefined;
  state.deadlines.remove(state.probeDeadline);
  state.healthScore = changedHealth(state.healthScore, healthDelta, config.awarenessMaxMultiplier);
  if (!state.probeTickPending) return;
  state.probeTickPending = false;
  probeTick(turn);
}
