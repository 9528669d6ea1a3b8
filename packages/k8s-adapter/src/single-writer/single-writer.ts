import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { KubeClient } from '../client/kube-client.ts';
import type { AdapterLogger } from '../logger.ts';
import { type OwnPod, readOwnPod } from '../own-pod/own-pod.ts';
import { callBack } from '../uncaught.ts';
import { mayWriteNow, writeUntilMs } from './machine/lease.ts';
import {
  initialState,
  type SingleWriterConfig,
  type SingleWriterEffect,
  type SingleWriterEvent,
} from './machine/state.ts';
import { step } from './machine/step.ts';
import { wakeAtMs } from './machine/wake.ts';
import { createControllerPods, repositoryOf } from './other-controllers.ts';
import { hostIdentity, podIdentity } from './record.ts';
import { createRecordStore } from './record-store.ts';

export interface SingleWriterOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** METALLB_POD_NAME; empty where the process was started by hand. */
  readonly podName: string;
  /** The own Pod, where it has been read already. */
  readonly ownPod?: OwnPod;
  /**
   * Resolves when everything that was written before `sinceMs` (of `performance.now()`) has been seen, as `ListWatch.catchUp`
   * does. Rejecting asks for another try.
   */
  readonly catchUp: (signal: AbortSignal, sinceMs: number) => Promise<void>;
  /** Writing is ours from now on. Told before any write may leave. */
  readonly onTookOver: (predecessor: string) => void;
  /** Writing is another's: drop what is pending. */
  readonly onStoodDown: (because: string) => void;
  readonly logger: AdapterLogger;
  readonly leaseName?: string;
  readonly timing?: Partial<Omit<SingleWriterConfig, 'identity' | 'podName' | 'repository'>>;
}

/** Of several controllers, one writes. */
export interface SingleWriter {
  readonly identity: string;
  /** `waiting`: beside a controller that keeps to no record, MetalLB's for instance; or not yet decided. */
  readonly standing: 'holder' | 'standby' | 'waiting';
  /** Whether a write may leave now. Costs nothing while the lease is fresh; else false, and the lease is being renewed. */
  beforeWrite(): boolean;
  /** The last moment at which a write may leave, of `performance.now()`: `leaveByMs` of its request. */
  readonly leaveByMs: number;
  /** Renews if need be, once for all who ask. `stood-down`: not ours to write; ask again after `onTookOver`. */
  mayWrite(): Promise<'yes' | 'stood-down'>;
  /** Something happened that may have to be written for, by whoever holds the record: say so whatever `standing` is. */
  wanted(): void;
  /**
   * Lets go, so that the next one takes over at once; resolves when that is written, or after three seconds. To be called when no
   * write is under way any more: one that came later would meet the next one's.
   */
  release(): Promise<void>;
  /** Ends without letting go; nothing is called any more. */
  stop(): Promise<void>;
}

const DEFAULTS = {
  leaseDurationSeconds: 15,
  requestTimeoutMs: 5_000,
  graceMs: 2_000,
  strangersPollMs: 1_000,
  strangersMaxMs: 30_000,
  standbyPollMs: 2_000,
  minReadGapMs: 250,
  retryMinMs: 100,
  retryMaxMs: 2_000,
} as const;
const RELEASE_WAIT_MS = 3_000;
/** A monotonic clock stands still while the machine sleeps, the calendar does not. */
const CLOCK_JUMP_MS = 1_000;
const MAX_TIMER_MS = 0x7fffffff;

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Happening = DistributiveOmit<SingleWriterEvent, 'nowMs' | 'wallMs'>;

/**
 * Makes sure that two controllers never hand out one address twice: who writes is kept in the API server, and costs a write only
 * while there is something to write. See `step` for how; `docs/architecture.md`, section 8, for why.
 */
