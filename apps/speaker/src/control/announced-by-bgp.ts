import type { Announcer, AnnouncerOutput } from '@steelyard/announce';
import type { Logger } from '@steelyard/daemon';
import {
  type BgpPeerSessionView,
  type BgpSessionStatusWriter,
  createBgpSessionStatusWriter,
  createServiceBgpStatusWriter,
  type EventNotice,
  type KubeClient,
  type OwnPod,
  type ServiceBgpStatusWriter,
} from '@steelyard/k8s-adapter';
import type { BgpCounters, BgpSessionReport, WireReport } from '@steelyard/speaker-wire/control';

type BgpOutput = AnnouncerOutput['bgp'];

/** An aggregate may be thousands of Services': some of them tell enough. */
const MAX_EVENTS_OF_A_PREFIX = 10;
/** After this, what a session that has just come up announces is out, and counted. */
const SETTLE_MS = 700;
/** How often counts are looked at that nothing has changed for all we know. Nothing is written where they are as before. */
const LOOK_AT_COUNTS_MS = 30_000;

export interface AnnouncedByBgpOptions {
  readonly announcer: Pick<Announcer, 'peersOf' | 'routes' | 'bgpDecisionOf'>;
  /** Counters of the sessions. */
  readonly bgpCounters: () => readonly BgpCounters[];
  /** Posts an Event on a Service. */
  readonly post: (serviceKey: string, event: Pick<EventNotice, 'type' | 'reason' | 'message'>) => void;
  readonly logger: Logger;
}

/** What this node announces by BGP and how its sessions are, for the metrics and for the objects that say so. */
export interface AnnouncedByBgp {
  /** What the announcer has found. */
  decided(output: BgpOutput): void;
  /** What the wire thread has done. */
  take(reports: readonly WireReport[]): void;
  /** Each Service that is announced, with its addresses. */
  announced(): Iterable<readonly [serviceKey: string, addresses: readonly string[]]>;
  /** From now on it is also written into ServiceBGPStatuses and BGPPeerSessions. */
  writeStatuses(options: {
    readonly client: KubeClient;
    readonly namespace: string;
    readonly nodeName: string;
    readonly owner: OwnPod | undefined;
    readonly logger: Logger;
  }): void;
  stop(): Promise<void>;
}

