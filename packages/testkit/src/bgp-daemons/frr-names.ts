/** FRR's names of well-known communities in JSON. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  noExport: '65535:65281',
  noAdvertise: '65535:65282',
  localAs: '65535:65283',
  noPeer: '65535:65284',
  gracefulShutdown: '65535:0',
  blackhole: '65535:666',
  llgrStale: '65535:6',
  noLlgr: '65535:7',
};

/** A community as FRR lists it, in numbers. */
export function communityInNumbers(name: string): string {
  return WELL_KNOWN[name] ?? name;
}
