export type { SeenNdp } from './message.ts';
export { type NdpProbeOptions, type NdpReply, probeNdp } from './probe.ts';
export { type NdpWatcher, type WatchedNdp, watchNdp } from './watch.ts';
