/** Who plays: the home network of the guides, see docs/guide. */

/** A host on the home network. */
export interface Host {
  readonly name: string;
  readonly address: string;
  readonly mac: string;
}

/** A node of the cluster. */
export interface NodeHost extends Host {
  readonly name: `ubuntu-dev${number}`;
  /** As K3s gives them out. */
  readonly podCidr: string;
}

/** A MAC address that tells the IPv4 address: 192.168.1.5 has 02:00:c0:a8:01:05. */
function macOf(address: string): string {
  const octets = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '00', ...octets].join(':');
}

function host(name: string, address: string): Host {
  return { name, address, mac: macOf(address) };
}

function node(number: number): NodeHost {
  const address = `192.168.1.${4 + number}`;
  return { name: `ubuntu-dev${number}`, address, mac: macOf(address), podCidr: `10.42.${number - 1}.0/24` };
}

export const GATEWAY: Host = host('gateway', '192.168.1.1');
/** The soft router beside it, which the laptop sends everything to. */
export const ROUTER: Host = host('router', '192.168.1.2');
export const ROUTER_ASN = 65_000;
export const NODES_ASN = 65_001;
export const NODES: readonly NodeHost[] = [node(1), node(2), node(3)];
export const LAPTOP: Host = host('laptop', '192.168.1.100');
export const PREFIX_LENGTH = 24;