export function followAnnouncedByBgp({ announcer, bgpCounters, post, logger }: AnnouncedByBgpOptions): AnnouncedByBgp {
  const announced = new Set<string>();
  const peersOf = new Map<string, readonly string[]>();
  const sessions = new Map<string, BgpSessionReport>();
  const establishedAtMs = new Map<string, number>();
  let services: ServiceBgpStatusWriter | undefined;
  /** There once there is a session: who has no peers needs neither the kind nor the right to write it. */
  let status: BgpSessionStatusWriter | undefined;
  let openStatus: (() => BgpSessionStatusWriter) | undefined;
  let isComplete = false;
  let peersKnown = false;
  let looking: NodeJS.Timeout | undefined;
  let settling: NodeJS.Timeout | undefined;

  function writeService(serviceKey: string): void {
    const peers = peersOf.get(serviceKey);
    services?.set(serviceKey, peers === undefined ? undefined : { peers });
  }

  function writeSessions(): void {
    if (!peersKnown) return;
    if (sessions.size > 0) status ??= openStatus?.();
    if (status === undefined) return;
    const counters = new Map(bgpCounters().map((one) => [one.peer, one]));
    status.set(
      new Map(
        [...sessions].map(([peer, report]) => [peer, viewOf(report, establishedAtMs.get(peer), counters.get(peer))]),
      ),
    );
  }

  /** Once for all that happens meanwhile. */
  function writeSessionsSoon(): void {
    settling ??= setTimeout(() => {
      settling = undefined;
      writeSessions();
    }, SETTLE_MS);
    settling.unref();
  }

  function tellConflicts({ localPrefConflicts }: BgpOutput): void {
    for (const { prefix, serviceKeys, conflicts } of localPrefConflicts) {
      for (const { kept, dropped, peers } of conflicts) {
        const message = `BGPAdvertisements ${kept.advertisement} and ${dropped.advertisement} give ${prefix} the localPref ${kept.localPref} and ${dropped.localPref}: ${kept.localPref} is announced, as the older says; give both the same`;
        logger.warn({ op: 'announceBGP', prefix, peers, kept, dropped }, 'advertisements disagree about localPref');
        for (const key of serviceKeys.slice(0, MAX_EVENTS_OF_A_PREFIX))
          post(key, { type: 'Warning', reason: 'conflictingLocalPref', message });
      }
    }
  }

  return {
    decided(output) {
      for (const { serviceKey, peers } of output.servicePeers) {
        if (peers.length === 0) peersOf.delete(serviceKey);
        else peersOf.set(serviceKey, peers);
        writeService(serviceKey);
      }
      tellConflicts(output);
      if (output.snapshot === 'complete' && !isComplete) {
        isComplete = true;
        services?.complete();
      }
      if (output.peers !== undefined) {
        peersKnown = true;
        const wanted = new Set(output.peers.map(({ name }) => name));
        for (const peer of [...sessions.keys()]) if (!wanted.has(peer)) sessions.delete(peer);
      }
      if (output.peers !== undefined || output.routeUpserts.length + output.routeRemovals.length > 0)
        writeSessionsSoon();
    },
    take(reports) {
      for (const report of reports) {
        if (report.type !== 'bgpService') continue;
        if (report.announced) announced.add(report.serviceKey);
        else announced.delete(report.serviceKey);
      }
      const ofSessions = reports.filter((report) => report.type === 'bgpSession');
      for (const report of ofSessions) {
        if (report.wanted) sessions.set(report.peer, report);
        else sessions.delete(report.peer);
        if (report.state === 'Established') establishedAtMs.set(report.peer, report.sinceMs);
        else establishedAtMs.delete(report.peer);
      }
      if (ofSessions.length > 0) writeSessionsSoon();
    },
    *announced() {
      for (const serviceKey of announced) {
        const decision = announcer.bgpDecisionOf(serviceKey);
        if (decision?.eligible === true) yield [serviceKey, decision.addresses];
      }
    },
    writeStatuses(options) {
      services = createServiceBgpStatusWriter(options);
      for (const serviceKey of peersOf.keys()) writeService(serviceKey);
      if (isComplete) services.complete();
      openStatus = () => createBgpSessionStatusWriter(options);
      writeSessions();
      looking = setInterval(writeSessions, LOOK_AT_COUNTS_MS);
      looking.unref();
    },
    async stop() {
      clearInterval(looking);
      clearTimeout(settling);
      openStatus = undefined;
      await Promise.all([services?.stop(), status?.stop()]);
    },
  };
}

function viewOf(
  report: BgpSessionReport,
  establishedAtMs: number | undefined,
  counters: BgpCounters | undefined,
): BgpPeerSessionView {
  const { lastError, lastErrorAtMs } = report;
  return {
    address: report.peerAddress,
    port: report.peerPort,
    localAsn: report.localAsn,
    peerAsn: report.peerAsn,
    routerId: report.routerId,
    localAddress: report.localAddress,
    state: report.state,
    stateSinceMs: report.sinceMs,
    establishedAtMs,
    lastError: lastError === undefined ? undefined : { text: lastError, atMs: lastErrorAtMs ?? report.sinceMs },
    holdTimeSeconds: report.holdTimeSeconds,
    keepaliveTimeMs: report.keepaliveTimeMs,
    sentCapabilities: report.sentCapabilities,
    receivedCapabilities: report.receivedCapabilities,
    prefixesAnnounced: counters?.announcedPrefixes ?? 0,
    prefixesUnsendable: counters?.unsendablePrefixes ?? 0,
    unsendableBecause: report.unsendableBecause,
  };
}
