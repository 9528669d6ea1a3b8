import { setTimeout as wait } from 'node:timers/promises';
import { createBackOff } from '../back-off.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { listPages } from '../list-watch/list-pages.ts';
import { readSpeakerPod, type SpeakerPod } from './speaker-pod.ts';

export interface PodPollOptions {
  readonly client: KubeClient;
  readonly path: string;
  readonly labels: string;
  readonly timing: PodPollTiming;
  /** Whether the last look found this already; the first is without delay otherwise. */
  readonly knownAlready: boolean;
  readonly onPods: (pods: readonly SpeakerPod[]) => void;
  /** Told of each look that failed; the next comes after the delay. */
  readonly onFailure: (error: unknown, retryInMs: number) => void;
}

export interface PodPollTiming {
  /** MetalLB's: five minutes. */
  readonly intervalMs: number;
  /** Between two looks, however often one is asked for. */
  readonly minIntervalMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  readonly random: () => number;
}

export interface PodPoll {
  lookAgain(): void;
  stop(): Promise<void>;
}

const PAGE_LIMIT = 500;
const PAGE_TIMEOUT_MS = 30_000;
const MAX_PAGE_OCTETS = 32 * 1024 * 1024;

/** Lists Pods again and again; one that is asked for while another is under way follows it. */
export function startPodPoll(options: PodPollOptions): PodPoll {
  const { timing } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const backOff = createBackOff({ minMs: timing.retryMinMs, maxMs: timing.retryMaxMs }, timing.random);
  let sleep: AbortController | undefined;
  let asked = !options.knownAlready;

  async function pause(ms: number): Promise<void> {
    sleep = new AbortController();
    await wait(ms, undefined, { signal: AbortSignal.any([signal, sleep.signal]) }).catch(() => undefined);
    sleep = undefined;
  }

  async function list(): Promise<readonly SpeakerPod[]> {
    const pods: SpeakerPod[] = [];
    await listPages(options.client, {
      path: options.path,
      query: { labelSelector: options.labels },
      pageLimit: PAGE_LIMIT,
      pageTimeoutMs: PAGE_TIMEOUT_MS,
      maxPageOctets: MAX_PAGE_OCTETS,
      exactIntegers: false,
      signal,
      onItem: (item) => {
        const pod = readSpeakerPod(item);
        if (pod !== undefined) pods.push(pod);
      },
    });
    return pods;
  }

  async function run(): Promise<void> {
    let intervalMs = timing.intervalMs;
    while (!signal.aborted) {
      if (!asked) await pause(intervalMs);
      if (signal.aborted) return;
      asked = false;
      try {
        options.onPods(await list());
        backOff.reset();
        intervalMs = timing.intervalMs;
      } catch (error) {
        if (signal.aborted) return;
        intervalMs = backOff.nextMs();
        options.onFailure(error, intervalMs);
      }
      await wait(timing.minIntervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    lookAgain() {
      asked = true;
      sleep?.abort();
    },
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
