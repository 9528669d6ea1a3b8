import {
  type Assigner,
  type AssignerEffect,
  type AssignerEvent,
  createAssigner,
  projectService,
} from '@steelyard/assign';
import { type ParsedConfig, parseConfiguration } from '@steelyard/config';
import { createContestedStatuses } from '@steelyard/k8s-adapter';
import type { ApiServer } from '../world/api-server.ts';
import { followCollection, type SimulatedListWatch } from '../world/list-watch.ts';
import type { Network } from '../world/network.ts';
import { poolObject, type StoredPool, type StoredService } from '../world/objects.ts';
import { type SimulatedProcess, startProcess } from '../world/simulated-process.ts';
import type { VirtualTime } from '../world/virtual-time.ts';
import { createSimulatedWriter, type SimulatedWriter, WRITE_TIMEOUT_MS } from './single-writer.ts';
import { createWorkQueue, type Ended } from './work-queue.ts';

/** Where a controller runs. */
export interface Surroundings {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly server: ApiServer;
}

/** A controller's process, ours or not, as a history handles it. */
export interface RunningController {
  readonly name: string;
  readonly process: SimulatedProcess;
  breakWatch(kind: 'services' | 'pools' | 'namespaces'): void;
  /** Asks it to end, as the kubelet does; its Pod goes when it has ended. */
  stop(): void;
}

/** Ours. */
export interface SteelyardController extends RunningController {
  readonly identity: string;
  readonly holding: boolean;
  readonly assigner: Assigner;
  /** It hears of Services late for a while. */
  stall(durationMs: number): void;
  /** What it has of a Service. */
  known(key: string): StoredService | undefined;
}

type StatusWriteEffect = Extract<AssignerEffect, { type: 'writeStatus' }>;

/** Kubernetes kills what has not ended by then. */
const GRACE_PERIOD_MS = 10_000;

/**
 * Starts a controller: assigner, configuration and the machine of the single writer are the real ones, joined as
 * `apps/controller/src/services.ts` joins them.
 */
