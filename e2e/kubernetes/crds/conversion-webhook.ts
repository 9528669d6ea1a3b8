/** The conversion webhook as the API server finds it: by the Service that the CRD names, behind a certificate of ours. */

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ConversionReviewResponse, convertReview } from '@steelyard/config';
import { issueCertificateAuthority, issueServingCertificate } from '@steelyard/serving-certificates';
import {
  type ApiClient,
  type ControlPlane,
  type EndpointRoutes,
  serveWebhooksFrom,
  waitUntil,
} from '@steelyard/testkit';

export const NAMESPACE = 'metallb-system';
const DAY_MS = 86_400_000;
const PORT = 9443;

export interface ConversionWebhook extends AsyncDisposable {
  /** For the CRD: `spec.conversion.webhook.clientConfig.caBundle`. */
  readonly caBundle: string;
  /** What was answered, the last one last. */
  readonly answers: readonly ConversionReviewResponse[];
  /** Where it was asked, and by which version of the review. */
  readonly asked: readonly string[];
}

export async function serveConversions(
  controlPlane: ControlPlane,
  routes: EndpointRoutes,
  address = '192.0.2.11',
): Promise<ConversionWebhook> {
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const authority = await issueCertificateAuthority({ ...validity, commonName: 'cert', organization: 'metallb' });
  const { certificatePem, privateKeyPem } = await issueServingCertificate({
    ...validity,
    authority,
    commonName: 'cert',
    dnsNames: [`metallb-webhook-service.${NAMESPACE}.svc`],
  });
  const answers: ConversionReviewResponse[] = [];
  const asked: string[] = [];
  const server = createServer({ cert: certificatePem, key: privateKeyPem }, async (request, response) => {
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return; // one of us was stopped
    const review = JSON.parse(body);
    const answer = convertReview(review);
    answers.push(answer);
    asked.push(`${request.method} ${request.url?.split('?')[0]} ${review.apiVersion}`);
    response.end(JSON.stringify(answer));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  routes.set({ address, port: PORT }, { host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  await serveWebhooksFrom(controlPlane, { namespace: NAMESPACE, address });
  return {
    caBundle: Buffer.from(authority.certificatePem).toString('base64'),
    answers,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Waits until a BGPPeer is converted: what was written into the CRD has an effect a moment later. */
export async function untilTrusted(client: ApiClient): Promise<void> {
  const collection = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/bgppeers`;
  const spec = { myASN: 1, peerASN: 1, peerAddress: '' };
  const probe = { apiVersion: 'metallb.io/v1beta1', kind: 'BGPPeer', metadata: { name: 'probe' }, spec };
  await waitUntil('the webhook to be trusted', () => client.create(`${collection}?dryRun=All`, probe), {
    timeoutMs: 30_000,
  });
}
