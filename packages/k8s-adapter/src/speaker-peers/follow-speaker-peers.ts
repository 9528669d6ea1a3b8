import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { startListWatch } from '../list-watch/list-watch.ts';
import type { ListWatchState, ListWatchTiming } from '../list-watch/options.ts';
import type { AdapterLogger } from '../logger.ts';
import { callBack } from '../uncaught.ts';
import { type PodPoll, type PodPollTiming, startPodPoll } from './pod-poll.ts';
import { addressesOf, readSpeakerPod, type SpeakerPod } from './speaker-pod.ts';

export interface SpeakerPeersOptions {
  readonly client: KubeClient;
  /** Where the speakers run. */
  readonly namespace: string;
  /** METALLB_ML_LABELS: a label selector, which the API server reads and judges, as with MetalLB. */
  readonly labels: string;
  /** The own node: its Pods are left out. Without it the own address is among the others, and the gossip skips itself. */
  readonly nodeName?: string;
  /**
   * The addresses of the speakers' Pods, sorted: after the first complete look (also when there is none), whenever they have
   * changed, and after each `lookAgain` even if they have not.
   */
  readonly onPeers: (addresses: readonly string[]) => void;
  /** Pods may not be listed, and so it will not be known who the peers are, until the rule is there. Called once. */
  readonly onForbidden?: () => void;
  readonly logger: AdapterLogger;
  readonly timing?: Partial<SpeakerPeersTiming>;
}

export interface SpeakerPeersTiming {
  /** How long the watch may be refused before Pods are polled: an API server that starts refuses what it will allow. */
  readonly refusedMs: number;
  readonly poll: Partial<PodPollTiming>;
  readonly watch: Partial<ListWatchTiming>;
}

/** The Pods of the speakers, as far as the gossip needs them. */
export interface SpeakerPeers {
  /** Undefined until they were listed once. What is known stays, whatever fails. */
  readonly addresses: readonly string[] | undefined;
  /** A Node has appeared, or the own one has changed. Cheap, and one look for as many calls as there are within a second. */
  lookAgain(): void;
  stop(): Promise<void>;
}

const DEFAULT_REFUSED_MS = 3_000;
const DEFAULT_POLL: PodPollTiming = {
  intervalMs: 300_000,
  minIntervalMs: 1_000,
  retryMinMs: 1_000,
  retryMaxMs: 60_000,
  random: Math.random,
};
const WATCH_RULE = '"watch" of pods in the namespace';
const LIST_RULE = '"list" of pods in the namespace';

/**
 * Finds the other speakers by their Pods' labels. Where it may, it watches them; MetalLB's role allows no more than a list,
 * so then they are listed every five minutes, as MetalLB does, and when there is reason to look.
 *
 * @throws TypeError for an empty selector: that selects every Pod.
 * @see MetalLB `internal/speakerlist/speakerlist.go`, `updateSpeakerIPs`; `internal/k8s/k8s.go`, `PodIPs`
 */
export function followSpeakerPeers(options: SpeakerPeersOptions): SpeakerPeers {
  const { client, labels, nodeName, logger } = options;
  if (labels.trim() === '') throw new TypeError('no labels that tell the Pods of speakers: set METALLB_ML_LABELS');
  const path = `/api/v1/namespaces/${encodeURIComponent(options.namespace)}/pods`;
  const polling: PodPollTiming = { ...DEFAULT_POLL, ...options.timing?.poll };
  let addresses: readonly string[] | undefined;
  let telling: NodeJS.Immediate | undefined;
  let owed = false; // a look was asked for: what it finds is told even if it is nothing new
  let poll: PodPoll | undefined;
  let refused: NodeJS.Timeout | undefined;
  let forbiddenTold = false;
  let failing = false; // said once, until a look succeeds
  let stopped = false;

  function learn(pods: Iterable<SpeakerPod>): void {
    const found = addressesOf(pods, nodeName);
    const changed = addresses === undefined || addresses.join() !== found.join();
    addresses = found;
    if (!changed && !owed) return;
    owed = false;
    callBack(() => options.onPeers(found));
  }

  function learnSoon(): void {
    telling ??= setImmediate(() => {
      telling = undefined;
      if (watch.synced && poll === undefined) learn(watch.values.values());
    });
  }

  const watch = startListWatch<SpeakerPod>({
    client,
    path,
    labelSelector: labels,
    project: readSpeakerPod,
    // What is wrong is said here, once and in other words: to be refused the watch is the ordinary case.
    logger: { ...logger, warn: (pairs, msg) => logger.debug(pairs, msg) },
    ...(options.timing?.watch === undefined ? {} : { timing: options.timing.watch }),
    onSynced: learnSoon,
    onUpsert: learnSoon,
    onDelete: learnSoon,
    onState,
  });

  function onState(state: ListWatchState): void {
    clearTimeout(refused);
    if (state.name === 'forbidden') refused = setTimeout(startPolling, options.timing?.refusedMs ?? DEFAULT_REFUSED_MS);
    if (state.name === 'retrying') {
      logger.warn({ op: 'memberDiscovery', labels, error: state.error }, 'failed to get pod IPs, what was known stays');
    }
  }

  function startPolling(): void {
    if (stopped) return;
    if (watch.synced) {
      learn(watch.values.values());
      const pairs = { op: 'memberDiscovery', labels, remedy: `allow ${WATCH_RULE} to hear of them at once` };
      logger.info(pairs, 'not allowed to watch the Pods of speakers, listing them every five minutes');
    }
    void watch.stop();
    poll = startPodPoll({
      client,
      path,
      labels,
      timing: polling,
      knownAlready: watch.synced && !owed,
      onPods(pods) {
        failing = false;
        learn(pods);
      },
      onFailure,
    });
  }

  function onFailure(error: unknown, retryInMs: number): void {
    const forbidden = isApiError(error) && error.code === 'ERR_K8S_FORBIDDEN';
    if (!failing) {
      failing = true;
      const rule = forbidden ? { remedy: `allow ${LIST_RULE}` } : {};
      const pairs = { op: 'memberDiscovery', labels, error, retryInMs, ...rule };
      logger.warn(pairs, 'failed to get pod IPs, what was known stays');
    }
    if (!forbidden || forbiddenTold) return;
    forbiddenTold = true;
    callBack(() => options.onForbidden?.());
  }

  return {
    get addresses() {
      return addresses;
    },
    lookAgain() {
      owed = true;
      if (poll !== undefined) poll.lookAgain();
      else learnSoon(); // the watch has told already, or will
    },
    async stop() {
      stopped = true;
      clearTimeout(refused);
      clearImmediate(telling);
      await watch.stop();
      await poll?.stop();
    },
  };
}
