import type { FrrDaemon } from '@steelyard/testkit';
import type { Narrator } from '../narrator.ts';
import { NODES, NODES_ASN, ROUTER, ROUTER_ASN } from '../stage/cast.ts';
import { type BgpRoute, bgpLinesOf, bgpRoutesOf } from '../stage/router.ts';
import { readService } from '../stage/services.ts';
import type { Stage } from '../stage/stage.ts';
import { type Addressed, type Chapter, hasAddress, kubectl, ok, poolConfig, SERVICE_PORT } from './chapter.ts';
import { tellObjects, tellSpeakerLog } from './part-4-witnesses.ts';
import { startPulse } from './pulse.ts';

const RANGE = '192.168.0.30-192.168.0.49';
const FIRST = { service: 'nginx-lb', before: '192.168.1.30', address: '192.168.0.30' };
const SECOND = { service: 'nginx4-lb', before: '192.168.1.31', address: '192.168.0.31' };
/** It asks for an address that the new pool does not have. */
const STUBBORN = { service: 'nginx3-lb', before: '192.168.1.60' };
/** Requests in a row, from which is seen by way of which nodes they came. */
const MANY = 30;

const ALL_NODES: readonly string[] = NODES.map(({ address }) => address);

export const bgp: Chapter = {
  title: 'Part 4: BGP',
  async tell(stage, narrator) {
    const router = stage.router.bgp;
    if (router === undefined) {
      narrator.aside(`Left out: ${stage.router.missing}.`);
      return;
    }
    await awaitNodes(router, narrator);
    await editThePool(stage, narrator);
    await readTheRouter(stage, router, narrator);
    await ask(stage, narrator);
    await tellSpeakerLog(stage, narrator, [FIRST, SECOND]);
    await tellObjects(stage, narrator, FIRST.service);
    await deleteAService(stage, router, narrator);
    await killASpeaker(stage, router, narrator);
  },
};

async function awaitNodes(router: FrrDaemon, narrator: Narrator): Promise<void> {
  narrator.step(
    'With layer 2 one node carries all that comes for an address, and moving it takes seconds. A router that speaks BGP\n' +
      `knows better. That of this home, ${ROUTER.address}, runs FRR as AS ${ROUTER_ASN}, and has been told of three neighbours of AS ${NODES_ASN}.`,
  );
  await verifySummary(router, narrator, 'it calls each of them in vain: the neighbours are Active', (state) => {
    return state === 'Active';
  });
}

async function editThePool(stage: Stage, narrator: Narrator): Promise<void> {
  const { api, client, laptop } = stage;
  narrator.step('The ConfigMap is edited: the router as a peer, and addresses of a subnet that exists nowhere.');
  const peer = { address: ROUTER.address, peerAsn: ROUTER_ASN, myAsn: NODES_ASN };
  await kubectl(narrator, api.kubectl.apply(poolConfig('default', [RANGE], peer)));
  for (const each of [FIRST, SECOND] satisfies Addressed[]) {
    await narrator.verify(`${each.service} has moved to ${each.address}`, () => hasAddress(stage, each));
  }
  await narrator.verify(
    `${STUBBORN.service} asks for ${STUBBORN.before}, which no pool has any more: <pending>`,
    async () => {
      return (await readService(client, STUBBORN.service)).addresses.length === 0;
    },
  );
  for (const { before } of [FIRST, SECOND, STUBBORN]) {
    await narrator.verify(`nobody answers ARP for ${before} any more`, async () => {
      return (await laptop.askArp(before)).length === 0;
    });
  }
  await kubectl(narrator, api.kubectl.get('services'));
}

async function readTheRouter({ steelyard }: Stage, router: FrrDaemon, narrator: Narrator): Promise<void> {
  const apps = [steelyard.controller, ...steelyard.speakers];
  await narrator.verify('nothing was restarted', () => apps.every(({ process: running }) => running.end === undefined));
  narrator.step('On the router:');
  await verifySummary(router, narrator, 'each neighbour is established, and has sent two prefixes', (state) => {
    return state === '2';
  });
  await verifyRoutes(router, narrator, 'both addresses are routes, each by way of all three nodes', [
    { prefix: `${FIRST.address}/32`, nextHops: ALL_NODES },
    { prefix: `${SECOND.address}/32`, nextHops: ALL_NODES },
  ]);
}

async function ask({ laptop, network }: Stage, narrator: Narrator): Promise<void> {
  narrator.step('From the laptop, which sends to the router what is not of its own network:');
  for (const { address } of [FIRST, SECOND]) {
    narrator.command('laptop', `curl -I ${address}:${SERVICE_PORT}`);
    await narrator.verify(
      `${address}:${SERVICE_PORT} answers 200`,
      () => ok(laptop.curlHead(address, SERVICE_PORT)),
      (head) => head,
    );
  }
  await narrator.verify('yet no host has an address of that subnet', async () => {
    const hosts = [...network.nodes, network.laptop, network.router, network.gateway];
    const lists = await Promise.all(hosts.map(({ namespace }) => namespace.run('ip', ['-o', '-4', 'address'])));
    return lists.every(({ stdout }) => !stdout.includes('inet 192.168.0.'));
  });
  narrator.command('laptop', `curl '${FIRST.address}:${SERVICE_PORT}/[1-${MANY}]'`);
  const countWays = async (): Promise<ReadonlyMap<string, number>> => {
    const ways = new Map<string, number>();
    for (const greeting of await laptop.curlMany(FIRST.address, SERVICE_PORT, MANY)) {
      const way = wayOf(greeting, network.laptop.host.address);
      ways.set(way, (ways.get(way) ?? 0) + 1);
    }
    return ways;
  };
  await narrator.verify(
    `${MANY} requests are shared out over the nodes, which layer 2 cannot do`,
    async () => {
      const ways = await countWays();
      const seen = [...ways].map(([way, count]) => `${count} by way of ${way}`).join(', ');
      if (NODES.some(({ name }) => !ways.has(name))) throw new Error(seen);
      return seen;
    },
    (seen) => seen,
  );
}

