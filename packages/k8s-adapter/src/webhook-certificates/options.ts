import type { CertificatePair } from '@steelyard/serving-certificates';
import type { KubeClient } from '../client/kube-client.ts';
import type { ListWatchTiming } from '../list-watch/options.ts';
import type { AdapterLogger } from '../logger.ts';

export interface WebhookCertificatesTiming {
  /** How often it is looked whether anything expires. */
  readonly checkIntervalMs: number;
  /** How long an API server may take to believe in a new authority. */
  readonly settleMs: number;
  /** How long a Secret that was deleted stays so: one made while everything is being uninstalled would be left over. */
  readonly recreateAfterMs: number;
}

export interface WebhookCertificatesOptions {
  readonly client: KubeClient;
  /** Of MetalLB. */
  readonly namespace: string;
  /** `--webhook-secret`; by default `metallb-webhook-cert`. */
  readonly secretName?: string;
  /** `--cert-service-name`; by default `metallb-webhook-service`. */
  readonly serviceName?: string;
  /** By default `metallb-webhook-configuration`. */
  readonly webhookConfigurationName?: string;
  /** By default `bgppeers.metallb.io`. */
  readonly conversionCrdName?: string;
  /** To be served from now on. */
  readonly onCertificate: (pair: CertificatePair) => void;
  /** Ms since 1970, used only where the API server does not say what time it is. */
  readonly nowMs?: () => number;
  readonly logger: AdapterLogger;
  readonly timing?: Partial<WebhookCertificatesTiming>;
  readonly watchTiming?: Partial<ListWatchTiming>;
}

/** What serves the webhooks' certificate, or why it does not. */
export interface CertificateSource {
  readonly readiness: { readonly ready: true } | { readonly ready: false; readonly because: string };
  stop(): Promise<void>;
}
