/** A Kubernetes API in this process: its objects live as long as it does. */

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessLog, type LoggedRequest } from './http/access-log.ts';
import { type ApiServer, createHandler } from './http/api-server.ts';
import { Faults, type Injection } from './http/faults.ts';
import { createApiListener } from './http/http-server.ts';
import { builtInKinds } from './kinds/built-in-kinds.ts';
import { kindsOfDefinition } from './kinds/custom-kinds.ts';
import { metallbDefinitions } from './kinds/metallb-definitions.ts';
import type { ResourceKind } from './kinds/resource-kind.ts';
import { kubeconfigFor } from './kubeconfig.ts';
import { makeFirstObjects } from './store/first-objects.ts';
import { collectGarbage } from './store/garbage-collection.ts';
import { Registry } from './store/registry.ts';
import { Storage } from './store/storage.ts';
import type { Watch } from './store/watch.ts';

export interface MemoryApiOptions {
  /** Where to listen: 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0, any free port, unless given. */
  readonly port?: number;
  /** Whether the metallb.io kinds are there from the start: true unless given. */
  readonly customResources?: boolean;
  /** An IPv4 /16, and an IPv6 range ending in `::` for a dual-stack cluster. K3s's own, and one of fd00::/8, unless given. */
  readonly serviceCidrs?: readonly string[];
  readonly gitVersion?: string;
  /** How many changes a watch can resume from: 10,000 unless given. */
  readonly historyLimit?: number;
  /** How often watches that take bookmarks get one: 60 s unless given. */
  readonly bookmarkIntervalMs?: number;
  /** The clock of timestamps and ages. */
  readonly now?: () => number;
}

export interface MemoryApi extends AsyncDisposable {
  readonly url: string;
  /** A file that only this user may read. */
  readonly kubeconfigPath: string;
  readonly kubeconfig: string;
  readonly token: string;
  /** Everything that was asked, the oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** POST, PUT, PATCH and DELETE among them. */
  readonly writes: readonly LoggedRequest[];
  readonly resourceVersion: number;
  /** Watches that are open now. */
  readonly openWatches: number;
  clearRequests(): void;
  /** Lets the next matching requests fail. */
  inject(injection: Injection): void;
  /** Injected failures that have not struck yet. */
  readonly pendingFaults: number;
  clearFaults(): void;
  /** Forgets the past, as etcd's compaction does: older versions are answered with 410. */
  expireHistory(): void;
  /** Sends a bookmark to every watch that takes them. */
  sendBookmarks(): void;
  /** Breaks every connection and refuses new ones; what is stored stays. */
  stop(): Promise<void>;
  /** Listens again, at the same port. */
  start(): Promise<void>;
  /** Stops for good and removes the kubeconfig; may be called again. */
  close(): Promise<void>;
}

export async function openMemoryApi(options: MemoryApiOptions = {}): Promise<MemoryApi> {
  const {
    host = '127.0.0.1',
    port = 0,
    customResources = true,
    serviceCidrs = ['10.43.0.0/16', 'fd00:43::/112'],
    gitVersion = 'v1.37.2',
    historyLimit = 10_000,
    bookmarkIntervalMs = 60_000,
    now = Date.now,
  } = options;
  const storage = new Storage(historyLimit);
  const registry = new Registry(storage, serviceCidrs, now);
  const kinds = servedKinds(storage);
  const token = randomBytes(16).toString('hex');
  const watches = new Set<Watch>();
  const faults = new Faults();
  const log = new AccessLog();
  const kindOf = (plural: string): ResourceKind => {
    const kind = builtInKinds.find((one) => one.plural === plural);
    if (kind === undefined) throw new RangeError(`no built-in kind is called ${plural}`);
    return kind;
  };
  makeFirstObjects(storage, registry, kindOf, serviceCidrs);
  if (customResources) {
    for (const definition of metallbDefinitions)
      registry.create(kindOf('customresourcedefinitions'), undefined, definition);
  }
  const stopCollecting = collectGarbage(storage, registry, kinds);
  const server: ApiServer = { storage, registry, now, gitVersion, token, kinds, watches };
  const listener = createApiListener(host, port, createHandler(server), faults, log, now);
  await listener.start();
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}`;
  const kubeconfig = kubeconfigFor(url, token);
  const folder = await mkdtemp(join(tmpdir(), 'steelyard-memory-api-'));
  const kubeconfigPath = join(folder, 'kubeconfig');
  await writeFile(kubeconfigPath, kubeconfig, { mode: 0o600 });
  // Credentials do not outlive a process that forgot to close.
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);

  const sendBookmarks = (): void => {
    for (const watch of watches) watch.bookmark();
  };
  const bookmarks = setInterval(sendBookmarks, bookmarkIntervalMs).unref();
  const close = async (): Promise<void> => {
    clearInterval(bookmarks);
    stopCollecting();
    await listener.stop();
    process.off('exit', removeFolder);
    removeFolder();
  };

  return {
    url,
    kubeconfigPath,
    kubeconfig,
    token,
    get requests() {
      return log.requests;
    },
    get writes() {
      return log.requests.filter(({ method }) => method !== 'GET');
    },
    get resourceVersion() {
      return storage.resourceVersion;
    },
    get openWatches() {
      return watches.size;
    },
    get pendingFaults() {
      return faults.pending;
    },
    clearRequests: () => log.clear(),
    inject: (injection) => faults.inject(injection),
    clearFaults: () => faults.clear(),
    expireHistory: () => storage.expireHistory(),
    sendBookmarks,
    stop: () => listener.stop(),
    start: () => listener.start(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The built-in kinds, and those of the definitions that are stored now. */
function servedKinds(storage: Storage): () => readonly ResourceKind[] {
  let version = -1;
  let kinds: readonly ResourceKind[] = builtInKinds;
  let definitionsChangedAt = 0;
  storage.subscribe((change) => {
    if (change.storage === 'customresourcedefinitions.apiextensions.k8s.io')
      definitionsChangedAt = change.resourceVersion;
  });
  return () => {
    if (version !== definitionsChangedAt) {
      const definitions = storage.list('customresourcedefinitions.apiextensions.k8s.io');
      kinds = [...builtInKinds, ...definitions.flatMap(kindsOfDefinition)];
      version = definitionsChangedAt;
    }
    return kinds;
  };
}
