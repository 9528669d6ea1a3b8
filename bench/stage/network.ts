import { type Lan, type LanHost, layLan } from '@steelyard/testkit';

/** A host on its cable to the switch. */
export interface Host extends LanHost {
  /** The one of IPv4. */
  readonly address: string;
}

/** Nodes and a client on one switch. */
export interface Network extends Lan {
  readonly nodes: readonly Host[];
  readonly client: Host;
}

/** In 10.20.0.0/16: hosts are at its beginning, service addresses in {@link POOL}, and strangers in {@link FOREIGN}. */
export const POOL = '10.20.64.0/18';
/** In fd00:20::/64, as many as in {@link POOL}. */
export const POOL_IPV6 = 'fd00:20::1:0-fd00:20::1:3fff';
/** Addresses that nobody has. */
export const FOREIGN = { first: '10.20.128.0', last: '10.20.255.254' } as const;

/** The n-th address of the pool, from 0. */
export function poolAddress(number: number): string {
  return `10.20.${64 + (number >> 8)}.${number & 0xff}`;
}

/** The n-th IPv6 address of the pool, from 0. */
export function poolIpv6Address(number: number): string {
  return `fd00:20::1:${number.toString(16)}`;
}

export async function layNetwork(nodeCount: number): Promise<Network> {
  const lan = await layLan({ nodeCount });
  const withAddress = (host: LanHost): Host => ({ ...host, address: host.ipv4 });
  return { ...lan, nodes: lan.nodes.map(withAddress), client: withAddress(lan.client) };
}
