import type { Logger } from '@steelyard/daemon';
import type { ConfigurationMetrics, MetricsServer } from '@steelyard/daemon/metrics';
import type { KubeClient, ObservedResponse } from '@steelyard/k8s-adapter';
import type { TlsSettings } from '@steelyard/serving-certificates';
import type { BgpCounters, Layer2Counters, WireFigures } from '@steelyard/speaker-wire/control';

/** What is read whenever somebody asks for the metrics. */
export interface MetricsSources {
  readonly nodeName: string;
  /** `DesiredStateSender.layer2Counters`: of the addresses that this node announces. */
  layer2Counters(): readonly Layer2Counters[];
  /** `METALLB_BGP_TYPE`. */
  readonly bgpType: string;
  /** `DesiredStateSender.bgpCounters`: of the BGP sessions. */
  bgpCounters(): readonly BgpCounters[];
  /** namespace/name, and the addresses that this node announces by BGP. */
  announcedByBgp(): Iterable<readonly [serviceKey: string, addresses: Iterable<string>]>;
  /** `DesiredStateSender.figures`: of the wire thread. */
  figures(): WireFigures | undefined;
  /** `AnnouncedServices.all`: namespace/name, and the addresses that this node announces by layer 2. */
  announced(): Iterable<readonly [serviceKey: string, addresses: ReadonlyMap<string, unknown>]>;
}

/** Where and how the metrics are served. */
export interface MetricsSettings {
  /** `--port`: 0 for not at all. */
  readonly port: number;
  /** `--metrics-cert-dir`: empty for a certificate of our own. */
  readonly certificateDirectory: string;
  readonly tls: TlsSettings;
  readonly plainHttp: boolean;
}

/** What the control thread counts for the metrics. */
export interface SpeakerMetrics {
  readonly configuration: ConfigurationMetrics;
  /** For each answer of the API server. */
  countResponse(response: ObservedResponse): void;
  /** Serves them to those who may read them. */
  serve(client: KubeClient, settings: MetricsSettings, logger: Logger): Promise<MetricsServer>;
}
