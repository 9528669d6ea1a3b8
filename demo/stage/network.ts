import { type Cable, type Lab, type Namespace, openLab } from '@steelyard/testkit';
import { GATEWAY, type Host, LAPTOP, NODES, type NodeHost, PREFIX_LENGTH } from './cast.ts';

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
  /** Where the controller runs: it needs the API and no network. */
  readonly controlPlane: Namespace;
}

/** Lays the cables: three nodes, the gateway and the laptop on one switch. */
export async function layNetwork(): Promise<HomeNetwork> {
  const lab = await openLab();
  const hub = await lab.switch('switch');
  const plug = async <H extends Host>(host: H): Promise<PluggedHost<H>> => {
    const namespace = await lab.namespace(host.name);
    const addresses = [`${host.address}/${PREFIX_LENGTH}`];
    const cable = await lab.attach(namespace, hub, { ifname: 'eth0', mac: host.mac, addresses });
    if ((host as Host) !== GATEWAY) await namespace.addRoute('default', GATEWAY.address);
    return { host, namespace, cable };
  };
  const [nodes, laptop, gateway, controlPlane] = await Promise.all([
    Promise.all(NODES.map(plug)),
    plug(LAPTOP),
    plug(GATEWAY),
    lab.namespace('control-plane'),
  ]);
  await Promise.all(nodes.map(routeToPods));
  return { lab, nodes, laptop, gateway, controlPlane };
}

/** What a cluster's network plugin does: each node knows where the others' Pods are. */
async function routeToPods({ host, namespace }: PluggedHost<NodeHost>): Promise<void> {
  const others = NODES.filter(({ name }) => name !== host.name);
  await namespace.ip(others.map(({ podCidr, address }) => `route add ${podCidr} via ${address}`));
}
