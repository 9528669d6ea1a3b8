import type { Ipam } from '@steelyard/ipam';
import type { Because } from '../converge/convergence.ts';
import type { AssignerEffect, AssignerEvent } from './assigner-messages.ts';

/** What an assigner is told once. */
export interface AssignerOptions {
  /** `--lb-class`: serve the Services of this class; empty: those without one. */
  readonly loadBalancerClass?: string;
  /** Another controller decides, until `tookOver`. */
  readonly standby?: boolean;
  /** `--parity=metallb`: decide as MetalLB does also where it could be done better. */
  readonly parity?: boolean;
}

/** How much an assigner has done and has to do. */
export interface AssignerStatistics {
  readonly services: number;
  readonly waiting: number;
  /** How often a Service was looked at. */
  readonly looks: number;
  readonly writesInFlight: number;
  /** Another controller decides. */
  readonly standby: boolean;
}

/** Gives addresses to Services: `converge` for all of them, in the right order and no oftener than needed. */
export interface Assigner {
  /** Takes in what happened and says what to do. It never throws at anything that a cluster contains. */
  step(event: AssignerEvent): AssignerEffect[];
  /** Whether Services are being served: all of them and a configuration are known, and nobody else decides. */
  readonly serving: boolean;
  /** Who has what; for counters. Not to be changed. */
  readonly ipam: Pick<Ipam, 'allocationOf' | 'allocations' | 'counters' | 'holdersOf' | 'operations'>;
  readonly statistics: AssignerStatistics;
  /** Why a Service has what it has. */
  explain(key: string): Because | undefined;
}