export function startController(surroundings: Surroundings, podName: string, bootId: string): SteelyardController {
  const { time, network, server } = surroundings;
  const process = startProcess(time, podName);
  const assigner = createAssigner({ standby: true });
  const due = new Map<string, StatusWriteEffect>();
  const toRetry = new Set<string>();
  const contested = createContestedStatuses();
  const writes = createWorkQueue(process, writeWhatIsDue);
  /** What our own last write made of a Service, until the watch brings another version than we wrote on. */
  const ownVersions = new Map<string, { readonly basedOn: StoredService; readonly service: StoredService }>();
  let config: ParsedConfig | undefined;

  function take(event: AssignerEvent): void {
    for (const effect of assigner.step(event)) carryOut(effect);
  }

  function carryOut(effect: AssignerEffect): void {
    switch (effect.type) {
      case 'writeStatus':
        due.set(effect.service.key, effect);
        writes.add(effect.service.key);
        break;
      case 'postEvent':
        break;
      case 'retryLater':
        toRetry.add(effect.key);
        break;
    }
  }

  function writeWhatIsDue(key: string, ended: Ended): void {
    if (!due.has(key)) take({ type: 'retryService', key });
    if (!due.has(key) || singleWriter.beforeWrite()) {
      write(key, ended);
      return;
    }
    singleWriter.mayWrite((answer) => {
      if (answer === 'yes') write(key, ended);
      else ended('done');
    });
  }

  function write(key: string, ended: Ended): void {
    const effect = due.get(key);
    if (effect === undefined) {
      ended('done');
      return;
    }
    due.delete(key);
    const { uid } = effect.service;
    const ips = effect.write.ingress.map(({ ip }) => ip);
    const waitMs = contested.waitMs(key, ips, process.nowMs());
    if (waitMs > 0) {
      take({ type: 'statusWriteFailed', key, uid });
      ended('done');
      if (toRetry.delete(key)) writes.addAfter(key, waitMs);
      return;
    }
    put(effect, ips, ended);
  }

  function newest(key: string): StoredService | undefined {
    const cached = services.values.get(key);
    const own = ownVersions.get(key);
    return own !== undefined && own.basedOn === cached ? own.service : cached;
  }

  function put({ service, resourceVersion, write: wanted }: StatusWriteEffect, ips: string[], ended: Ended): void {
    const { key, uid } = service;
    const refused = (): void => {
      take({ type: 'statusConflict', key, uid });
      ended(toRetry.delete(key) ? 'failed' : 'done');
    };
    const failed = (): void => {
      take({ type: 'statusWriteFailed', key, uid });
      toRetry.delete(key);
      ended('failed');
    };
    const known = newest(key);
    if (known === undefined || known.metadata.resourceVersion !== resourceVersion) {
      refused();
      return;
    }
    if (process.nowMs() > singleWriter.leaveByMs) {
      failed();
      return;
    }
    const basedOn = services.values.get(key) ?? known;
    const annotations = { ...known.metadata.annotations };
    for (const [name, value] of Object.entries(wanted.annotations)) {
      if (value === null) delete annotations[name];
      else annotations[name] = value;
    }
    network.call(process, {
      timeoutMs: WRITE_TIMEOUT_MS,
      serve: () =>
        server.putStatus(singleWriter.identity, {
          key,
          uid: known.metadata.uid,
          resourceVersion,
          annotations,
          ingress: ips,
        }),
      onFailure: failed,
      onAnswer(answer) {
        if (answer.outcome === 'refused') {
          failed();
          return;
        }
        if (answer.outcome !== 'written') {
          refused();
          return;
        }
        if (services.values.get(key) === basedOn) ownVersions.set(key, { basedOn, service: answer.service });
        contested.written(key, ips, process.nowMs());
        take({ type: 'statusWritten', key, uid, resourceVersion: answer.service.metadata.resourceVersion });
        ended('done');
      },
    });
  }

  const from = { time, network, server, process };
  const services: SimulatedListWatch<StoredService> = followCollection({
    ...from,
    collection: server.services,
    onUpsert(key, object) {
      if (ownVersions.get(key)?.basedOn !== object) ownVersions.delete(key);
      const view = projectService(object);
      if (view === undefined) return;
      take({ type: 'serviceChanged', service: view });
      if (view.type === 'LoadBalancer') singleWriter.wanted();
    },
    onDelete(key, { spec }) {
      ownVersions.delete(key);
      writes.forget(key);
      contested.forget(key);
      due.delete(key);
      take({ type: 'serviceDeleted', key });
      if (spec.type === 'LoadBalancer') singleWriter.wanted();
    },
    onSynced: () => take({ type: 'servicesSynced' }),
  });
  const pools: SimulatedListWatch<StoredPool> = followCollection({
    ...from,
    collection: server.pools,
    onUpsert: () => configure(),
    onDelete: () => configure(),
    onSynced: () => configure(),
  });
  const namespaces: SimulatedListWatch<Readonly<Record<string, string>>> = followCollection({
    ...from,
    collection: server.namespaces,
    onUpsert: () => configure(),
    onDelete: () => configure(),
    onSynced: () => configure(),
  });

  function configure(): void {
    if (!pools.synced || !namespaces.synced) return;
    const outcome = parseConfiguration(
      {
        reader: 'controller',
        ipAddressPools: [...pools.values.values()].map(poolObject),
        l2Advertisements: [],
        namespaces: [...namespaces.values].map(([name, labels]) => ({ name, labels })),
      },
      config,
    );
    config = outcome.config;
    take({ type: 'configChanged', config });
    singleWriter.wanted();
  }

  const singleWriter: SimulatedWriter = createSimulatedWriter({
    server,
    network,
    process,
    bootId,
    repository: 'steelyard',
    catchUp: services.catchUp,
    onTookOver: () => take({ type: 'tookOver' }),
    onStoodDown() {
      for (const key of due.keys()) writes.forget(key);
      due.clear();
      toRetry.clear();
      take({ type: 'stoodDown' });
    },
  });

  function end(): void {
    if (!process.alive) return;
    process.end();
    server.pods.delete(podName);
  }

  return {
    name: podName,
    process,
    identity: singleWriter.identity,
    assigner,
    get holding() {
      return singleWriter.holding;
    },
    stall: services.stall,
    known: (key) => services.values.get(key),
    breakWatch: (kind) => ({ services, pools, namespaces })[kind].breakOff(),
    stop() {
      const pod = server.pods.get(podName);
      if (pod !== undefined) pod.terminating = true;
      time.at(time.nowMs + GRACE_PERIOD_MS, end);
      process.enter(() => {
        services.stop();
        pools.stop();
        namespaces.stop();
        writes.stop(() => singleWriter.release(end));
      });
    },
  };
}
