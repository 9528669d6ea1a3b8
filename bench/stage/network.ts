import { type Cable, type Lab, type Namespace, openLab } from '@steelyard/testkit';

/** A host on its cable to the switch. */
export interface Host {
  readonly name: string;
  readonly address: string;
  readonly namespace: Namespace;
  readonly cable: Cable;
}

/** Nodes and a client on one switch. */
export interface Network {
  readonly lab: Lab;
  readonly nodes: readonly Host[];
  readonly client: Host;
}

/** 10.20.0.0/16: hosts at its beginning, service addresses in {@link POOL}, and strangers in {@link FOREIGN}. */
const PREFIX_LENGTH = 16;
/** 16,384 addresses. */
export const POOL = '10.20.64.0/18';
/** Addresses that nobody has. */
export const FOREIGN = { first: '10.20.128.0', last: '10.20.255.254' } as const;

/** The n-th address of the pool, from 0. */
export function poolAddress(number: number): string {
  return `10.20.${64 + (number >> 8)}.${number & 0xff}`;
}

export async function layNetwork(nodeCount: number): Promise<Network> {
  const lab = await openLab();
  const hub = await lab.switch('switch');
  const plug = async (name: string, address: string): Promise<Host> => {
    const namespace = await lab.namespace(name);
    const cable = await lab.attach(namespace, hub, { addresses: [`${address}/${PREFIX_LENGTH}`] });
    return { name, address, namespace, cable };
  };
  const nodes = Array.from({ length: nodeCount }, (_, index) => plug(`node${index + 1}`, `10.20.0.${index + 1}`));
  return { lab, nodes: await Promise.all(nodes), client: await plug('client', '10.20.0.100') };
}
