export type {
  BgpDaemon,
  DaemonDescription,
  DaemonFamily,
  DaemonNeighbor,
  NeighborView,
  PathView,
} from './daemon.ts';
export { type FrrDaemon, type FrrOptions, frrConfiguration, startFrr } from './frr.ts';
