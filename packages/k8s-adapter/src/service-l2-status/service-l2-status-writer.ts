import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { startListWatch } from '../list-watch/list-watch.ts';
import type { ListWatchTiming } from '../list-watch/options.ts';
import { metadataOf } from '../list-watch/watch-event.ts';
import type { AdapterLogger } from '../logger.ts';
import { createContestedStatuses } from '../status/contested-statuses.ts';
import { createWorkQueue } from '../work-queue/work-queue.ts';
import { createExpectations } from './expectations.ts';
import { createL2StatusIndex } from './l2-status-index.ts';
import { type L2StatusObject, readL2Status, sameNames, sortedNames } from './l2-status-object.ts';
import { type L2StatusWrite, planWrites } from './plan-writes.ts';
import { createRivals, type Rivals } from './rivals.ts';
import { sendL2StatusWrite } from './send-write.ts';

export interface ServiceL2StatusWriterOptions {
  readonly client: KubeClient;
  /** Where the ServiceL2Statuses are: MetalLB's own namespace, not the Services'. */
  readonly namespace: string;
  readonly nodeName: string;
  /** The own Pod, with which the objects go; undefined for a process without one. `OwnPod` fits. */
  readonly owner: { readonly name: string; readonly uid: string } | undefined;
  /** Under which name `managedFields` lists the writes; MetalLB's speaker is `speaker`. */
  readonly fieldManager?: string;
  readonly logger: AdapterLogger;
  readonly timing?: Partial<ListWatchTiming>;
}

/** Where this node announces a Service. */
export interface AnnouncedOnInterfaces {
  /** None for all interfaces, as the API has it. In any order. */
  readonly interfaces: readonly string[];
}

/** Keeps the ServiceL2Statuses of this node equal to what it announces. */
export interface ServiceL2StatusWriter {
  /**
   * This node announces the Service there, or does not announce it: any more, or since the Service is gone. Repeating it is
   * harmless.
   *
   * @param serviceKey - `namespace/name`.
   * @throws TypeError for a key that is none.
   */
  set(serviceKey: string, announced: AnnouncedOnInterfaces | undefined): void;
  /**
   * Everything that this node announces has been set: what has not been is not announced. Until then an object of ours whose
   * Service was not spoken of stays; it may be from before a restart, and right.
   */
  complete(): void;
  stop(): Promise<void>;
}

/** Statuses are the least urgent of all writes: they leave room for the others. */
const CONCURRENT_WRITES = 4;
const FORBIDDEN_PAUSE_MS = 60_000;
/** An API server that starts refuses for a while what it will allow; after so many refusals it is meant. */
const MIN_REFUSALS = 9;

interface Lead {
  /** Sorted. */
  interfaces: readonly string[];
  /** Made when another node's object appears. */
  rivals: Rivals | undefined;
}

/**
 * Says which node announces a Service at layer 2, as MetalLB does: one object for a Service, made and owned by the speaker
 * that announces it. Written is only what differs, also after a restart; what is edited or deleted by hand is put right. A new
 * leader deletes the objects of the nodes before it, who announces no more deletes its own. Nothing follows from a list that
 * failed: while the watch is away nothing is written.
 *
 * @see MetalLB `internal/k8s/controllers/layer2_status_controller.go`
 */
