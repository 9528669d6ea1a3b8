import { type Cable, type Lab, type Namespace, openLab } from '@steelyard/testkit';
import { GATEWAY, type Host, LAPTOP, NODES, type NodeHost, PREFIX_LENGTH, ROUTER } from './cast.ts';

/** A host in its namespace, on its cable. */
export interface PluggedHost<H extends Host = Host> {
  readonly host: H;
  readonly namespace: Namespace;
  readonly cable: Cable;
}

/** The home network. */
export interface HomeNetwork {
  readonly lab: Lab;
  readonly nodes: readonly PluggedHost<NodeHost>[];
  readonly laptop: PluggedHost;
  readonly gateway: PluggedHost;
  readonly router: PluggedHost;
  /** Where the controller runs: it needs the API and no network. */
  readonly controlPlane: Namespace;
}

/** Lays the cables: three nodes, the gateway, the router and the laptop on one switch. */
export async function layNetwork(): Promise<HomeNetwork> {
  const lab = await openLab();
  const hub = await lab.switch('switch');
  const plug = async <H extends Host>(host: H): Promise<PluggedHost<H>> => {
    const namespace = await lab.namespace(host.name);
    const addresses = [`${host.address}/${PREFIX_LENGTH}`];
    const cable = await lab.attach(namespace, hub, { ifname: 'eth0', mac: host.mac, addresses });
    const next = (host as Host) === LAPTOP ? ROUTER : GATEWAY;
    if ((host as Host) !== GATEWAY) await namespace.addRoute('default', next.address);
    return { host, namespace, cable };
  };
  const [nodes, laptop, gateway, router, controlPlane] = await Promise.all([
    Promise.all(NODES.map(plug)),
    plug(LAPTOP),
    plug(GATEWAY),
    plug(ROUTER),
    lab.namespace('control-plane'),
  ]);
  await Promise.all([...nodes.map(routeToPods), routePackets(router)]);
  return { lab, nodes, laptop, gateway, router, controlPlane };
}

/** What a cluster's network plugin does: each node knows where the others' Pods are. */
async function routeToPods({ host, namespace }: PluggedHost<NodeHost>): Promise<void> {
  const others = NODES.filter(({ name }) => name !== host.name);
  await namespace.ip(others.map(({ podCidr, address }) => `route add ${podCidr} via ${address}`));
}

/**
 * Several paths are chosen between by the ports, too, as routers do. Redirects are off: all hosts are on one network, and
 * the laptop would be told to go to one node without the router from then on.
 */
const ROUTER_SYSCTLS = {
  'net.ipv4.ip_forward': 1,
  'net.ipv4.fib_multipath_hash_policy': 1,
  'net.ipv4.conf.all.send_redirects': 0,
  'net.ipv4.conf.eth0.send_redirects': 0,
};

async function routePackets({ namespace }: PluggedHost): Promise<void> {
  for (const [key, value] of Object.entries(ROUTER_SYSCTLS)) await namespace.writeSysctl(key, value);
}
