import { inspectServingCertificate } from '@steelyard/serving-certificates';
import type { StoredCertificates, WebhookCertificates } from './certificate-secret.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** cert-controller's `defaultLookaheadInterval`: what expires sooner is made anew. */
const LOOKAHEAD_MS: number = 90 * DAY_MS;
/** MetalLB's `caName` (internal/k8s/k8s.go). cert-controller asks for it as a DNS name of the authority. */
export const AUTHORITY_NAME = 'cert';

/** What is to be done with what the Secret holds. */
export interface Judgement {
  /** What a server can show now, also when it is to be renewed: better than nothing while that does not succeed. */
  readonly usable: WebhookCertificates | undefined;
  readonly renew: 'nothing' | 'serving' | 'authority';
  /** Why it is to be renewed. */
  readonly reason: string;
}

/**
 * Judges as cert-controller v0.15.0 does (`refreshCertIfNeeded`, `ValidCert`), so that two that take turns, ours and MetalLB's,
 * find each other's certificates good. Beyond it, what is not valid *yet* is not good either.
 *
 * @param nowMs - By the clock of the API server, which is the one that will verify them.
 */
export function judgeCertificates(stored: StoredCertificates, dnsName: string, nowMs: number): Judgement {
  const { authority, serving } = stored;
  if (authority === undefined) return { usable: undefined, renew: 'authority', reason: 'ca.crt or ca.key is missing' };
  const moments = [nowMs, nowMs + LOOKAHEAD_MS].map((ms) => new Date(ms));
  const authorityPem = authority.certificatePem;
  const inspect = (pair: typeof authority, name: string, at: Date | undefined): string | undefined => {
    const inspected = inspectServingCertificate({ pair, authorityPem, dnsName: name, at: at ?? new Date(nowMs) });
    return inspected.ok ? undefined : inspected.reason;
  };
  const authorityFaults = moments.map((at) => inspect(authority, AUTHORITY_NAME, at));
  const servingFaults = moments.map((at) =>
    serving === undefined ? 'tls.crt or tls.key is missing' : inspect(serving, dnsName, at),
  );
  const usable = serving !== undefined && servingFaults[0] === undefined ? { authority, serving } : undefined;
  const authorityFault = authorityFaults[0] ?? authorityFaults[1];
  if (authorityFault !== undefined) return { usable, renew: 'authority', reason: `ca.crt: ${authorityFault}` };
  const servingFault = servingFaults[0] ?? servingFaults[1];
  if (servingFault !== undefined) return { usable, renew: 'serving', reason: `tls.crt: ${servingFault}` };
  return { usable, renew: 'nothing', reason: '' };
}
