import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import {
  type CertificateSecret,
  decodeCertificateSecret,
  encodeCertificateData,
  type WebhookCertificates,
} from './certificate-secret.ts';

/** The Secret as it is now, and what time it is for the one who verifies certificates. */
export interface SecretReading {
  readonly secret: CertificateSecret | undefined;
  /** The `Date` of the answer, in ms since 1970; undefined where a proxy has removed it. */
  readonly serverTimeMs: number | undefined;
}

export interface CertificateStore {
  read(): Promise<SecretReading>;
  /** Makes the Secret, or fills it in as long as it is at that version: of two writers one is told `lost`. */
  write(certificates: WebhookCertificates, over: CertificateSecret | undefined): Promise<'written' | 'lost'>;
}

/** RFC 9110, section 6.6.1. */
function parseDate(header: string | undefined): number | undefined {
  const ms = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The Secret `metallb-webhook-cert`, or whatever `--webhook-secret` names. */
export function openCertificateStore(
  client: KubeClient,
  where: { readonly namespace: string; readonly secretName: string; readonly signal: AbortSignal },
): CertificateStore {
  const { namespace, secretName, signal } = where;
  const collection = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
  const path = `${collection}/${encodeURIComponent(secretName)}`;
  return {
    async read() {
      try {
        const { body, headers } = await client.request('GET', path, { signal });
        return { secret: decodeCertificateSecret(body), serverTimeMs: parseDate(headers.date) };
      } catch (error) {
        if (error instanceof ApiError && error.httpStatus === 404)
          return { secret: undefined, serverTimeMs: undefined };
        throw error;
      }
    },
    async write(certificates, over) {
      const data = encodeCertificateData(certificates);
      try {
        if (over === undefined) {
          const metadata = { name: secretName, namespace };
          const body = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata, data };
          await client.request('POST', collection, { body, signal });
        } else {
          const { resourceVersion } = over;
          await client.request('PATCH', path, { body: { metadata: { resourceVersion }, data }, signal });
        }
        return 'written';
      } catch (error) {
        // 404: deleted in between.
        if (error instanceof ApiError && (error.httpStatus === 409 || error.httpStatus === 404)) return 'lost';
        throw error;
      }
    },
  };
}
