import { type Lab, openLab } from '../lab.ts';
import type { Cable, Switch } from '../link.ts';
import type { Namespace } from '../namespace.ts';

/** A host on its cable, with an address of each family. */
export interface LanHost {
  readonly name: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly namespace: Namespace;
  readonly cable: Cable;
}

/** Nodes and a client on one switch, in 10.20.0.0/16 and fd00:20::/64. */
export interface Lan {
  readonly lab: Lab;
  readonly hub: Switch;
  readonly nodes: readonly LanHost[];
  readonly client: LanHost;
}

const IPV4_PREFIX_LENGTH = 16;
const IPV6_PREFIX_LENGTH = 64;
/** Of the client: nodes are numbered from 1. */
const CLIENT_NUMBER = 100;

/** Lays the cables. Whoever opens it closes `lab`. */
export async function layLan({ nodeCount }: { readonly nodeCount: number }): Promise<Lan> {
  if (nodeCount >= CLIENT_NUMBER) throw new RangeError(`at most ${CLIENT_NUMBER - 1} nodes, not ${nodeCount}`);
  const lab = await openLab();
  try {
    const hub = await lab.switch('switch');
    const plug = async (name: string, number: number): Promise<LanHost> => {
      const namespace = await lab.namespace(name);
      const ipv4 = `10.20.0.${number}`;
      const ipv6 = `fd00:20::${number.toString(16)}`;
      const addresses = [`${ipv4}/${IPV4_PREFIX_LENGTH}`, `${ipv6}/${IPV6_PREFIX_LENGTH}`];
      const cable = await lab.attach(namespace, hub, { addresses });
      return { name, ipv4, ipv6, namespace, cable };
    };
    const [client, ...nodes] = await Promise.all([
      plug('client', CLIENT_NUMBER),
      ...Array.from({ length: nodeCount }, (_, index) => plug(`node${index + 1}`, index + 1)),
    ]);
    return { lab, hub, nodes, client };
  } catch (error) {
    await lab.close();
    throw error;
  }
}