/** The node that let a request in: the Pod sees its address, or that of the laptop, if it is the Pod's own node. */
function wayOf(greeting: string, laptopAddress: string): string {
  const [, podNode = '', seen = ''] = /on node (\S+) greets (?:::ffff:)?(\S+)$/.exec(greeting) ?? [];
  if (seen === laptopAddress) return podNode;
  return (
    NODES.find(({ address, podCidr }) => address === seen || seen.startsWith(podCidr.replace('0/24', '')))?.name ?? seen
  );
}

async function deleteAService(stage: Stage, router: FrrDaemon, narrator: Narrator): Promise<void> {
  narrator.step('A Service is deleted. Its route goes with it.');
  await kubectl(narrator, stage.api.kubectl.deleteService(SECOND.service));
  const startedMs = performance.now();
  await narrator.verify(`the router has no route to ${SECOND.address} any more`, async () => {
    const routes = bgpRoutesOf(await router.vtysh('show ip route'));
    return routes.length > 0 && routes.every(({ prefix }) => prefix !== `${SECOND.address}/32`);
  });
  narrator.output(`At most ${Math.ceil(performance.now() - startedMs)} ms after kubectl had returned.`);
}

async function killASpeaker(stage: Stage, router: FrrDaemon, narrator: Narrator): Promise<void> {
  const { laptop, network, steelyard } = stage;
  const [node] = network.nodes;
  const [speaker] = steelyard.speakers;
  if (node === undefined || speaker === undefined) throw new Error('there is no node');
  const { name, address } = node.host;
  const prefix = `${FIRST.address}/32`;
  const pulse = startPulse(() => ok(laptop.curlHead(FIRST.address, SERVICE_PORT)));
  try {
    narrator.step(`The speaker of ${name} is killed. Its connection ends with it, so the router knows at once.`);
    narrator.command(name, `kill -9 ${speaker.process.pid}`);
    speaker.process.kill('SIGKILL');
    const others = ALL_NODES.filter((each) => each !== address);
    await verifyRoutes(router, narrator, `${name} is no next hop any more`, [{ prefix, nextHops: others }]);
    await narrator.verify(`${FIRST.address}:${SERVICE_PORT} answers 200`, () =>
      ok(laptop.curlHead(FIRST.address, SERVICE_PORT)),
    );

    narrator.step('It is started again, as kubelet does.');
    steelyard.restartSpeaker(node);
    await verifyRoutes(router, narrator, 'all three nodes are next hops again', [{ prefix, nextHops: ALL_NODES }]);
  } finally {
    await pulse.stop();
  }
  const { answered, failures } = pulse;
  await narrator.verify(
    `meanwhile the laptop asked ${answered + failures.length} times, and was answered each time`,
    () => {
      if (failures[0] !== undefined) throw failures[0];
      return answered > 0;
    },
  );
}

/** Shows `show ip bgp summary` from its table on, once its last but two column is as wanted in each line. */
async function verifySummary(
  router: FrrDaemon,
  narrator: Narrator,
  claim: string,
  isWanted: (stateOrPrefixes: string) => boolean,
): Promise<void> {
  narrator.command('router', "vtysh -c 'show ip bgp summary'");
  const read = async (): Promise<string> => {
    const printed = (await router.vtysh('show ip bgp summary')).trim();
    const states = NODES.map(({ address }) => {
      const line = printed.split('\n').find((each) => each.startsWith(`${address} `));
      return line?.trim().split(/\s+/).at(-3) ?? 'absent';
    });
    if (!states.every(isWanted)) throw new Error(states.join(', '));
    return printed;
  };
  // Above the table FRR tells of its memory; below, how many lines the table has.
  const table = (printed: string): string =>
    printed.slice(Math.max(0, printed.indexOf('Neighbor '))).split('\n\n')[0] ?? '';
  await narrator.verify(claim, read, table);
}

/** Shows the routes by BGP, once they are these. */
async function verifyRoutes(
  router: FrrDaemon,
  narrator: Narrator,
  claim: string,
  wanted: readonly BgpRoute[],
): Promise<void> {
  narrator.command('router', "vtysh -c 'show ip route' | grep -A 2 '^B'");
  const read = async (): Promise<string> => {
    const printed = await router.vtysh('show ip route');
    if (JSON.stringify(bgpRoutesOf(printed)) === JSON.stringify(wanted)) return bgpLinesOf(printed);
    throw new Error(bgpLinesOf(printed) || 'no route by BGP');
  };
  await narrator.verify(claim, read, (lines) => lines);
}
