import {
  type CertificatePair,
  issueCertificateAuthority,
  issueServingCertificate,
} from '@steelyard/serving-certificates';
import type { WebhookCertificates } from './certificate-secret.ts';
import { AUTHORITY_NAME } from './judge-certificates.ts';

const HOUR_MS = 60 * 60 * 1000;
const YEAR_MS = 365 * 24 * HOUR_MS;
/** MetalLB's `caOrganization` (internal/k8s/k8s.go). */
const AUTHORITY_ORGANIZATION = 'metallb';
/** cert-controller's `defaultCaCertValidityDuration` and `defaultServerCertValidityDuration`. */
const AUTHORITY_VALIDITY_MS = 10 * YEAR_MS;
const SERVING_VALIDITY_MS = YEAR_MS;

/** Both are valid from an hour ago, as cert-controller's: clocks differ. RSA, because it reads no other key of an authority. */
function validity(nowMs: number, validMs: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(nowMs - HOUR_MS), notAfter: new Date(nowMs + validMs) };
}

async function issueServing(authority: CertificatePair, dnsName: string, nowMs: number): Promise<WebhookCertificates> {
  const serving = await issueServingCertificate({
    authority,
    commonName: dnsName,
    dnsNames: [dnsName],
    ...validity(nowMs, SERVING_VALIDITY_MS),
  });
  return { authority, serving };
}

/**
 * Makes what is to be renewed: a certificate of the authority that is there, or both.
 *
 * @param authority - Of the Secret, when it is to be kept. One whose key cannot sign is replaced.
 */
export async function issueCertificates(
  authority: CertificatePair | undefined,
  dnsName: string,
  nowMs: number,
): Promise<WebhookCertificates> {
  if (authority !== undefined) {
    try {
      return await issueServing(authority, dnsName, nowMs);
    } catch (error) {
      const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
      if (code !== 'ERR_SERVING_CERTIFICATES_AUTHORITY') throw error;
    }
  }
  const fresh = await issueCertificateAuthority({
    commonName: AUTHORITY_NAME,
    organization: AUTHORITY_ORGANIZATION,
    ...validity(nowMs, AUTHORITY_VALIDITY_MS),
  });
  return issueServing(fresh, dnsName, nowMs);
}
