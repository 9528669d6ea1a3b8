export { type BirdDaemon, type BirdOptions, birdConfiguration, startBird } from './bird.ts';
export type {
  BgpDaemon,
  DaemonDescription,
  DaemonFamily,
  DaemonNeighbor,
  NeighborView,
  PathView,
} from './daemon.ts';
export { type ExabgpOptions, exabgpConfiguration, startExabgp } from './exabgp.ts';
export { type FrrDaemon, type FrrOptions, frrConfiguration, startFrr } from './frr.ts';
export { type GobgpOptions, gobgpConfiguration, startGobgp } from './gobgp.ts';
