export { type Lab, openLab } from './lab.ts';
export {
  type AtRestOptions,
  electedOwner,
  type Lan,
  type LanHost,
  layLan,
  monotonicMs,
  type OwnershipSign,
  type OwnerWatch,
  type OwnerWatchOptions,
  ownersAtRest,
  ownersNow,
  type PartitionKind,
  partition,
  type QueryRound,
  watchOwners,
} from './lan/index.ts';
export type { AttachOptions, Cable, Switch } from './link.ts';
export { listenInside, type NamespaceListener } from './listener.ts';
export type { Namespace } from './namespace.ts';
export { nodeProgram } from './node-program.ts';
export { type LabPrivilege, labEnvironment, labPrivilege, labUnavailableReason } from './privilege.ts';
export {
  type CommandResult,
  type LabProcess,
  type ProcessEnd,
  type RunOptions,
  type SpawnOptions,
  spawnBound,
} from './process.ts';
export { relayInto } from './relay.ts';
export { type RelayedPort, relayOutOf } from './relay-out.ts';
