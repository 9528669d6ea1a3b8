import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { startListWatch } from '../list-watch/list-watch.ts';
import type { ListWatchTiming } from '../list-watch/options.ts';
import { metadataOf } from '../list-watch/watch-event.ts';
import type { AdapterLogger } from '../logger.ts';
import { createContestedStatuses } from '../status/contested-statuses.ts';
import { createWorkQueue } from '../work-queue/work-queue.ts';
import { type AnnouncementStatusKind, sameNames } from './announcement-status-kind.ts';
import { createExpectations } from './expectations.ts';
import { planWrites, type StatusWrite } from './plan-writes.ts';
import { createRivals, type Rivals } from './rivals.ts';
import { sendStatusWrite } from './send-write.ts';
import { createStatusIndex } from './status-index.ts';
import { type AnnouncementStatus, isLabelled, NODE_LABEL, readAnnouncementStatus } from './status-object.ts';
import { createStrays } from './strays.ts';

export interface AnnouncementStatusWriterOptions {
  readonly client: KubeClient;
  /** Where the objects are: MetalLB's own namespace, not the Services'. */
  readonly namespace: string;
  readonly nodeName: string;
  /** The own Pod, with which the objects go; undefined for a process without one. `OwnPod` fits. */
  readonly owner: { readonly name: string; readonly uid: string } | undefined;
  /** Under which name `managedFields` lists the writes; MetalLB's speaker is `speaker`. */
  readonly fieldManager?: string;
  readonly logger: AdapterLogger;
  readonly timing?: Partial<ListWatchTiming>;
}

/** Keeps the objects of one kind and of this node equal to what it announces. */
export interface AnnouncementStatusWriter {
  /**
   * This node announces the Service so, or does not announce it: any more, or since the Service is gone. Repeating it is
   * harmless.
   *
   * @param names - As `kind.namesIn` has them.
   * @throws TypeError for a key that is no `namespace/name`.
   */
  set(serviceKey: string, names: readonly string[] | undefined): void;
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
  names: readonly string[];
  /** Made when another node's object appears. */
  rivals: Rivals | undefined;
}

/**
 * Says that and how a speaker announces a Service, as MetalLB does: one object for a Service, made and owned by the speaker.
 * Written is only what differs, also after a restart; what is edited or deleted by hand is put right. Of an exclusive kind a
 * new leader deletes the objects of the nodes before it; who announces no more deletes its own. Nothing follows from a list
 * that failed: while the watch is away nothing is written.
 */
