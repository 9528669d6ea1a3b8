import { existsSync } from 'node:fs';
import { type FrrDaemon, startFrr } from '@steelyard/testkit';
import { NODES, NODES_ASN, ROUTER_ASN } from './cast.ts';
import type { PluggedHost } from './network.ts';

/** The soft router, which knows BGP where FRR is installed. */
export interface Router {
  /** What answers `vtysh`. */
  readonly bgp: FrrDaemon | undefined;
  /** Why there is none, as one sentence that says what to do. */
  readonly missing: string | undefined;
  stop(): Promise<void>;
}

/** A route of the router that it has by BGP. */
export interface BgpRoute {
  readonly prefix: string;
  /** Those in use, in order. */
  readonly nextHops: readonly string[];
}

const PROGRAMS = ['/usr/lib/frr/zebra', '/usr/lib/frr/bgpd', '/usr/bin/vtysh'];

/** Starts FRR with each node as a neighbour, as an admin would configure it. */
export async function startRouter({ host, namespace }: PluggedHost, logFile: string): Promise<Router> {
  const absent = PROGRAMS.filter((program) => !existsSync(program));
  if (absent.length > 0) {
    const missing = `the router needs FRR (${absent.join(', ')} not found; as root: apt-get install frr)`;
    return { bgp: undefined, missing, stop: async () => {} };
  }
  const bgp = await startFrr(namespace, {
    asn: ROUTER_ASN,
    routerId: host.address,
    neighbors: NODES.map(({ name, address }) => {
      return { address, asn: NODES_ASN, passive: false, extra: [`description ${name}`] };
    }),
    kernelRoutes: true,
    logFile,
  });
  return { bgp, missing: undefined, stop: () => bgp.stop() };
}

/** The lines of `show ip route` that are of BGP: `B>* 192.168.0.30/32 [20/0] via 192.168.1.5, …`, and its further next hops below. */
export function bgpLinesOf(printed: string): string {
  let isBgp = false;
  const lines = printed.split('\n').filter((line) => {
    if (/^\S/.test(line)) isBgp = /^B[ >*]/.test(line);
    return isBgp && line.trim() !== '';
  });
  return lines.join('\n');
}

/** Reads what {@link bgpLinesOf} leaves: the next hops that are in use (`*`) of each selected route. */
export function bgpRoutesOf(printed: string): BgpRoute[] {
  const routes: { prefix: string; nextHops: string[] }[] = [];
  for (const line of bgpLinesOf(printed).split('\n')) {
    const prefix = /^B>\S* (\S+)/.exec(line)?.[1];
    if (prefix !== undefined) routes.push({ prefix, nextHops: [] });
    const nextHop = /^(?:B>| {2})\*.*?via ([\d.]+)/.exec(line)?.[1];
    if (nextHop !== undefined) routes.at(-1)?.nextHops.push(nextHop);
  }
  return routes.map(({ prefix, nextHops }) => ({ prefix, nextHops: nextHops.toSorted(compareTexts) }));
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : 1);
