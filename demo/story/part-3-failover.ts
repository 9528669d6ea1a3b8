import type { Narrator } from '../narrator.ts';
import { type Connections, longestGap, startConnections } from '../stage/connections.ts';
import type { PluggedHost } from '../stage/network.ts';
import type { Stage } from '../stage/stage.ts';
import { type Chapter, SERVICE_PORT, shown } from './chapter.ts';

/** The Services of the part before, and the Deployment behind each. */
const SERVICES = [
  { address: '192.168.1.30', deployment: 'nginx' },
  { address: '192.168.1.31', deployment: 'nginx2' },
  { address: '192.168.1.60', deployment: 'nginx' },
];
/** So many connections in a row must go through before something happens, and after. */
const ENOUGH = 10;

export const failover: Chapter = {
  title: 'Part 3: a node is unplugged',
  async tell(stage, narrator) {
    const { laptop, network } = stage;
    const { address, owner } = await findAddress(stage);
    narrator.step(
      `The laptop opens ten connections a second to ${address}:${SERVICE_PORT}. ${owner.host.name} answers for it; the Pod is on another node.`,
    );
    const connections = await startConnections(network.laptop, address, SERVICE_PORT);
    try {
      await goThrough(narrator, connections);

      narrator.step(
        `The cable of ${owner.host.name} is pulled. The speakers of the other nodes find out by themselves: nobody asks the API.`,
      );
      const before = connections.attempts.length;
      await owner.cable.cut();
      const next = await narrator.verify('another node answers for the address', () => {
        return findOwner(stage, address, (node) => node !== owner);
      });
      await goThrough(narrator, connections);
      tellGap(narrator, connections, before);
      const neighbour = (): Promise<string> => laptop.neighbour(address).then(({ line }) => line);
      const line = await shown(narrator, 'laptop', `ip neigh show ${address}`, neighbour);
      await narrator.verify(`the laptop has learned that it is on the card of ${next.host.name}`, () => {
        return line.includes(next.host.mac);
      });

      narrator.step(`The cable of ${owner.host.name} is plugged in again.`);
      const again = connections.attempts.length;
      await owner.cable.restore();
      await narrator.verify('one node answers for the address, and no other does', () => findOwner(stage, address));
      await goThrough(narrator, connections);
      tellGap(narrator, connections, again);
    } finally {
      await connections.stop();
    }
  },
};

/** An address that is not where its Pod is: what is to be seen is how the address moves, and no Pod does. */
async function findAddress(stage: Stage): Promise<{ readonly address: string; readonly owner: PluggedHost }> {
  for (const { address, deployment } of SERVICES) {
    const owner = await findOwner(stage, address);
    if (owner === undefined) continue;
    const path = `/api/v1/namespaces/default/pods?labelSelector=app%3D${deployment}`;
    const { items } = (await stage.client.get(path)) as { items: readonly { spec: { nodeName?: string } }[] };
    if (items.every(({ spec }) => spec.nodeName !== owner.host.name)) return { address, owner };
  }
  throw new Error('each address is on the node of its Pod');
}

/** The only node that answers for an address, if it is one that is wanted. */
async function findOwner(
  { laptop, network }: Stage,
  address: string,
  wanted: (node: PluggedHost) => boolean = () => true,
): Promise<PluggedHost | undefined> {
  const macs = new Set((await laptop.askArp(address)).map(({ mac }) => mac));
  if (macs.size > 1) throw new Error(`${[...macs].join(' and ')} answer`);
  return network.nodes.find((node) => macs.has(node.host.mac) && wanted(node));
}

async function goThrough(narrator: Narrator, connections: Connections): Promise<void> {
  const from = connections.attempts.length;
  await narrator.verify(`${ENOUGH} connections in a row go through`, () => {
    const { attempts } = connections;
    return attempts.length >= from + ENOUGH && attempts.slice(-ENOUGH).every(({ connected }) => connected);
  });
}

function tellGap(narrator: Narrator, connections: Connections, from: number): void {
  const { failed, seconds } = longestGap(connections.attempts.slice(from));
  if (failed === 0) narrator.output('Meanwhile no connection failed.');
  else if (failed === 1) narrator.output('Meanwhile one connection failed.');
  else narrator.output(`Meanwhile ${failed} connections in a row failed: a gap of ${seconds.toFixed(1)} s.`);
}