export function createServiceL2StatusWriter(options: ServiceL2StatusWriterOptions): ServiceL2StatusWriter {
  const { client, namespace, nodeName, owner, logger } = options;
  const path = `/apis/metallb.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/servicel2statuses`;
  const fieldManager = options.fieldManager ?? 'speaker';
  const leads = new Map<string, Lead>();
  /** Said not to be announced before all that is was said. */
  const released = new Set<string>();
  let everythingIsSet = false;
  const index = createL2StatusIndex();
  const contested = createContestedStatuses();
  /** Services that are looked at when writing is possible again. */
  const postponed = new Set<string>();
  let refusals = 0;
  let forbidden: NodeJS.Timeout | undefined;
  let told422 = false;

  const work = createWorkQueue({
    process: converge,
    workers: CONCURRENT_WRITES,
    onFailure: (service, error, retryInMs) =>
      logger.debug({ op: 'setL2Status', service, error, retryInMs }, 'ServiceL2Status not written, trying again'),
  });

  const watch = startListWatch<L2StatusObject>({
    client,
    path,
    optional: true,
    project: (object) => readL2Status(object, { nodeName, owner }),
    key: (object) => {
      const uid = metadataOf(object)?.['uid'];
      return typeof uid === 'string' ? uid : undefined;
    },
    logger,
    ...(options.timing === undefined ? {} : { timing: options.timing }),
    onUpsert(uid, object, previous) {
      if (previous !== undefined && previous.serviceKey !== object.serviceKey) forget(previous);
      index.add(object);
      if (previous === undefined && object.own === undefined && watch.synced) {
        rivalsOf(object.serviceKey)?.appeared(uid, performance.now());
      }
      look(object);
    },
    onDelete: (_, object) => forget(object),
    onState: ({ name }) => name === 'connected' && resume(),
  });
  const expectations = createExpectations(watch, (service) => work.add(service));

  function rivalsOf(service: string): Rivals | undefined {
    const lead = leads.get(service);
    if (lead !== undefined) lead.rivals ??= createRivals();
    return lead?.rivals;
  }

  function forget(object: L2StatusObject): void {
    index.remove(object);
    leads.get(object.serviceKey)?.rivals?.disappeared(object.uid);
    look(object);
  }

  /** What of others changes for a Service that is not ours is nobody's business here. */
  function look({ own, serviceKey }: L2StatusObject): void {
    if (own !== undefined || leads.has(serviceKey) || expectations.has(serviceKey)) work.add(serviceKey);
  }

  function resume(): void {
    if (forbidden !== undefined || watch.state.name !== 'connected') return;
    const services = [...postponed];
    postponed.clear();
    for (const service of services) work.add(service);
  }

  async function converge(service: string): Promise<void> {
    if (watch.state.name !== 'connected' || forbidden !== undefined) {
      postponed.add(service);
      return;
    }
    if (expectations.pendingFor(service)) return; // what we know is older than what we wrote: the watch wakes us
    const lead = leads.get(service);
    if (lead === undefined && !everythingIsSet && !released.has(service)) return;
    const nowMs = performance.now();
    const objects = index.of(service);
    const writes = planWrites({
      serviceKey: service,
      nodeName,
      owner,
      announcedOn: lead?.interfaces,
      objects,
      isOverdue: (object) => lead?.rivals?.isOverdue(object, nowMs) ?? true,
    });
    if (writes.length > 0) {
      const content = [JSON.stringify([lead?.interfaces ?? null, ...writes.map(({ type }) => type)])];
      const waitMs = contested.waitMs(service, content, nowMs);
      if (waitMs > 0) {
        work.addAfter(service, waitMs);
        return;
      }
      await carryOut(service, writes);
      if (contested.written(service, content, performance.now())) {
        const pairs = { op: 'setL2Status', service };
        logger.warn(pairs, 'somebody else undoes the ServiceL2Status of this Service, so it is written more slowly');
      }
      return;
    }
    const nextInMs = lead?.rivals?.nextInMs(objects, nowMs);
    if (nextInMs !== undefined) work.addAfter(service, nextInMs);
    if (lead === undefined) {
      released.delete(service);
      contested.forget(service);
    }
  }

  async function carryOut(service: string, writes: readonly L2StatusWrite[]): Promise<void> {
    try {
      for (const write of writes) {
        await sendL2StatusWrite({ client, path, fieldManager }, write, (uid, resourceVersion) =>
          expectations.expect(service, uid, resourceVersion),
        );
        logger.debug({ op: 'setL2Status', service, write: write.type }, 'ServiceL2Status written');
      }
      refusals = 0;
    } catch (error) {
      if (isApiError(error) && error.code === 'ERR_K8S_FORBIDDEN' && ++refusals >= MIN_REFUSALS) {
        pause(service, error);
        return;
      }
      if (isApiError(error) && error.code === 'ERR_K8S_INVALID' && !told422) {
        told422 = true; // a node name too long for a label, for instance: it is the same for every Service
        logger.warn({ op: 'setL2Status', service, error }, 'the API server refuses the ServiceL2Status as invalid');
      }
      throw error;
    }
  }

  function pause(service: string, error: Error): void {
    postponed.add(service);
    if (forbidden !== undefined) return;
    const remedy = 'allow all verbs of servicel2statuses and servicel2statuses/status (metallb.io)';
    logger.warn({ op: 'setL2Status', service, error, remedy }, 'not allowed to write ServiceL2Statuses');
    forbidden = setTimeout(() => {
      forbidden = undefined;
      resume();
    }, FORBIDDEN_PAUSE_MS);
  }

  return {
    set(service, announced) {
      if (!/^[^/]+\/[^/]+$/.test(service)) throw new TypeError(`not namespace/name: ${JSON.stringify(service)}`);
      const lead = leads.get(service);
      if (announced === undefined) {
        const known = leads.delete(service) || index.of(service).some(({ own }) => own !== undefined);
        if (!everythingIsSet) released.add(service);
        if (known || expectations.has(service)) work.add(service);
        return;
      }
      const interfaces = sortedNames(announced.interfaces);
      if (lead !== undefined && sameNames(lead.interfaces, interfaces)) return;
      released.delete(service);
      if (lead === undefined) leads.set(service, { interfaces, rivals: undefined });
      else lead.interfaces = interfaces;
      work.add(service);
    },
    complete() {
      if (everythingIsSet) return;
      everythingIsSet = true;
      for (const { own, serviceKey } of watch.values.values()) {
        if (own !== undefined && !leads.has(serviceKey)) work.add(serviceKey);
      }
      released.clear();
    },
    async stop() {
      clearTimeout(forbidden);
      expectations.stop();
      await watch.stop();
      await work.stop();
    },
  };
}
