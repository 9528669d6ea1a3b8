import type { Endpoint } from '../../messages/message.ts';
import type { Deadline } from '../timing/deadlines.ts';

/** A ping on behalf of somebody else. */
export interface Relay {
  /** Of our own ping. */
  readonly sequence: number;
  readonly requester: Endpoint;
  /** Of the requester's ping: what it waits for. */
  readonly requestedSequence: number;
  readonly expiresAtMs: number;
  /** Whether a `nack` is still to be sent. */
  nackDue: boolean;
  deadline: Deadline | undefined;
}

/** By our own sequence. */
export type RelayTable = Map<number, Relay>;
