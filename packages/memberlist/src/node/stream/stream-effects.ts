import type { ProtocolEffect, ProtocolEvent, StreamMessage } from '../../index.ts';
import type { StreamClient } from './stream-client.ts';

/** What came back, or why nothing did. */
type Outcome = StreamMessage | { readonly type: 'failed'; readonly reason: string };

/** How long connections may take. */
export interface StreamTimeouts {
  readonly dialTimeoutMs: number;
  readonly tcpTimeoutMs: number;
}

/** Asks another member for all that it knows, and tells the state machine what came of it. */
export function exchangeStates(
  { exchange, to, join, states }: ProtocolEffect & { readonly type: 'exchangeStates' },
  client: StreamClient,
  { dialTimeoutMs, tcpTimeoutMs }: StreamTimeouts,
  step: (event: ProtocolEvent) => void,
): void {
  client.ask({
    to,
    message: { type: 'pushPull', join, states, userState: new Uint8Array() },
    dialTimeoutMs,
    timeoutMs: tcpTimeoutMs,
    done: (outcome) => {
      const nowMs = performance.now();
      if (outcome.type === 'pushPull') step({ type: 'pushPullAnswered', exchange, message: outcome, nowMs });
      else step({ type: 'exchangeFailed', exchange, reason: reasonOf(outcome), nowMs });
    },
  });
}

/** Asks a member by TCP whether it lives, where UDP brought no answer. */
export function pingByStream(
  { sequence, to, message, timeoutMs }: ProtocolEffect & { readonly type: 'pingByStream' },
  client: StreamClient,
  step: (event: ProtocolEvent) => void,
): void {
  client.ask({
    to,
    message,
    dialTimeoutMs: timeoutMs,
    timeoutMs,
    done: (outcome) => {
      // hashicorp/memberlist `net.go`, `sendPingAndWaitForAck`: the acknowledgement of another ping is none.
      const answered = outcome.type === 'ack' && outcome.sequence === sequence;
      step({ type: answered ? 'streamPingAnswered' : 'streamPingFailed', sequence, nowMs: performance.now() });
    },
  });
}

/** Why something that came back is no push/pull. */
function reasonOf(outcome: Outcome): string {
  if (outcome.type === 'failed') return outcome.reason;
  if (outcome.type === 'error') return `refused: ${outcome.error.slice(0, 200)}`;
  return `answered with ${outcome.type}`;
}
