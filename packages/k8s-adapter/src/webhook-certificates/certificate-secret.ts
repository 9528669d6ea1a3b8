import type { CertificatePair } from '@steelyard/serving-certificates';
import { metadataOf } from '../list-watch/watch-event.ts';

/** What the Secret of the webhooks holds, as far as it is there; nothing of it is trusted. */
export interface StoredCertificates {
  readonly authority: CertificatePair | undefined;
  readonly serving: CertificatePair | undefined;
}

/** The Secret at one version. */
export interface CertificateSecret {
  readonly resourceVersion: string;
  /** It has been deleted and only a finalizer keeps it: nothing is written to it any more. */
  readonly deleting: boolean;
  readonly stored: StoredCertificates;
}

/** An authority and the certificate that it issued. */
export interface WebhookCertificates {
  readonly authority: CertificatePair;
  readonly serving: CertificatePair;
}

/** open-policy-agent/cert-controller pkg/rotator/rotator.go: `caCertName`, `caKeyName`, `defaultCertName`, `defaultKeyName`. */
const KEYS = { authority: ['ca.crt', 'ca.key'], serving: ['tls.crt', 'tls.key'] } as const;

function decodeText(data: unknown, key: string): string {
  if (typeof data !== 'object' || data === null) return '';
  const value: unknown = Object.hasOwn(data, key) ? Reflect.get(data, key) : undefined;
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('latin1') : '';
}

function decodePair(data: unknown, [certificate, key]: readonly [string, string]): CertificatePair | undefined {
  const certificatePem = decodeText(data, certificate);
  const privateKeyPem = decodeText(data, key);
  return certificatePem === '' || privateKeyPem === '' ? undefined : { certificatePem, privateKeyPem };
}

/** Reads a Secret. One without a version is not one. */
export function decodeCertificateSecret(object: unknown): CertificateSecret | undefined {
  const metadata = metadataOf(object);
  const resourceVersion = metadata?.['resourceVersion'];
  if (typeof object !== 'object' || object === null || typeof resourceVersion !== 'string') return undefined;
  const data: unknown = Reflect.get(object, 'data');
  return {
    resourceVersion,
    deleting: typeof metadata?.['deletionTimestamp'] === 'string',
    stored: { authority: decodePair(data, KEYS.authority), serving: decodePair(data, KEYS.serving) },
  };
}

/** `data` of the Secret; other keys in it are left alone. */
export function encodeCertificateData({ authority, serving }: WebhookCertificates): Readonly<Record<string, string>> {
  const encode = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
  const pair = (names: readonly [string, string], { certificatePem, privateKeyPem }: CertificatePair) => ({
    [names[0]]: encode(certificatePem),
    [names[1]]: encode(privateKeyPem),
  });
  return { ...pair(KEYS.authority, authority), ...pair(KEYS.serving, serving) };
}
