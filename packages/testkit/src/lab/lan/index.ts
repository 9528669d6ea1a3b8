export { electedOwner } from './elected-owner.ts';
export { type Lan, type LanHost, layLan } from './lan.ts';
export {
  monotonicMs,
  type OwnershipSign,
  type OwnerWatch,
  type OwnerWatchOptions,
  type QueryRound,
  watchOwners,
} from './owner-watch.ts';
export { type AtRestOptions, ownersAtRest, ownersNow } from './owners-at-rest.ts';
export { type PartitionKind, partition } from './partition.ts';
