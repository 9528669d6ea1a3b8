import {
  type AnnouncerEvent,
  type AnnouncerOutput,
  createAnnouncer,
  type EndpointSliceView,
  type NodeView,
  projectEndpointSlice,
  projectNode,
  withdrawalReason,
} from '@steelyard/announce';
import { errorText, type Logger } from '@steelyard/daemon';
import { type EventRecorder, type KubeClient, type ListWatch, startListWatch } from '@steelyard/k8s-adapter';
import {
  createServiceNewsDesk,
  type DesiredStateSender,
  type ServiceNews,
  type WireReport,
} from '@steelyard/speaker-wire/control';
import { type AnnouncedByBgp, followAnnouncedByBgp } from './announced-by-bgp.ts';
import { projectWatchedService, sameAnnouncement, type WatchedService } from './watched-service.ts';

export interface AnnouncementsOptions {
  readonly client: KubeClient;
  readonly recorder: EventRecorder;
  readonly sender: DesiredStateSender;
  readonly nodeName: string;
  readonly loadBalancerClass: string;
  readonly ignoreExcludeLb: boolean;
  /** An object that this speaker follows has changed. */
  readonly onUpdate: () => void;
  readonly onSynced: () => void;
  /** The Nodes were listed, or one has changed. */
  readonly onNodesChanged: () => void;
  readonly logger: Logger;
}

/** What is to be announced, followed from the API server to the wire thread, and what came of it, told. */
export interface Announcements {
  /** Undefined until they were listed. */
  readonly nodes: readonly NodeView[] | undefined;
  configure(config: Extract<AnnouncerEvent, { type: 'configChanged' }>['config']): void;
  onReports(reports: readonly WireReport[]): void;
  readonly byBgp: AnnouncedByBgp;
  stop(): Promise<void>;
}

/** What there is to say of a decision, whichever protocol it is about. */
interface Decision {
  readonly eligible: boolean;
  readonly because: string;
}

function changesBgp({ routeUpserts, routeRemovals, peers }: AnnouncerOutput['bgp']): boolean {
  return routeUpserts.length + routeRemovals.length > 0 || peers !== undefined;
}

