import type { Endpoint, PacketMessage } from '../messages/message.ts';
import { pushPullIntervalMs } from './cluster-scaling.ts';
import { gossip } from './dissemination/gossip.ts';
import { considerDead, considerSuspect, suspicionEnded } from './membership/accuse.ts';
import { considerAlive } from './membership/alive.ts';
import { answerPing, answerStreamPing } from './probing/answer-ping.ts';
import {
  probeAnswered,
  probeAnsweredByStream,
  probeDue,
  probeNotSent,
  probeRelayFailed,
  probeTick,
} from './probing/probe.ts';
import { relayAnswered, relayDue, relayPing } from './probing/relay.ts';
import type { ProtocolConfig, ProtocolEffect, ProtocolEvent } from './protocol.ts';
import type { ProtocolState } from './protocol-state.ts';
import { join, leave, setMeta, start } from './synchronisation/join-leave.ts';
import { answerPushPull, endExchange, pushPullAnswered, pushPullTick } from './synchronisation/push-pull.ts';
import { type Deadline, setDeadline } from './timing/deadlines.ts';
import { noticeStall } from './timing/stall.ts';
import { clusterSize, type Turn } from './turn.ts';

export interface ProtocolStep {
  readonly state: ProtocolState;
  readonly effects: readonly ProtocolEffect[];
}

/**
 * Takes one step. Nothing that comes from outside makes it throw.
 *
 * A message that comes again, at once or later, changes nothing that it did not change before: an incarnation that is
 * known is no news, an answer is waited for once, and an accuser counts once. One exception is the library's, and follows
 * from its messages, which have no time: a member that was forgotten comes back for a while when somebody who has the key,
 * or recorded a packet, says `alive` for it again. It is then probed, suspected and declared dead like any other.
 *
 * @param state - Consumed: go on with the one that is returned.
 * @throws RangeError for a time that is no number, or for metadata that is too long.
 */
export function stepProtocol(state: ProtocolState, event: ProtocolEvent, config: ProtocolConfig): ProtocolStep {
  if (!Number.isFinite(event.nowMs)) throw new RangeError(`not a time: ${event.nowMs}`);
  // A clock that goes backwards stands still.
  const nowMs = Math.max(state.nowMs, event.nowMs);
  state.nowMs = nowMs;
  const turn: Turn = { state, config, nowMs, effects: [] };
  noticeStall(turn);
  handle(turn, event);
  const wakeMs = state.deadlines.first()?.atMs;
  // The timer of an early wake is used up.
  if (event.type === 'wake' || wakeMs !== state.wishedWakeMs) {
    state.wishedWakeMs = wakeMs;
    turn.effects.push({ type: 'wakeAt', atMs: wakeMs });
  }
  return { state, effects: turn.effects };
}

function handle(turn: Turn, event: ProtocolEvent): void {
  switch (event.type) {
    case 'start':
      start(turn);
      return;
    case 'wake':
      wake(turn);
      return;
    case 'packetMessage':
      handleMessage(turn, event.message, event.from);
      return;
    case 'sendFailed':
      probeNotSent(turn, event.to);
      return;
    case 'pushPullRequested':
      answerPushPull(turn, event.exchange, event.message);
      return;
    case 'pushPullAnswered':
      pushPullAnswered(turn, event.exchange, event.message);
      return;
    case 'exchangeFailed':
      endExchange(turn, event.exchange, event.reason);
      return;
    case 'streamPing':
      answerStreamPing(turn, event.exchange, event.message);
      return;
    case 'streamPingAnswered':
      probeAnsweredByStream(turn, event.sequence);
      return;
    case 'streamPingFailed':
      // The end of the probe decides: the answer over UDP may still come.
      return;
    case 'join':
      join(turn, event.exchange, event.endpoints);
      return;
    case 'setMeta':
      setMeta(turn, event.meta);
      return;
    case 'leave':
      leave(turn);
      return;
  }
}

function handleMessage(turn: Turn, message: PacketMessage, from: Endpoint): void {
  switch (message.type) {
    case 'ping':
      answerPing(turn, message, from);
      return;
    case 'indirectPing':
      relayPing(turn, message, from);
      return;
    case 'ack':
      if (!probeAnswered(turn, message.sequence)) relayAnswered(turn, message.sequence);
      return;
    case 'nack':
      probeRelayFailed(turn, message.sequence, from);
      return;
    case 'suspect':
      considerSuspect(turn, message);
      return;
    case 'dead':
      considerDead(turn, message);
      return;
    case 'alive':
      considerAlive(turn, message);
      return;
    case 'user':
      turn.effects.push({ type: 'userMessage', payload: message.payload, from });
      return;
  }
}

/** Does what is due, in the order of its times. */
function wake(turn: Turn): void {
  const { deadlines } = turn.state;
  for (let first = deadlines.first(); first !== undefined && first.atMs <= turn.nowMs; first = deadlines.first()) {
    deadlines.remove(first);
    fallDue(turn, first);
  }
}

function fallDue(turn: Turn, deadline: Deadline): void {
  const { config } = turn;
  const { subject } = deadline;
  switch (subject.type) {
    case 'suspicion':
      suspicionEnded(turn, subject.entry);
      return;
    case 'relay':
      relayDue(turn, subject.relay);
      return;
    case 'probe':
      probeDue(turn);
      return;
    case 'probeTick':
      nextTick(turn, deadline, config.probeIntervalMs);
      probeTick(turn);
      return;
    case 'gossipTick':
      nextTick(turn, deadline, config.gossipIntervalMs);
      gossip(turn);
      return;
    case 'pushPullTick':
      nextTick(turn, deadline, pushPullIntervalMs(config.pushPullIntervalMs, clusterSize(turn)));
      pushPullTick(turn);
      return;
  }
}

/** The next tick of the same clock that is still to come: those that were missed are left out, as Go's tickers do. */
function nextTick(turn: Turn, deadline: Deadline, intervalMs: number): void {
  const missed = Math.floor((turn.nowMs - deadline.atMs) / intervalMs);
  const nextMs = deadline.atMs + (missed + 1) * intervalMs;
  setDeadline(turn.state.deadlines, deadline, nextMs > turn.nowMs ? nextMs : turn.nowMs + intervalMs);
}
