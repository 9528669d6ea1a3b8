import { type RunningController, type SteelyardController, startController } from '../controller/controller.ts';
import { startMetalLb } from '../controller/metallb.ts';
import { type ApiServer, createApiServer } from '../world/api-server.ts';
import { createNetwork, type Network } from '../world/network.ts';
import { createVirtualTime, type VirtualTime } from '../world/virtual-time.ts';

/** An API server and the controllers in its cluster. */
export interface Cluster {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly server: ApiServer;
  /** Ours that run, the oldest first. */
  readonly controllers: readonly SteelyardController[];
  readonly metalLbs: readonly RunningController[];
  /** All of ours that ever ran, by what they call themselves. */
  readonly byIdentity: ReadonlyMap<string, SteelyardController>;
  start(podName?: string): void;
  startMetalLb(): void;
  crash(controller: SteelyardController, how: 'container' | 'pod' | 'node'): void;
  /** Pods of machines that are gone are removed. */
  removeLostPods(): void;
  beginOutage(): void;
}

export function createCluster(seed: number, trouble: number): Cluster {
  const time = createVirtualTime(seed);
  const network = createNetwork(time);
  network.trouble = trouble;
  const server = createApiServer(time);
  const byIdentity = new Map<string, SteelyardController>();
  const metalLbs: RunningController[] = [];
  let started = 0;
  const surroundings = { time, network, server };
  const self: Cluster = {
    ...surroundings,
    get controllers() {
      return [...byIdentity.values()].filter(({ process }) => process.alive);
    },
    get metalLbs() {
      return metalLbs.filter(({ process }) => process.alive);
    },
    byIdentity,
    start(podName = `controller-${started}`) {
      server.pods.set(podName, { repository: 'steelyard', terminating: false, unreachable: false });
      const controller = startController(surroundings, podName, `boot${started++}`);
      byIdentity.set(controller.identity, controller);
    },
    startMetalLb() {
      const podName = `metallb-${started++}`;
      server.pods.set(podName, { repository: 'metallb', terminating: false, unreachable: false });
      metalLbs.push(startMetalLb(surroundings, podName));
    },
    crash({ name, process }, how) {
      const pod = server.pods.get(name);
      process.end();
      if (how === 'pod' || pod?.terminating === true) server.pods.delete(name);
      else if (how === 'container') time.at(time.nowMs + time.between(100, 3_000), () => self.start(name));
      else if (pod !== undefined) pod.unreachable = true;
    },
    removeLostPods() {
      for (const [name, { unreachable }] of [...server.pods]) if (unreachable) server.pods.delete(name);
    },
    beginOutage() {
      network.down = true;
      for (const one of [...self.controllers, ...self.metalLbs]) {
        for (const kind of ['services', 'pools', 'namespaces'] as const) one.breakWatch(kind);
      }
    },
  };
  return self;
}