export function createAnnouncementStatusWriter(
  kind: AnnouncementStatusKind,
  options: AnnouncementStatusWriterOptions,
): AnnouncementStatusWriter {
  const { client, namespace, nodeName, owner, logger } = options;
  const path = `/apis/metallb.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/${kind.plural}`;
  const fieldManager = options.fieldManager ?? 'speaker';
  const op = kind.operation;
  /** Of each Service every node may have an object: those of the others are not even looked at. */
  const selected = !kind.exclusive && isLabelled(nodeName);
  const leads = new Map<string, Lead>();
  /** Said not to be announced before all that is was said. */
  const released = new Set<string>();
  let everythingIsSet = false;
  const index = createStatusIndex();
  const strays = createStrays();
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
      logger.debug({ op, service, error, retryInMs }, `${kind.kind} not written, trying again`),
  });
  const watch = startListWatch<AnnouncementStatus>({
    client,
    path,
    optional: true,
    ...(selected ? { labelSelector: `${NODE_LABEL}=${nodeName}` } : {}),
    project(object) {
      const status = readAnnouncementStatus(kind, object, { nodeName, owner });
      return kind.exclusive || status?.own !== undefined ? status : undefined;
    },
    key: (object) => {
      const uid = metadataOf(object)?.['uid'];
      return typeof uid === 'string' ? uid : undefined;
    },
    logger,
    ...(options.timing === undefined ? {} : { timing: options.timing }),
    onUpsert(uid, object, previous) {
      if (previous !== undefined && previous.serviceKey !== object.serviceKey) forget(previous);
      strays.returned(object);
      index.add(object);
      if (previous === undefined && object.own === undefined && watch.synced) {
        rivalsOf(object.serviceKey)?.appeared(uid, performance.now());
      }
      look(object);
    },
    onDelete(_, object) {
      if (selected) strays.left(object);
      forget(object);
    },
    onState: ({ name }) => name === 'connected' && resume(),
  });
  const expectations = createExpectations(watch, (service) => work.add(service));

  function rivalsOf(service: string): Rivals | undefined {
    const lead = leads.get(service);
    if (lead !== undefined) lead.rivals ??= createRivals();
    return lead?.rivals;
  }

  function forget(object: AnnouncementStatus): void {
    index.remove(object);
    leads.get(object.serviceKey)?.rivals?.disappeared(object.uid);
    look(object);
  }

  /** What of others changes for a Service that is not ours is nobody's business here. */
  function look({ own, serviceKey }: AnnouncementStatus): void {
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
    const planned = planWrites({
      kind,
      serviceKey: service,
      nodeName,
      owner,
      announced: lead?.names,
      objects,
      isOverdue: (object) => lead?.rivals?.isOverdue(object, nowMs) ?? true,
    });
    const writes = [...planned, ...strays.of(service).map((object): StatusWrite => ({ type: 'delete', object }))];
    if (writes.length > 0) {
      // Without the strays: somebody who deletes ours makes them, sooner or later than we look.
      const content = [JSON.stringify([lead?.names ?? null, ...planned.map(({ type }) => type)])];
      const waitMs = contested.waitMs(service, content, nowMs);
      if (waitMs > 0) {
        work.addAfter(service, waitMs);
        return;
      }
      await carryOut(service, writes);
      if (contested.written(service, content, performance.now())) {
        const message = `somebody else undoes the ${kind.kind} of this Service, so it is written more slowly`;
        logger.warn({ op, service }, message);
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

  async function carryOut(service: string, writes: readonly StatusWrite[]): Promise<void> {
    try {
      for (const write of writes) {
        if (write.type === 'delete') strays.ending(write.object);
        await sendStatusWrite({ client, kind, path, fieldManager }, write, (uid, resourceVersion) =>
          expectations.expect(service, uid, resourceVersion),
        );
        if (write.type === 'delete') strays.ended(write.object);
        logger.debug({ op, service, write: write.type }, `${kind.kind} written`);
      }
      refusals = 0;
    } catch (error) {
      if (isApiError(error) && error.code === 'ERR_K8S_FORBIDDEN' && ++refusals >= MIN_REFUSALS) {
        pause(service, error);
        return;
      }
      if (isApiError(error) && error.code === 'ERR_K8S_INVALID' && !told422) {
        told422 = true; // a node name too long for a label, for instance: it is the same for every Service
        logger.warn({ op, service, error }, `the API server refuses the ${kind.kind} as invalid`);
      }
      throw error;
    }
  }

  function pause(service: string, error: Error): void {
    postponed.add(service);
    if (forbidden !== undefined) return;
    const remedy = `allow all verbs of ${kind.plural} and ${kind.plural}/status (metallb.io)`;
    logger.warn({ op, service, error, remedy }, `not allowed to write ${kind.kind}es`);
    forbidden = setTimeout(() => {
      forbidden = undefined;
      resume();
    }, FORBIDDEN_PAUSE_MS);
  }

  return {
    set(service, names) {
      if (!/^[^/]+\/[^/]+$/.test(service)) throw new TypeError(`not namespace/name: ${JSON.stringify(service)}`);
      const lead = leads.get(service);
      if (names === undefined) {
        const known = leads.delete(service) || index.of(service).some(({ own }) => own !== undefined);
        if (!everythingIsSet) released.add(service);
        if (known || expectations.has(service)) work.add(service);
        return;
      }
      if (lead !== undefined && sameNames(lead.names, names)) return;
      released.delete(service);
      if (lead === undefined) leads.set(service, { names, rivals: undefined });
      else lead.names = names;
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
