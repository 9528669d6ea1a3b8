import type { Endpoint, PacketMessage } from '../../messages/message.ts';
import { sendMessage } from '../dissemination/send-message.ts';
import { isAddress } from '../membership/member-record.ts';
import { newDeadline, setDeadline } from '../timing/deadlines.ts';
import { nextSequence, notice, type Turn } from '../turn.ts';
import { answerEndpoint } from './answer-ping.ts';
import { pingSource } from './probe.ts';
import type { Relay } from './relay-table.ts';

/** Pings on behalf of others that wait for an answer at one time; whoever comes then is not served, and asked others, too. */
const MAX_RELAYS = 256;
/**
 * When the requester is told that there is no answer, as a part of the probe's time-out: Lifeguard's value. Go's library
 * waits for all of it, so that with its own defaults the word arrives when the requester has stopped waiting.
 */
const NACK_PART = 0.8;

/**
 * Somebody asks us to ping a member that does not answer it.
 *
 * @see hashicorp/memberlist `net.go`, `handleIndirectPing`
 */
export function relayPing(
  turn: Turn,
  request: PacketMessage & { readonly type: 'indirectPing' },
  from: Endpoint,
): void {
  const { state, config, nowMs } = turn;
  if (!isAddress(request.target)) return;
  if (state.relays.size >= MAX_RELAYS) {
    notice(turn, 'debug', 'too many ask for pings on their behalf: one is not served', { node: request.node });
    return;
  }
  const relay: Relay = {
    sequence: nextSequence(turn),
    requester: answerEndpoint(request, from),
    requestedSequence: request.sequence,
    expiresAtMs: nowMs + config.probeTimeoutMs,
    nackDue: request.nack,
    deadline: undefined,
  };
  relay.deadline = newDeadline({ type: 'relay', relay });
  state.relays.set(relay.sequence, relay);
  const waitMs = config.probeTimeoutMs * (relay.nackDue ? NACK_PART : 1);
  setDeadline(state.deadlines, relay.deadline, nowMs + waitMs);
  const port = request.port === 0 ? config.advertise.port : request.port;
  sendMessage(
    turn,
    { address: request.target.slice(), port },
    { type: 'ping', sequence: relay.sequence, node: request.node, ...pingSource(config) },
  );
}

/** The member answered: whoever asked is told, unless it waits no longer. */
export function relayAnswered(turn: Turn, sequence: number): void {
  const relay = turn.state.relays.get(sequence);
  if (relay === undefined) return;
  forget(turn, relay);
  if (turn.nowMs > relay.expiresAtMs) return;
  sendMessage(turn, relay.requester, {
    type: 'ack',
    sequence: relay.requestedSequence,
    payload: new Uint8Array(),
  });
}

/** No answer yet: whoever asked is told so, or the relay is over. */
export function relayDue(turn: Turn, relay: Relay): void {
  // Where we slept, it is not the member that failed.
  if (!relay.nackDue || turn.nowMs > relay.expiresAtMs) {
    forget(turn, relay);
    return;
  }
  relay.nackDue = false;
  if (relay.deadline !== undefined) setDeadline(turn.state.deadlines, relay.deadline, relay.expiresAtMs);
  sendMessage(turn, relay.requester, { type: 'nack', sequence: relay.requestedSequence });
}

function forget(turn: Turn, relay: Relay): void {
  turn.state.relays.delete(relay.sequence);
  if (relay.deadline !== undefined) turn.state.deadlines.remove(relay.deadline);
}
