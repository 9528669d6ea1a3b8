export type { SeenArp } from './packet.ts';
export { type ArpProbeOptions, type ArpReply, probeArp } from './probe.ts';
export { type ArpWatcher, type WatchedArp, watchArp } from './watch.ts';
