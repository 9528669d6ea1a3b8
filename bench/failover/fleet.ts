import { electedOwner, type LanHost, type OwnerWatch, ownersAtRest, watchOwners } from '@steelyard/testkit';
import type { App } from '../stage/app.ts';
import type { Host } from '../stage/network.ts';
import { announceDualStack } from '../stage/services.ts';
import { createGossipSecret, createSpeakerPods, type SpeakerContender } from '../stage/speakers.ts';
import { openStage, type Stage } from '../stage/stage.ts';

/** Speakers of one kind on all nodes, a client that asks without pause, and what it saw. */
export interface Fleet extends AsyncDisposable {
  readonly stage: Stage;
  readonly nodes: readonly Host[];
  /** Of all Services, both families. */
  readonly addresses: readonly string[];
  readonly watch: OwnerWatch;
  /** Starts the speaker of a node, in whose place none runs. */
  start(node: Host): App;
  /** The speaker of a node that was started last. */
  speaker(node: Host): App;
  /** Address → MAC, as all together elect it. */
  readonly atRest: ReadonlyMap<string, string>;
  /** The addresses of a node at rest. */
  addressesOf(node: LanHost): readonly string[];
  /** Waits until all is as at rest again. */
  settled(timeoutMs: number): Promise<void>;
}

export interface FleetOptions {
  readonly contender: SpeakerContender;
  readonly nodes: number;
  readonly services: number;
  readonly intervalMs: number;
}

const START_TIMEOUT_MS = 120_000;
const STARTED_AT_ONCE = 4;

export async function openFleet({ contender, nodes: count, services, intervalMs }: FleetOptions): Promise<Fleet> {
  await using stack = new AsyncDisposableStack();
  const stage = stack.use(await openStage({ nodes: count, api: 'memory' }));
  const { nodes, client } = stage.network;
  const gossip = stack.use(createGossipSecret());
  await createSpeakerPods(stage.api.client, nodes);
  const names = nodes.map(({ name }) => name);
  const served = await announceDualStack(stage.api.client, names, services);
  const addresses = served.flatMap((service) => service.addresses);
  const watch = stack.use(await watchOwners(client, { addresses, intervalMs }));
  const speakers = new Map<string, App>();
  const start = (node: Host): App => {
    const app = stage.keep(contender.start(stage.api, node, gossip.environment(node)));
    speakers.set(node.name, app);
    return app;
  };
  // Twenty processes that start at once would keep each other from being ready.
  for (let first = 0; first < nodes.length; first += STARTED_AT_ONCE) {
    await Promise.all(nodes.slice(first, first + STARTED_AT_ONCE).map((node) => start(node).ready()));
  }
  const atRest = new Map(
    served.flatMap((service) => {
      const { cable } = electedOwner(nodes, service.addresses[0]);
      return service.addresses.map((address) => [address, cable.mac] as const);
    }),
  );
  await ownersAtRest(watch, { timeoutMs: START_TIMEOUT_MS, expected: atRest });
  const opened = stack.move();
  return {
    stage,
    nodes,
    addresses,
    watch,
    atRest,
    start,
    speaker(node) {
      const app = speakers.get(node.name);
      if (app === undefined) throw new Error(`no speaker was started on ${node.name}`);
      return app;
    },
    async settled(timeoutMs) {
      await ownersAtRest(watch, { timeoutMs, expected: atRest });
    },
    addressesOf: ({ cable }) => addresses.filter((address) => atRest.get(address) === cable.mac),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
