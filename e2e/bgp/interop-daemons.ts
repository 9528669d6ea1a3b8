import {
  type BgpDaemon,
  type DaemonDescription,
  type DaemonNeighbor,
  type Namespace,
  startBird,
  startExabgp,
  startFrr,
  startGobgp,
} from '@steelyard/testkit';

export type Kind = BgpDaemon['kind'];
/** Those that keep a table. */
export const ROUTERS: readonly Kind[] = ['frr', 'bird', 'gobgp'];
export const ALL: readonly Kind[] = [...ROUTERS, 'exabgp'];

/** Starts one, whatever it is. */
export function startDaemon(
  kind: Kind,
  namespace: Namespace,
  description: DaemonDescription & { readonly localAddress: string },
): Promise<BgpDaemon> {
  switch (kind) {
    case 'frr':
      return startFrr(namespace, description);
    case 'bird':
      return startBird(namespace, description);
    case 'gobgp':
      return startGobgp(namespace, description);
    case 'exabgp':
      return startExabgp(namespace, description);
  }
}

/** What is done to a session of a daemon, in its own words. BIRD's first neighbour is `peer0`. */
export interface Orders {
  /** Asks for all routes again. */
  refresh(address: string): readonly string[];
  /** Ends the session, and begins it anew. */
  clear(address: string): readonly string[];
  /** Ends it with a text for the other side. */
  shutDown(address: string, text: string): readonly string[];
  start(address: string): readonly string[];
  /** Lets it come back after too many prefixes. */
  forgive(address: string): readonly string[];
}

const frr = (...words: readonly string[]): readonly string[] => ['configure terminal', 'router bgp', ...words];
const ORDERS: Readonly<Record<'frr' | 'bird' | 'gobgp', Orders>> = {
  frr: {
    refresh: (address) => [`clear bgp ${address} soft in`],
    clear: (address) => [`clear bgp ${address}`],
    shutDown: (address, text) => frr(`neighbor ${address} shutdown message ${text}`),
    start: (address) => frr(`no neighbor ${address} shutdown`),
    forgive: (address) => [`clear bgp ${address}`],
  },
  bird: {
    refresh: () => ['reload', 'in', 'peer0'],
    clear: () => ['restart', 'peer0'],
    shutDown: (_, text) => ['disable', 'peer0', `"${text}"`],
    start: () => ['enable', 'peer0'],
    forgive: () => ['restart', 'peer0'],
  },
  gobgp: {
    refresh: (address) => ['neighbor', address, 'softresetin'],
    clear: (address) => ['neighbor', address, 'reset'],
    shutDown: (address, text) => ['neighbor', address, 'shutdown', '--reason', text],
    start: (address) => ['neighbor', address, 'enable'],
    forgive: (address) => ['neighbor', address, 'enable'],
  },
};

/** Those of a daemon that keeps a table. */
export function ordersOf({ kind }: BgpDaemon): Orders {
  if (kind === 'exabgp') throw new RangeError('exabgp takes no orders');
  return ORDERS[kind];
}

/** What has a daemon tell what `withdrawalsAt` and `endOfRibAt` look for. */
export const TELLING: Readonly<
  Record<Kind, { description?: Partial<DaemonDescription>; neighbor?: Partial<DaemonNeighbor> }>
> = {
  frr: { description: { extra: ['debug bgp updates in', 'log stdout debugging'] } },
  bird: { neighbor: { extra: ['debug { packets };'] } },
  gobgp: {},
  exabgp: {},
};

/** How many prefixes ours has withdrawn, as the daemon tells. */
export async function withdrawalsAt(daemon: BgpDaemon, ourAddress: string): Promise<number> {
  const { raw } = await daemon.neighbor(ourAddress);
  switch (daemon.kind) {
    case 'frr':
      return daemon.process.lines.filter((line) => /UPDATE about .* withdrawn/.test(line)).length;
    case 'bird':
      return Number(/Import withdraws: +(\d+)/.exec(String(raw))?.[1]);
    case 'gobgp':
      return (raw as GobgpCounts).state?.messages?.received?.withdraw_prefix ?? 0;
    case 'exabgp':
      throw new RangeError('exabgp counts nothing');
  }
}

/** Whether ours has told the end of its routes. */
export async function endOfRibAt(daemon: BgpDaemon, ourAddress: string): Promise<boolean> {
  const { raw } = await daemon.neighbor(ourAddress);
  const told = (what: string): boolean => daemon.process.lines.some((line) => line.includes(what));
  switch (daemon.kind) {
    case 'frr':
      return told('rcvd End-of-RIB');
    case 'bird':
      return told('Got END-OF-RIB');
    case 'gobgp':
      return JSON.stringify(raw).includes('"end_of_rib_received":true');
    case 'exabgp':
      return JSON.stringify(raw).includes('"eor"');
  }
}

/** How many UPDATEs the daemon has had of ours. */
export async function updatesAt(daemon: BgpDaemon, ourAddress: string): Promise<number> {
  const { raw } = await daemon.neighbor(ourAddress);
  if (daemon.kind === 'frr') return (raw as FrrCounts).messageStats?.updatesRecv ?? 0;
  if (daemon.kind === 'gobgp') return (raw as GobgpCounts).state?.messages?.received?.update ?? 0;
  return Number(/Import updates: +(\d+)/.exec(String(raw))?.[1]);
}

interface FrrCounts {
  readonly messageStats?: { readonly updatesRecv?: number };
}
interface GobgpCounts {
  readonly state?: {
    readonly messages?: { readonly received?: { readonly withdraw_prefix?: number; readonly update?: number } };
  };
}
