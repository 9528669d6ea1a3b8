/**
 * The Kubernetes API for a controller that keeps little and answers at once: calls over kept-alive connections, projected
 * list-watch caches that survive whatever an API server does, a work queue, status writes without a GET, and Events that do
 * not flood.
 *
 * @packageDocumentation
 */
export {
  type BgpSessionStatusWriter,
  type BgpSessionStatusWriterOptions,
  createBgpSessionStatusWriter,
} from './bgp-session-status/bgp-session-status-writer.ts';
export type { BgpPeerSessionView, BgpSessionStateName } from './bgp-session-status/session-view.ts';
export { ApiError, type ApiErrorCode, isApiError } from './client/api-error.ts';
export {
  type ApiRequestOptions,
  type ApiResponse,
  type ApiStreamOptions,
  type HttpMethod,
  type KubeClient,
  type KubeClientOptions,
  type ObservedResponse,
  openKubeClient,
} from './client/kube-client.ts';
export { waitUntilReachable } from './client/wait-until-reachable.ts';
export { configurationNamespace } from './configuration/configuration-namespace.ts';
export {
  type ConfigurationGauges,
  configurationGauges,
  configurationReport,
} from './configuration/configuration-report.ts';
export { createProblemReporter } from './configuration/report-problems.ts';
export {
  type ConfigurationInForce,
  type ConfigurationWatch,
  type ConfigurationWatchOptions,
  watchConfiguration,
} from './configuration/watch-configuration.ts';
export {
  type ConfigurationStateReporter,
  type ConfigurationStateReporterOptions,
  createConfigurationStateReporter,
} from './configuration-state/configuration-state-reporter.ts';
export type { ConfigurationReport } from './configuration-state/next-write.ts';
export type { EventNotice, InvolvedObject } from './events/event-correlator.ts';
export { createEventRecorder, type EventRecorder, type EventRecorderOptions } from './events/event-recorder.ts';
export { startListWatch } from './list-watch/list-watch.ts';
export type { ListWatch, ListWatchOptions, ListWatchState, ListWatchTiming } from './list-watch/options.ts';
export { structurallyEqual } from './list-watch/structural-equality.ts';
export type { AdapterLogger } from './logger.ts';
export { ensureMemberlistSecret, type MemberlistSecretOptions } from './memberlist-secret/memberlist-secret.ts';
export { type OwnPod, type OwnPodOutcome, readOwnPod } from './own-pod/own-pod.ts';
export type { PoolCounters } from './pool-status/pool-status.ts';
export {
  createPoolStatusWriter,
  type PoolStatusWriter,
  type PoolStatusWriterOptions,
} from './pool-status/pool-status-writer.ts';
export {
  type AnnouncedToPeers,
  createServiceBgpStatusWriter,
  type ServiceBgpStatusWriter,
  type ServiceBgpStatusWriterOptions,
} from './service-bgp-status/service-bgp-status-writer.ts';
export {
  type AnnouncedOnInterfaces,
  createServiceL2StatusWriter,
  type ServiceL2StatusWriter,
  type ServiceL2StatusWriterOptions,
} from './service-l2-status/service-l2-status-writer.ts';
export { createSingleWriter, type SingleWriter, type SingleWriterOptions } from './single-writer/single-writer.ts';
export {
  followSpeakerPeers,
  type SpeakerPeers,
  type SpeakerPeersOptions,
  type SpeakerPeersTiming,
} from './speaker-peers/follow-speaker-peers.ts';
export { type ContestedStatuses, createContestedStatuses } from './status/contested-statuses.ts';
export { type OwnerReference, projectWritableMetadata, type WritableMetadata } from './status/object-metadata.ts';
export {
  putServiceStatus,
  type ServiceStatus,
  type ServiceStatusWrite,
  type StatusWriteLimits,
  type WriteOutcome,
} from './status/service-status.ts';
export {
  createServiceStatusWriter,
  type ServiceStatusChange,
  type ServiceStatusWriter,
} from './status/service-status-writer.ts';
export {
  createTokenReviewer,
  type TokenReviewer,
  type TokenReviewerOptions,
  type TokenReviewOutcome,
} from './token-review/token-reviewer.ts';
export type { AdmissionRequest, AdmissionVerdict } from './webhook/review/admission-review.ts';
export { type AdmissionReviewerOptions, createAdmissionReviewer } from './webhook/review/admission-reviewer.ts';
export type { AdmissionReviewer, ConversionReviewer } from './webhook/server/webhook-endpoints.ts';
export type { WebhookLimits } from './webhook/server/webhook-limits.ts';
export type { ReviewedKind } from './webhook/server/webhook-paths.ts';
export {
  startWebhookServer,
  type WebhookCertificate,
  type WebhookServer,
  type WebhookServerOptions,
  type WebhookTlsOptions,
} from './webhook/server/webhook-server.ts';
export {
  followMountedCertificate,
  type MountedCertificateOptions,
} from './webhook-certificates/mounted-certificate.ts';
export type {
  CertificateSource,
  WebhookCertificatesOptions,
  WebhookCertificatesTiming,
} from './webhook-certificates/options.ts';
export { startWebhookCertificates } from './webhook-certificates/webhook-certificates.ts';
export { webhookReadiness } from './webhook-certificates/webhook-readiness.ts';
export {
  createWorkQueue,
  type WorkQueue,
  type WorkQueueOptions,
  type WorkQueueTimers,
} from './work-queue/work-queue.ts';
