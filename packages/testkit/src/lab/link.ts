import type { Namespace } from './namespace.ts';

/** A bridge in a namespace of its own. */
export interface Switch {
  readonly name: string;
  readonly namespace: Namespace;
  /** The bridge's name inside its namespace. */
  readonly bridge: string;
}

/** The interface that a namespace gets. */
export interface AttachOptions {
  /** At most 15 characters. Default `eth0`. */
  readonly ifname?: string;
  /** Default: a locally administered one that no other interface of the lab has. */
  readonly mac?: string;
  /** With prefix length, for example `192.168.1.5/24`. */
  readonly addresses?: readonly string[];
  readonly mtu?: number;
}

/** A cable from a namespace to a switch. */
export interface Cable {
  readonly namespace: Namespace;
  readonly switch: Switch;
  readonly ifname: string;
  readonly mac: string;
  /** As they were given, with prefix length. */
  readonly addresses: readonly string[];
  /** The name of the other end, inside the switch's namespace. */
  readonly port: string;
  /** Pulls the cable: no frame passes, and the interface loses its carrier. */
  cut(): Promise<void>;
  /** Breaks the path somewhere behind the switch: no frame passes, but the interface keeps its carrier. */
  silence(): Promise<void>;
  /** Undoes {@link Cable.cut} and {@link Cable.silence}. */
  restore(): Promise<void>;
  /** Takes the interface away. */
  detach(): Promise<void>;
}

/** Bridge ports forward at once: no spanning tree, no snooping that learns first. */
export async function makeBridge(namespace: Namespace, bridge: string): Promise<void> {
  await namespace.ip([
    `link add ${bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `link set ${bridge} up`,
  ]);
}

/** The longest name that an interface can have: IFNAMSIZ less the final zero. */
const MAX_IFNAME_CHARACTERS = 15;

/** Lays a cable. Both ends are made inside their namespaces; this process's own is never touched. */
export async function layCable(
  namespace: Namespace,
  to: Switch,
  port: string,
  options: AttachOptions & { readonly mac: string },
): Promise<Cable> {
  const { ifname = 'eth0', mac, addresses = [], mtu } = options;
  if (ifname.length > MAX_IFNAME_CHARACTERS) {
    throw new RangeError(
      `an interface name has at most ${MAX_IFNAME_CHARACTERS} characters: ${JSON.stringify(ifname)}`,
    );
  }
  const plug = `link set ${port} master ${to.bridge} up`;
  await to.namespace.ip([
    `link add ${port} type veth peer name ${ifname} address ${mac} netns ${namespace.holderPid}`,
    plug,
  ]);
  await namespace.ip([
    ...(mtu === undefined ? [] : [`link set ${ifname} mtu ${mtu}`]),
    ...addresses.map((address) => `address add ${address} dev ${ifname}`),
    `link set ${ifname} up`,
  ]);
  return {
    namespace,
    switch: to,
    ifname,
    mac,
    addresses,
    port,
    cut: () => to.namespace.ip([`link set ${port} down`]),
    silence: () => to.namespace.ip([`link set ${port} nomaster`]),
    restore: () => to.namespace.ip([plug]),
    detach: () => to.namespace.ip([`link delete ${port}`]),
  };
}
