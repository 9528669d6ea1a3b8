import type { Clock } from './clock.ts';
import type { Transport } from './transport/transport.ts';

/** What a speaker stands on. Tests bring their own. */
export interface SpeakerEnvironment {
  readonly transport: Transport;
  readonly clock: Clock;
  /** From 0 (included) to 1 (excluded). */
  random(): number;
}
