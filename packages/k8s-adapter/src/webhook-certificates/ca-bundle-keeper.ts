import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { startListWatch } from '../list-watch/list-watch.ts';
import type { ListWatchTiming } from '../list-watch/options.ts';
import { structurallyEqual } from '../list-watch/structural-equality.ts';
import { metadataOf } from '../list-watch/watch-event.ts';
import type { AdapterLogger } from '../logger.ts';
import type { CaBundlePlaces, CaBundleTarget } from './ca-bundle-target.ts';
import { createPace } from './pace.ts';
import type { CaBundle } from './rotation.ts';

/** cert-controller writes as this (MetalLB internal/k8s/webhook.go): the fields stay in one hand, there and back. */
const FIELD_MANAGER = 'MetalLB';
const PACE = { minMs: 200, maxMs: 30_000, quietMs: 60_000 };
/** After a refusal: a rule may be added. */
const FORBIDDEN_RETRY_MS = 30_000;
/** What only our own answers or the watch will change. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([403, 404, 422]);

/** How far one object is. */
export type CaBundleProgress =
  | { readonly name: 'unknown' }
  /** Not allowed to see it or to write it: whoever may has to do it. */
  | { readonly name: 'forbidden' }
  /** There is no such object, or nothing in it to fill in. */
  | { readonly name: 'absent' }
  | { readonly name: 'wrong' }
  | { readonly name: 'right'; readonly exactly: boolean };

export interface CaBundleKeeper {
  readonly progress: CaBundleProgress;
  /** What is to stand there from now on. */
  keep(bundle: CaBundle): void;
  stop(): Promise<void>;
}

export interface CaBundleKeeperOptions {
  readonly client: KubeClient;
  readonly target: CaBundleTarget;
  /** The progress may have changed. */
  readonly onProgress: () => void;
  readonly logger: AdapterLogger;
  readonly timing?: Partial<ListWatchTiming>;
}

function project(target: CaBundleTarget): (object: Readonly<Record<string, unknown>>) => CaBundlePlaces | undefined {
  return (object) => {
    const metadata = metadataOf(object);
    const resourceVersion = metadata?.['resourceVersion'];
    // One that is being deleted is left alone, as cert-controller does.
    if (typeof resourceVersion !== 'string' || metadata?.['deletionTimestamp'] !== undefined) return undefined;
    return { resourceVersion, places: target.places(object) };
  };
}

const encode = (pem: string): string => Buffer.from(pem, 'latin1').toString('base64');

/**
 * Keeps the `caBundle`s of one object what they should be, whoever changes them: by a JSON patch that holds for one version of
 * the object, as the Update of cert-controller does, and at growing distances where somebody else disagrees.
 */
export function keepCaBundle(options: CaBundleKeeperOptions): CaBundleKeeper {
  const { client, target, onProgress, logger } = options;
  const pace = createPace(PACE);
  const stopped = new AbortController();
  let bundle: CaBundle | undefined;
  let forbidden = false;
  let writing = false;
  let timer: NodeJS.Timeout | undefined;
  let told = '';

  const watch = startListWatch<CaBundlePlaces>({
    client,
    path: target.path,
    fieldSelector: `metadata.name=${target.name}`,
    project: project(target),
    equal: (a, b) => structurallyEqual(a.places, b.places),
    onUpsert: look,
    onDelete: look,
    onSynced: look,
    onState: look,
    logger,
    ...(options.timing === undefined ? {} : { timing: options.timing }),
  });

  function progress(): CaBundleProgress {
    if (watch.state.name === 'forbidden') return { name: 'forbidden' };
    if (bundle === undefined || !watch.synced) return { name: 'unknown' };
    const places = watch.values.get(target.name)?.places ?? [];
    if (places.length === 0) return { name: 'absent' };
    const exact = encode(bundle.pem);
    const alone = encode(bundle.alone);
    if (places.every(({ caBundle }) => caBundle === exact)) return { name: 'right', exactly: true };
    if (places.every(({ caBundle }) => caBundle === exact || caBundle === alone))
      return { name: 'right', exactly: false };
    return forbidden ? { name: 'forbidden' } : { name: 'wrong' };
  }

  /** Each thing once, until something else is to be said. */
  function tell(what: string, say: () => void): void {
    if (told !== what) say();
    told = what;
  }

  function look(): void {
    if (stopped.signal.aborted) return;
    const { name } = progress();
    if (name === 'wrong') {
      schedule(pace.nextMs);
    } else if (name === 'absent') {
      const pairs = { op: 'caBundle', kind: target.kind, name: target.name };
      tell(name, () =>
        logger.warn(pairs, 'no webhook in it, or it does not exist: no certificate authority to fill in'),
      );
    } else if (name === 'right') {
      told = '';
    }
    onProgress();
  }

  function schedule(afterMs: () => number): void {
    if (timer !== undefined || writing || stopped.signal.aborted) return;
    timer = setTimeout(() => {
      timer = undefined;
      forbidden = false;
      void write();
    }, afterMs());
  }

  async function write(): Promise<void> {
    const known = watch.values.get(target.name);
    if (bundle === undefined || known === undefined || progress().name !== 'wrong') return;
    const value = encode(bundle.pem);
    writing = true;
    try {
      await client.request('PATCH', `${target.path}/${encodeURIComponent(target.name)}?fieldManager=${FIELD_MANAGER}`, {
        contentType: 'application/json-patch+json',
        body: [
          // With it a change in between is a 409: the places are counted, and may be others by then.
          { op: 'replace', path: '/metadata/resourceVersion', value: known.resourceVersion },
          // `add` replaces what is there: RFC 6902, section 4.1.
          ...known.places.map(({ pointer }) => ({ op: 'add', path: pointer, value })),
        ],
        signal: stopped.signal,
      });
      logger.info({ op: 'caBundle', kind: target.kind, name: target.name }, 'certificate authority filled in');
      writing = false;
      look(); // whatever came meanwhile
    } catch (error) {
      writing = false;
      if (!stopped.signal.aborted) onRefused(error);
    }
  }

  function onRefused(error: unknown): void {
    const status = error instanceof ApiError ? error.httpStatus : undefined;
    if (status === 409) {
      schedule(pace.nextMs);
      return;
    }
    forbidden = status === 403;
    const pairs = { op: 'caBundle', kind: target.kind, name: target.name, error };
    const rule = `verbs [patch] on ${target.resource} named ${target.name}`;
    tell(`${status}`, () => {
      if (forbidden) logger.warn({ ...pairs, rule }, 'a rule is missing; webhooks work when the caBundle is filled in');
      else logger.warn(pairs, 'certificate authority could not be filled in, retrying');
    });
    schedule(() => (REFUSALS.has(status) ? FORBIDDEN_RETRY_MS : Math.max(pace.nextMs(), PACE.minMs)));
    onProgress();
  }

  return {
    get progress() {
      return progress();
    },
    keep(wanted) {
      if (bundle !== undefined && bundle.pem === wanted.pem && bundle.alone === wanted.alone) return;
      bundle = wanted;
      look();
    },
    stop() {
      stopped.abort();
      clearTimeout(timer);
      return watch.stop();
    },
  };
}
