import {
  initialState,
  mayWriteNow,
  podIdentity,
  type SingleWriterConfig,
  type SingleWriterEffect,
  type SingleWriterEvent,
  step,
  wakeAtMs,
  writeUntilMs,
} from '@steelyard/k8s-adapter/single-writer';
import type { ApiServer } from '../world/api-server.ts';
import type { Network } from '../world/network.ts';
import type { SimulatedProcess } from '../world/simulated-process.ts';

export interface SimulatedWriterOptions {
  readonly server: ApiServer;
  readonly network: Network;
  readonly process: SimulatedProcess;
  readonly bootId: string;
  readonly repository: string;
  readonly catchUp: (done: () => void) => void;
  readonly onTookOver: () => void;
  readonly onStoodDown: () => void;
}

type Answer = 'yes' | 'stood-down';

/** The door of `createSingleWriter` in virtual time: the state machine behind it is the real one. */
export interface SimulatedWriter {
  readonly identity: string;
  readonly holding: boolean;
  beforeWrite(): boolean;
  mayWrite(then: (answer: Answer) => void): void;
  readonly leaveByMs: number;
  wanted(): void;
  release(onStopped: () => void): void;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Happening = DistributiveOmit<SingleWriterEvent, 'nowMs' | 'wallMs'>;

/** As long as those of status writes: what the machine counts on. */
export const WRITE_TIMEOUT_MS = 5_000;
const CALL_TIMEOUT_MS = 3_000;
const RELEASE_WAIT_MS = 3_000;
const CLOCK_JUMP_MS = 1_000;
/** As in `createSingleWriter`. */
const TIMING = {
  leaseDurationSeconds: 15,
  requestTimeoutMs: WRITE_TIMEOUT_MS,
  graceMs: 2_000,
  strangersPollMs: 1_000,
  strangersMaxMs: 30_000,
  standbyPollMs: 2_000,
  minReadGapMs: 250,
  retryMinMs: 100,
  retryMaxMs: 2_000,
} as const;

export function createSimulatedWriter(options: SimulatedWriterOptions): SimulatedWriter {
  const { server, network, process, repository } = options;
  const { podName } = process;
  const identity = podIdentity(podName, options.bootId);
  const config: SingleWriterConfig = { ...TIMING, identity, podName, repository };
  let state = initialState(process.nowMs());
  let waiters: ((answer: Answer) => void)[] = [];
  let onStopped: (() => void) | undefined;
  let cancelTimer: () => void = () => undefined;
  let clocks = { monotonicMs: process.nowMs(), wallMs: process.wallMs() };

  function happen(happening: Happening): void {
    const nowMs = process.nowMs();
    const done = step(state, { ...happening, nowMs, wallMs: process.wallMs() } as SingleWriterEvent, config);
    state = done.state;
    for (const effect of done.effects) carryOut(effect);
    settle(nowMs);
    cancelTimer();
    const atMs = wakeAtMs(state, config);
    if (atMs !== Number.POSITIVE_INFINITY) {
      cancelTimer = process.after(Math.max(1, Math.ceil(atMs - nowMs)), () => happen({ type: 'tick' }));
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

  function call<T>(serve: () => T, onAnswer: (value: T) => void, onFailure: () => void): void {
    network.call(process, { serve, onAnswer, onFailure, timeoutMs: CALL_TIMEOUT_MS, mayArriveLate: true });
  }

  function carryOut(effect: SingleWriterEffect): void {
    switch (effect.type) {
      case 'read':
        call(
          () => server.stored,
          (stored) => happen({ type: 'recordRead', ...stored }),
          () => happen({ type: 'readFailed' }),
        );
        break;
      case 'write':
        call(
          () => server.swapRecord(effect.record, effect.version),
          (version) => happen(version === undefined ? { type: 'writeConflict' } : { type: 'written', version }),
          () => happen({ type: 'writeFailed' }),
        );
        break;
      case 'listPods':
        call(
          () => [...server.pods].filter(([name, pod]) => name !== podName && !pod.terminating),
          (pods) =>
            happen({
              type: 'podsListed',
              others: pods.map(([name, pod]) => ({ name, repository: pod.repository })),
            }),
          () => happen({ type: 'podsUnknown' }),
        );
        break;
      case 'readHolderPod':
        call(
          () => !server.pods.has(effect.podName),
          (ended) => {
            if (ended) happen({ type: 'holderGone', holder: effect.holder });
          },
          () => undefined,
        );
        break;
      case 'catchUp':
        options.catchUp(() => happen({ type: 'caughtUp' }));
        break;
      case 'tookOver':
        options.onTookOver();
        break;
      case 'stoodDown':
        options.onStoodDown();
        break;
      case 'strangers':
        break;
    }
  }

  function beforeWrite(): boolean {
    const nowMs = process.nowMs();
    const wallMs = process.wallMs();
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

  happen({ type: 'start' });
  return {
    identity,
    get holding() {
      return state.phase === 'holding';
    },
    beforeWrite,
    mayWrite(then) {
      if (beforeWrite()) then('yes');
      else if (state.phase !== 'holding') then('stood-down');
      else waiters.push(then);
    },
    get leaveByMs() {
      return writeUntilMs(state, config);
    },
    wanted() {
      if (state.phase === 'standby' || state.phase === 'holding') happen({ type: 'wanted' });
    },
    release(then) {
      if (state.phase === 'stopped') {
        then();
        return;
      }
      let told = false;
      onStopped = () => {
        if (!told) then();
        told = true;
      };
      process.after(RELEASE_WAIT_MS, onStopped);
      happen({ type: 'release' });
    },
  };
}
