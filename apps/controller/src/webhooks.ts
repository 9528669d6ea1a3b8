import { convertReview } from '@steelyard/config';
import type { Logger } from '@steelyard/daemon';
import {
  type CertificateSource,
  createAdmissionReviewer,
  followMountedCertificate,
  type KubeClient,
  startWebhookCertificates,
  startWebhookServer,
  webhookReadiness,
} from '@steelyard/k8s-adapter';
import type { Settings } from './settings.ts';

/** The webhooks that the API server asks. */
export interface Webhooks {
  readonly readiness: CertificateSource['readiness'];
  stop(): Promise<void>;
}

/** Serves them, with the certificate that is in the Secret or in the files. */
export async function serveWebhooks(
  client: KubeClient,
  namespace: string,
  { values, rules, tls, certificateDirectory }: Settings,
  logger: Logger,
): Promise<Webhooks> {
  const { bgpType, parity } = rules;
  const server = await startWebhookServer({
    port: values['webhook-port'],
    tls,
    http2: values['webhook-http2'],
    review: createAdmissionReviewer({ client, namespace, bgpType, parity }),
    convert: (review) => convertReview(review, { parity }),
    logger,
  });
  const onCertificate = server.setCertificate;
  const certificates = values['disable-cert-rotation']
    ? await followMountedCertificate({ directory: certificateDirectory, onCertificate, logger })
    : startWebhookCertificates({
        client,
        namespace,
        secretName: values['webhook-secret'],
        serviceName: values['cert-service-name'],
        onCertificate,
        logger,
      });
  return {
    get readiness() {
      return webhookReadiness(server, certificates);
    },
    async stop() {
      await certificates.stop();
      await server.close();
    },
  };
}
