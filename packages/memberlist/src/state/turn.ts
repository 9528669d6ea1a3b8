import type { ProtocolConfig, ProtocolEffect } from './protocol.ts';
import type { ProtocolState } from './protocol-state.ts';

/** One step while it is taken: what all its parts have in common. */
export interface Turn {
  readonly state: ProtocolState;
  readonly config: ProtocolConfig;
  readonly nowMs: number;
  readonly effects: ProtocolEffect[];
}

export function notice(
  turn: Turn,
  level: 'debug' | 'warn',
  message: string,
  fields: Readonly<Record<string, string | number>>,
): void {
  turn.effects.push({ type: 'notice', level, message, fields });
}

/** The number of the next ping. */
export function nextSequence(turn: Turn): number {
  turn.state.sequence = (turn.state.sequence + 1) >>> 0;
  return turn.state.sequence;
}

/** Everybody that is known, itself and the dead among them: what the library scales its timers and its gossip by. */
export function clusterSize(turn: Turn): number {
  return turn.state.members.byName.size;
}
