import type { StatusWrite } from '../service/status-write.ts';
import type { Wish } from './wish.ts';

/** An Event on a Service, in MetalLB's words. */
export interface ServiceEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Why a Service has the addresses that it has, or none. */
export type BecauseCode =
  | 'Assigned'
  | 'SecondFamilyUnavailable'
  | 'RequestRefused'
  | 'InvalidRequest'
  | 'ClusterIPsUnclear'
  | 'AllocationFailed'
  | 'NotEnoughClusterIPs'
  | 'NoClusterIPs'
  | 'NoPools'
  | 'NotLoadBalancer'
  | 'OtherLoadBalancerClass'
  | 'ConfigurationUnknown'
  | 'StandingBy';

/** A reason: the code for programs, the message for people. */
export interface Because {
  readonly code: BecauseCode;
  readonly message: string;
}

/** What one look at a Service came to. */
export interface Convergence {
  /** What the Service has now. */
  readonly addresses: readonly string[];
  readonly pool: string | undefined;
  /** What must be written for it to show that; `undefined` if it does already. */
  readonly write: StatusWrite | undefined;
  readonly events: readonly ServiceEvent[];
  readonly because: Because;
  /** What would have to come free for the Service to get what it lacks. */
  readonly wish: Wish | undefined;
}
