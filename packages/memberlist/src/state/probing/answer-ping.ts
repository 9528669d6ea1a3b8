import type { Endpoint, PingSource, StreamMessage } from '../../messages/message.ts';
import { sendMessage } from '../dissemination/send-message.ts';
import { isAddress } from '../membership/member-record.ts';
import { notice, type Turn } from '../turn.ts';

/**
 * Answers a ping, if it is meant for us.
 *
 * @see hashicorp/memberlist `net.go`, `handlePing`
 */
export function answerPing(
  turn: Turn,
  ping: { readonly sequence: number; readonly node: string } & PingSource,
  from: Endpoint,
): void {
  if (!isForUs(turn, ping.node)) return;
  sendMessage(turn, answerEndpoint(ping, from), {
    type: 'ack',
    sequence: ping.sequence,
    payload: new Uint8Array(),
  });
}

/** Answers a ping over TCP, or hangs up. */
export function answerStreamPing(turn: Turn, exchange: number, ping: StreamMessage & { readonly type: 'ping' }): void {
  turn.effects.push(
    isForUs(turn, ping.node)
      ? { type: 'answerStreamPing', exchange, sequence: ping.sequence }
      : { type: 'closeExchange', exchange },
  );
}

/** Where the answer goes: where the ping says, or else where it came from. */
export function answerEndpoint(source: PingSource, from: Endpoint): Endpoint {
  const { sourceAddress, sourcePort } = source;
  if (sourceAddress === undefined || !isAddress(sourceAddress) || sourcePort === undefined || sourcePort === 0) {
    return from;
  }
  return { address: sourceAddress.slice(), port: sourcePort };
}

/** Nobody named means anyone. */
function isForUs(turn: Turn, node: string): boolean {
  if (node === '' || node === turn.config.node) return true;
  notice(turn, 'warn', 'got a ping for another node', { node: node.slice(0, 64) });
  return false;
}
