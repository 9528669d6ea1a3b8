import type { MessagePort } from 'node:worker_threads';
import type { ConfigurationInput, LegacyMode } from '@steelyard/config';
import type { LogLevel } from '@steelyard/daemon';
import type { MetricsSettings } from './metrics/speaker-metrics.ts';

/** What the control thread is told when it starts. */
export interface ControlSettings {
  /** Where the desired state goes; the wire thread has the other end. */
  readonly port: MessagePort;
  readonly nodeName: string;
  readonly podName: string;
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly rules: Required<Pick<ConfigurationInput, 'bgpType' | 'strictness' | 'parity'>>;
  readonly legacyMode: LegacyMode;
  readonly legacyName: string;
  readonly loadBalancerClass: string;
  readonly ignoreExcludeLb: boolean;
  /** Labels of the Pods that take part in the gossip; empty where there is none. */
  readonly speakerLabels: string;
  readonly metrics: MetricsSettings;
  readonly logLevel: LogLevel;
}

/** What the control thread says besides the desired state. */
export type ControlNotice =
  /** It has read how to reach the API server, and begins to. */
  | { readonly type: 'started' }
  /** It has read everything once. */
  | { readonly type: 'synced' }
  /** The own Pod says how long it may take to stop. */
  | { readonly type: 'gracePeriod'; readonly seconds: number };

/** What it is told. */
export type ControlOrder = { readonly type: 'stop' };