export function createSingleWriter(options: SingleWriterOptions): SingleWriter {
  const { client, namespace, podName, logger } = options;
  const bootId = randomBytes(8).toString('hex');
  const identity =
    podName === '' ? hostIdentity(hostname().slice(0, 253), `${process.pid}-${bootId}`) : podIdentity(podName, bootId);
  let config: SingleWriterConfig = { ...DEFAULTS, ...options.timing, identity, podName, repository: '' };
  const store = createRecordStore({
    client,
    namespace,
    leaseName: options.leaseName ?? 'steelyard-controller',
    logger,
  });
  let pods = createControllerPods(client, namespace, options.ownPod, podName);
  const stopped = new AbortController();
  let state = initialState(performance.now());
  let timer: NodeJS.Timeout | undefined;
  let waiters: ((answer: 'yes' | 'stood-down') => void)[] = [];
  let onStopped: (() => void) | undefined;
  let clocks = { monotonicMs: performance.now(), wallMs: Date.now() };

  function happen(happening: Happening): void {
    if (stopped.signal.aborted) return;
    const nowMs = performance.now();
    const done = step(state, { ...happening, nowMs, wallMs: Date.now() } as SingleWriterEvent, config);
    state = done.state;
    for (const effect of done.effects) carryOut(effect);
    settle(nowMs);
    clearTimeout(timer);
    const atMs = wakeAtMs(state, config);
    if (atMs !== Number.POSITIVE_INFINITY) {
      timer = setTimeout(() => happen({ type: 'tick' }), Math.min(Math.max(1, Math.ceil(atMs - nowMs)), MAX_TIMER_MS));
    }
  }

  function settle(nowMs: number): void {
    if (state.phase === 'stopped') onStopped?.();
    if (waiters.length === 0 || (state.phase === 'holding' && !mayWriteNow(state, config, nowMs))) return;
    const answer = state.phase === 'holding' ? 'yes' : 'stood-down';
    const settled = waiters;
    waiters = [];
    for (const resolve of settled) resolve(answer);
  }

  function carryOut(effect: SingleWriterEffect): void {
    switch (effect.type) {
      case 'read':
        store.read().then(
          (stored) => happen({ type: 'recordRead', ...stored }),
          (error: unknown) => failed('readFailed', error),
        );
        break;
      case 'write':
        store.write(effect.record, effect.version).then(
          (version) => happen(version === undefined ? { type: 'writeConflict' } : { type: 'written', version }),
          (error: unknown) => failed('writeFailed', error),
        );
        break;
      case 'listPods':
        pods.list().then(
          (others) => {
            if (others !== 'forbidden') return happen({ type: 'podsListed', others });
            const remedy = `allow "list" of pods in namespace ${namespace}`;
            logger.warn({ op: 'singleWriter', remedy }, 'other controllers cannot be seen, so none is waited for');
            return happen({ type: 'podsForbidden' });
          },
          () => happen({ type: 'podsUnknown' }),
        );
        break;
      case 'readHolderPod':
        void pods.hasEnded(effect.podName).then((ended) => {
          if (ended) happen({ type: 'holderGone', holder: effect.holder });
        });
        break;
      case 'catchUp':
        catchUp(performance.now()).then(
          () => happen({ type: 'caughtUp' }),
          () => happen({ type: 'catchUpFailed' }),
        );
        break;
      case 'tookOver': {
        const { predecessor } = effect;
        logger.info({ op: 'singleWriter', identity, predecessor }, 'this controller gives addresses from now on');
        callBack(() => options.onTookOver(predecessor));
        break;
      }
      case 'stoodDown': {
        const { because } = effect;
        logger.warn({ op: 'singleWriter', identity, reason: because }, 'this controller gives no addresses for now');
        callBack(() => options.onStoodDown(because));
        break;
      }
      case 'strangers': {
        const msg = effect.waiting
          ? 'another controller is alive: no address is given until it has ended'
          : 'another controller is still alive: addresses are given all the same';
        const pairs = { op: 'singleWriter', pods: effect.pods.slice(0, 10) };
        if (effect.waiting) logger.info(pairs, msg);
        else logger.warn(pairs, msg);
        break;
      }
    }
  }

  /** What the caller's throws is another reason to try again. */
  async function catchUp(sinceMs: number): Promise<void> {
    await options.catchUp(stopped.signal, sinceMs);
  }

  function failed(type: 'readFailed' | 'writeFailed', error: unknown): void {
    if (stopped.signal.aborted) return;
    logger.debug({ op: 'singleWriter', error }, 'the record of who writes cannot be reached, trying again');
    happen({ type });
  }

  function beforeWrite(): boolean {
    const nowMs = performance.now();
    const wallMs = Date.now();
    const jumped = wallMs - clocks.wallMs - (nowMs - clocks.monotonicMs) > CLOCK_JUMP_MS;
    clocks = { monotonicMs: nowMs, wallMs };
    if (jumped) happen({ type: 'clockJumped' });
    if (!mayWriteNow(state, config, nowMs)) {
      if (state.phase === 'holding') happen({ type: 'renew' });
      return false;
    }
    if (!state.pods.off && !state.pods.listing && nowMs >= state.pods.nextAtMs) happen({ type: 'writing' });
    return mayWriteNow(state, config, nowMs);
  }

  async function start(): Promise<void> {
    let own = options.ownPod;
    if (own === undefined && podName !== '') {
      const outcome = await readOwnPod({ client, namespace, podName, signal: stopped.signal }).catch(() => undefined);
      if (outcome?.found === true) own = outcome.pod;
    }
    config = { ...config, repository: repositoryOf(own?.image ?? '') };
    pods = createControllerPods(client, namespace, own, podName);
    happen({ type: 'start' });
  }
  void start();

  return {
    identity,
    get standing() {
      if (state.phase === 'holding') return 'holder';
      return state.phase === 'starting' || state.phase === 'waiting' ? 'waiting' : 'standby';
    },
    beforeWrite,
    get leaveByMs() {
      return writeUntilMs(state, config);
    },
    mayWrite() {
      if (beforeWrite()) return Promise.resolve('yes');
      if (state.phase !== 'holding' || stopped.signal.aborted) return Promise.resolve('stood-down');
      return new Promise((resolve) => waiters.push(resolve));
    },
    wanted() {
      if (state.phase === 'standby' || state.phase === 'holding') happen({ type: 'wanted' });
    },
    async release() {
      if (state.phase === 'stopped' || stopped.signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      onStopped = resolve;
      const deadline = setTimeout(resolve, RELEASE_WAIT_MS);
      happen({ type: 'release' });
      await promise;
      clearTimeout(deadline);
    },
    stop() {
      stopped.abort();
      clearTimeout(timer);
      for (const resolve of waiters) resolve('stood-down');
      waiters = [];
      return Promise.resolve();
    },
  };
}
