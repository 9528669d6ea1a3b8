import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { startListWatch } from '../list-watch/list-watch.ts';
import type { ListWatchState, ListWatchTiming } from '../list-watch/options.ts';
import type { AdapterLogger } from '../logger.ts';
import { type OwnerPod, ownersOf } from '../status/owner-references.ts';
import { createWorkQueue } from '../work-queue/work-queue.ts';
import { nameOf, sessionRequests } from './send-session.ts';
import { labelValueOf, type SessionNames, sessionNames } from './session-names.ts';
import { isLabelled, NODE_LABEL, readSession, type SessionObject, sessionLabels } from './session-object.ts';
import { createSessionPace } from './session-pace.ts';
import { differenceOf, sessionStatusOf, withShownTimes } from './session-status.ts';
import type { BgpPeerSessionView } from './session-view.ts';

export interface BgpSessionStatusWriterOptions {
  readonly client: KubeClient;
  /** Where the objects are: MetalLB's own namespace. */
  readonly namespace: string;
  readonly nodeName: string;
  /** The own Pod, with which the objects go; undefined for a process without one. `OwnPod` fits. */
  readonly owner: OwnerPod | undefined;
  /** Under which name `managedFields` lists the writes; MetalLB's speaker is `speaker`. */
  readonly fieldManager?: string;
  readonly logger: AdapterLogger;
  /** Between two writes of one session. Default 5,000. */
  readonly minIntervalMs?: number;
  readonly timing?: Partial<ListWatchTiming>;
}

/** Keeps the BGPPeerSessions of this node equal to its sessions. */
export interface BgpSessionStatusWriter {
  /**
   * These are the sessions of this node, by the name of the BGPPeer, and no others. Repeating it is harmless, however often.
   * Until the first call nothing is concluded: what is there may be from before a restart, and right.
   */
  set(sessions: ReadonlyMap<string, BgpPeerSessionView>): void;
  stop(): Promise<void>;
}

const CONCURRENT_WRITES = 2;
const MIN_INTERVAL_MS = 5_000;
/** How long the feature is off where the CRD or the right is missing. */
const OFF_MS = 600_000;
/** An API server that starts refuses for a while what it will allow; after so many refusals it is meant. */
const MIN_REFUSALS = 3;
const RULE =
  'allow "get", "list", "watch", "create", "patch" and "delete" of bgppeersessions, and "patch" of bgppeersessions/status (steelyard.io), in the namespace';

/** Keys of the queue: a peer that has a session, or an object that has none. */
const PEER = 'peer ';
const OBJECT = 'object ';

/**
 * Shows the state of each BGP session of this node, with its last error in words, in an object of our own kind. Written is only
 * what differs: a session at most once in five seconds, the last state always, nothing at rest; a peer that is tried in vain for
 * long more and more seldom. Where the CRD or the right is missing all of it is off, with one line in the log, and tried again
 * every ten minutes.
 */
