import type { Endpoint } from '../../messages/message.ts';
import type { Member } from '../protocol.ts';

/** The one probe that runs. */
export interface Probe {
  readonly sequence: number;
  /** As it was known when the probe began: what it refutes meanwhile is newer than the accusation. */
  readonly target: Member;
  readonly sentAtMs: number;
  /** Later where this process did not run in between. */
  endsAtMs: number;
  /** `direct`: only the target was asked yet. */
  phase: 'direct' | 'indirect';
  /** Whether success improves the own health: not where the ping could not be sent. */
  improvesHealth: boolean;
  expectedNacks: number;
  /** Who said that it got no answer either. A packet that comes twice counts once. */
  readonly nacksFrom: Endpoint[];
  answeredByStream: boolean;
}
