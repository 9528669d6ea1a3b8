import type { WebhookServer } from '../webhook/server/webhook-server.ts';
import type { CertificateSource } from './options.ts';

/**
 * Whether the API server can be sent here (metallb-behaviour 7.6): a certificate is served. Nothing else counts: what is
 * configured wrongly, or who leads, must not take the webhooks' endpoint away.
 */
export function webhookReadiness(
  server: Pick<WebhookServer, 'serving'>,
  certificates: Pick<CertificateSource, 'readiness'>,
): CertificateSource['readiness'] {
  if (server.serving) return { ready: true };
  const { readiness } = certificates;
  return readiness.ready ? { ready: false, because: 'the webhook certificate cannot be served' } : readiness;
}
