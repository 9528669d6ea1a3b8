/**
 * Which addresses a LoadBalancer Service gets, and why: MetalLB's decisions in MetalLB's order, for one Service
 * ({@link converge}) and for all of a cluster ({@link createAssigner}).
 *
 * Not a controller: it watches nothing, writes nothing and keeps no clock. Its caller brings it what changed and does
 * what it says.
 *
 * @packageDocumentation
 */

export { createAssigner } from './assigner/assigner.ts';
export type { AssignerEffect, AssignerEvent, ServiceReference } from './assigner/assigner-messages.ts';
export type { Assigner, AssignerOptions, AssignerStatistics } from './assigner/assigner-surface.ts';
export { type ConvergeOptions, converge } from './converge/converge.ts';
export type { Because, BecauseCode, Convergence, ServiceEvent } from './converge/convergence.ts';
export type { Habits } from './converge/habits.ts';
export { type AssignConfig, type OrderedPools, orderPools, poolSpecs } from './converge/pool-order.ts';
export type { Memories } from './converge/reassignment.ts';
export type { Need, Wish } from './converge/wish.ts';
export { type IngressView, type PortView, projectService, type ServiceView } from './service/service-view.ts';
export { applyStatusWrite, type StatusWrite, statusWrite } from './service/status-write.ts';