export function createBgpSessionStatusWriter(options: BgpSessionStatusWriterOptions): BgpSessionStatusWriter {
  const { client, namespace, nodeName, owner, logger } = options;
  const op = 'setBGPPeerSession';
  const path = `/apis/steelyard.io/v1alpha1/namespaces/${encodeURIComponent(namespace)}/bgppeersessions`;
  const requests = sessionRequests(client, path, options.fieldManager ?? 'speaker');
  const pace = createSessionPace(options.minIntervalMs ?? MIN_INTERVAL_MS);
  let sessions: ReadonlyMap<string, BgpPeerSessionView> | undefined;
  /** The names that belong to a session. */
  let wantedNames: ReadonlySet<string> = new Set();
  /** Peers whose usual name another node's object has. */
  const displaced = new Set<string>();
  const warned = new Set<string>();
  let refusals = 0;
  let off: NodeJS.Timeout | undefined;

  const work = createWorkQueue({
    process: (key) =>
      key.startsWith(PEER) ? convergePeer(key.slice(PEER.length)) : convergeObject(key.slice(OBJECT.length)),
    workers: CONCURRENT_WRITES,
    minBackOffMs: 1_000,
    onFailure: (key, error, retryInMs) => logger.debug({ op, key, error, retryInMs }, 'not written, trying again'),
  });
  const watch = startListWatch<SessionObject>({
    client,
    path,
    optional: true,
    labelSelector: `${NODE_LABEL}=${labelValueOf(nodeName)}`,
    project: (object) => readSession(object, nodeName, owner),
    key: nameOf,
    // What it would say of a kind that is not there is said here, once.
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (pairs, msg) => logger.error(pairs, msg),
    },
    timing: { slowRetryMaxMs: OFF_MS, ...options.timing },
    onUpsert: (name) => lookAt(name),
    onDelete: (name) => lookAt(name),
    onState: stateChanged,
  });

  function stateChanged(state: ListWatchState): void {
    if (state.name === 'connected') {
      warned.clear();
      lookAtAll();
    } else if (state.name === 'absent') {
      const remedy = 'apply the CustomResourceDefinition bgppeersessions.steelyard.io (deploy/crds)';
      warnOnce('absent', remedy, 'the kind BGPPeerSession is not installed: the state of BGP sessions is not shown');
    } else if (state.name === 'forbidden') {
      warnOnce('forbidden', RULE, 'not allowed to read BGPPeerSessions: the state of BGP sessions is not shown');
    }
  }

  function warnOnce(what: string, remedy: string, message: string, error?: Error): void {
    if (warned.has(what)) return;
    warned.add(what);
    logger.warn({ op, remedy, ...(error === undefined ? {} : { error }) }, message);
  }

  /** An object that belongs to a session, or to none. */
  function lookAt(name: string): void {
    if (sessions === undefined) return;
    if (!wantedNames.has(name)) {
      work.add(OBJECT + name);
      return;
    }
    for (const peer of sessions.keys()) {
      const { usual, exact } = namesOf(peer);
      if (name === usual || name === exact) work.add(PEER + peer);
    }
  }

  function lookAtAll(): void {
    if (sessions === undefined) return;
    for (const peer of sessions.keys()) work.add(PEER + peer);
    for (const name of watch.values.keys()) if (!wantedNames.has(name)) work.add(OBJECT + name);
  }

  function mayWrite(): boolean {
    return watch.state.name === 'connected' && off === undefined; // when it may again, all is looked at
  }

  const known = new Map<string, SessionNames>();
  function namesOf(peer: string): SessionNames {
    const names = known.get(peer) ?? sessionNames(nodeName, peer);
    known.set(peer, names);
    return names;
  }

  async function convergeObject(name: string): Promise<void> {
    const object = watch.values.get(name);
    if (object === undefined || sessions === undefined || wantedNames.has(name) || !mayWrite()) return;
    await carryOut(() => requests.remove(object));
  }

  async function convergePeer(peer: string): Promise<void> {
    const view = sessions?.get(peer);
    if (view === undefined || !mayWrite()) return;
    const { usual, exact } = namesOf(peer);
    const object = (displaced.has(peer) ? undefined : watch.values.get(usual)) ?? watch.values.get(exact);
    const status = withShownTimes(sessionStatusOf(nodeName, peer, view), object?.status ?? {});
    const labels = sessionLabels(nodeName, peer);
    const isOurs = object !== undefined && isLabelled(object, labels) && object.otherOwners === undefined;
    const difference = object === undefined ? 'news' : differenceOf(status, object.status);
    if (isOurs && difference === 'none') return;
    const kind = isOurs && difference === 'minor' ? 'minor' : 'news';
    const waitMs = pace.waitMs(peer, kind, performance.now());
    if (waitMs > 0) {
      work.addAfter(PEER + peer, waitMs);
      return;
    }
    pace.written(peer, kind, performance.now());
    await carryOut(async () => {
      const target = object ?? (await create(peer, labels));
      if (object !== undefined && !isOurs) await adopt(object, labels);
      if (object === undefined || difference !== 'none') await requests.patchStatus(target.name, status);
    });
    work.addAfter(PEER + peer, options.minIntervalMs ?? MIN_INTERVAL_MS); // by then the watch shows what was written
  }

  async function adopt(object: SessionObject, labels: Readonly<Record<string, string>>): Promise<void> {
    const { otherOwners } = object;
    const owners = otherOwners === undefined ? {} : { ownerReferences: ownersOf(otherOwners, owner) };
    await requests.patchMetadata(object, { labels, ...owners });
  }

  /** Makes the object, or finds the one that is there: made by a request whose answer was lost, or with edited labels. */
  async function create(peer: string, labels: Readonly<Record<string, string>>): Promise<{ readonly name: string }> {
    const { usual, exact } = namesOf(peer);
    const name = displaced.has(peer) ? exact : usual;
    try {
      await requests.create(name, { labels, ownerReferences: ownersOf([], owner) });
      return { name };
    } catch (error) {
      if (!isApiError(error) || error.code !== 'ERR_K8S_ALREADY_EXISTS') throw error;
    }
    const there = await requests.read(name);
    const object = readSession(there, nodeName, owner);
    const isOfThis =
      object !== undefined && (object.status['peer'] ?? peer) === peer && object.status['node'] === nodeName;
    const isNobodys = object !== undefined && (isOfThis || isLabelled(object, labels));
    if (isNobodys) {
      await adopt(object, labels);
      return object;
    }
    if (name === exact) throw new Error(`the name ${name} is taken`); // by hand; it is tried again
    displaced.add(peer);
    return create(peer, labels);
  }

  async function carryOut(send: () => Promise<void>): Promise<void> {
    try {
      await send();
      refusals = 0;
    } catch (error) {
      if (isApiError(error) && error.code === 'ERR_K8S_FORBIDDEN' && ++refusals >= MIN_REFUSALS) {
        switchOff(error);
        return;
      }
      if (isApiError(error) && error.code === 'ERR_K8S_INVALID') {
        warnOnce('invalid', 'apply deploy/crds again', 'the API server refuses a BGPPeerSession as invalid', error);
      }
      throw error;
    }
  }

  function switchOff(error: Error): void {
    if (off !== undefined) return;
    warnOnce('write', RULE, 'not allowed to write BGPPeerSessions: the state of BGP sessions is not shown', error);
    off = setTimeout(() => {
      off = undefined;
      refusals = 0;
      lookAtAll();
    }, OFF_MS);
  }

  return {
    set(next) {
      const before = sessions;
      sessions = new Map(next);
      for (const peer of before?.keys() ?? []) {
        if (next.has(peer)) continue;
        displaced.delete(peer);
        known.delete(peer);
        pace.forget(peer);
        work.forget(PEER + peer);
      }
      wantedNames = new Set(
        [...next.keys()].flatMap((peer) => {
          const { usual, exact } = namesOf(peer);
          return displaced.has(peer) ? [exact] : [usual, exact];
        }),
      );
      lookAtAll();
    },
    async stop() {
      clearTimeout(off);
      await watch.stop();
      await work.stop();
    },
  };
}