export function followAnnouncements(options: AnnouncementsOptions): Announcements {
  const { client, recorder, sender, nodeName, logger } = options;
  const announcer = createAnnouncer({
    node: nodeName,
    loadBalancerClass: options.loadBalancerClass,
    ignoreExcludeLb: options.ignoreExcludeLb,
  });
  const newsDesk = createServiceNewsDesk(nodeName);
  /** Events on Services that were not listed yet: a thread that was started again hears at once what goes on. */
  const early = new Map<string, Required<Pick<ServiceNews, 'serviceKey' | 'event'>>>();
  let begun = false;
  let isComplete = false;
  let isBgpComplete = false;
  const byBgp = followAnnouncedByBgp({ announcer, bgpCounters: () => sender.bgpCounters(), post, logger });

  function take(event: AnnouncerEvent): void {
    if (event.type !== 'synced') options.onUpdate();
    send(announcer.step(event));
  }

  function send(output: AnnouncerOutput): void {
    const { snapshot, upserts, removals, decisions, bgp } = output;
    if (snapshot !== undefined) isComplete = snapshot === 'complete';
    if (bgp.snapshot !== undefined) isBgpComplete = bgp.snapshot === 'complete';
    if (snapshot !== undefined || bgp.snapshot !== undefined) {
      begun = true;
      const routes = { routes: announcer.routes(), peers: announcer.bgpPeers(), complete: isBgpComplete };
      sender.snapshot(announcer.entries(), { complete: isComplete, nodesSynced: true }, routes);
    } else if (begun && (upserts.length + removals.length > 0 || changesBgp(bgp))) {
      sender.change(upserts, removals, bgp);
    }
    byBgp.decided(bgp);
    for (const { serviceKey, decision } of bgp.decisions) logDecision('bgp', serviceKey, decision);
    for (const { serviceKey, decision } of decisions) {
      const addresses = services.values.get(serviceKey)?.view.addresses ?? [];
      const nodeAddresses = nodes.values.get(nodeName)?.addresses ?? [];
      publish(newsDesk.judge({ serviceKey, decision, addresses, nodeAddresses }));
      logDecision('layer2', serviceKey, decision);
    }
  }

  function logDecision(protocol: 'layer2' | 'bgp', service: string, decision: Decision | undefined): void {
    if (decision === undefined) return;
    const pairs = { op: 'shouldAnnounce', service, protocol, reason: decision.because };
    logger.debug(pairs, decision.eligible ? 'service may be announced' : 'service is not announced');
  }

  function publish(news: readonly ServiceNews[], because: Readonly<Record<string, unknown>> = {}): void {
    for (const { serviceKey, event, log } of news) {
      if (log !== undefined) logger[log.level]({ ...log.pairs, ...because }, log.message);
      if (event !== undefined) post(serviceKey, event);
    }
  }

  function post(serviceKey: string, event: NonNullable<ServiceNews['event']>): void {
    const object = services.values.get(serviceKey)?.object;
    if (object !== undefined) recorder.record({ ...event, object });
    else if (!services.synced) early.set(`${serviceKey} ${event.reason} ${event.message}`, { serviceKey, event });
  }

  /** What the wire thread has given up because it was told to, it cannot explain; of BGP it knows no addresses. */
  function explanationOf(report: WireReport): Readonly<Record<string, unknown>> {
    if (report.type === 'bgpService') return bgpExplanation(report);
    if (report.type !== 'withdrawn' || report.because !== 'NoLongerDesired') return {};
    return { reason: withdrawalReason(announcer.decisionOf(report.serviceKey), nodeName, report.address) };
  }

  function bgpExplanation({ serviceKey, announced }: WireReport & { readonly type: 'bgpService' }) {
    const decision = announcer.bgpDecisionOf(serviceKey);
    if (announced) return decision?.eligible === true ? { ips: decision.addresses, pool: decision.pool } : {};
    return {
      reason: decision?.because ?? 'serviceDeleted',
      ips: services.values.get(serviceKey)?.view.addresses ?? [],
    };
  }

  const services: ListWatch<WatchedService> = startListWatch({
    client,
    path: '/api/v1/services',
    project: projectWatchedService,
    equal: sameAnnouncement,
    logger,
    onUpsert: (_, { view }) => take({ type: 'serviceChanged', service: view }),
    onDelete: (key) => take({ type: 'serviceDeleted', key }),
    onSynced() {
      for (const { serviceKey, event } of early.values()) post(serviceKey, event);
      early.clear();
      listed();
    },
  });
  const slices: ListWatch<EndpointSliceView> = startListWatch({
    client,
    path: '/apis/discovery.k8s.io/v1/endpointslices',
    project: projectEndpointSlice,
    logger,
    onUpsert: (_, slice) => take({ type: 'sliceChanged', slice }),
    onDelete: (_, { key }) => take({ type: 'sliceDeleted', key }),
    onSynced: listed,
  });
  const nodes: ListWatch<NodeView> = startListWatch({
    client,
    path: '/api/v1/nodes',
    project: projectNode,
    logger,
    onUpsert(_, node) {
      take({ type: 'nodeChanged', node });
      options.onNodesChanged();
    },
    onDelete(_, { name }) {
      take({ type: 'nodeDeleted', name });
      options.onNodesChanged();
    },
    onSynced() {
      listed();
      options.onNodesChanged();
    },
  });

  function listed(): void {
    if (!(services.synced && slices.synced && nodes.synced)) return;
    take({ type: 'synced' });
    options.onSynced();
  }

  return {
    get nodes() {
      return nodes.synced ? [...nodes.values.values()] : undefined;
    },
    byBgp,
    configure: (config) => take({ type: 'configChanged', config }),
    onReports(reports) {
      byBgp.take(reports);
      for (const report of reports) publish(newsDesk.tell(report), explanationOf(report));
    },
    async stop() {
      const stopped = await Promise.allSettled([services.stop(), slices.stop(), nodes.stop()]);
      for (const outcome of stopped) {
        if (outcome.status === 'rejected')
          logger.error({ op: 'stop', error: errorText(outcome.reason) }, 'a watch did not stop');
      }
    },
  };
}
