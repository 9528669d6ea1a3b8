import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type CertificatePair, MAX_PEM_OCTETS, splitCertificates } from './certificate-pair.ts';

export interface InspectOptions {
  readonly pair: CertificatePair;
  /** Whoever must have issued it: `ca.crt`. Not given: nobody need have. */
  readonly authorityPem?: string;
  /** The name, or the address, that clients will ask for. */
  readonly dnsName?: string;
  /** The moment for which it is judged: now, or the end of the time in which it would be renewed. */
  readonly at: Date;
}

export type InspectedCertificate =
  | { readonly ok: true /** When the first of the certificates expires. */; readonly notAfter: Date }
  | { readonly ok: false; readonly reason: string };

/** `id-kp-serverAuth` and `anyExtendedKeyUsage`: RFC 5280, section 4.2.1.12. */
const SERVER_USAGES: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.3.1', '2.5.29.37.0']);
const MAX_CHAIN_LENGTH = 8;

class Refusal extends Error {}

function parseCertificates(what: string, pem: string): readonly X509Certificate[] {
  if (pem.length > MAX_PEM_OCTETS) throw new Refusal(`${what} is longer than ${MAX_PEM_OCTETS} octets`);
  const texts = splitCertificates(pem);
  if (texts.length === 0) throw new Refusal(`${what} has no certificate in PEM`);
  try {
    return texts.map((text) => new X509Certificate(text));
  } catch {
    throw new Refusal(`${what} cannot be parsed`);
  }
}

function parsePrivateKey(pem: string): KeyObject {
  if (pem.length > MAX_PEM_OCTETS) throw new Refusal(`the private key is longer than ${MAX_PEM_OCTETS} octets`);
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Refusal('the private key cannot be parsed'); // no cause: it may quote what must not be logged
  }
}

function checkTime(what: string, certificate: X509Certificate, at: Date): void {
  if (certificate.validFromDate > at)
    throw new Refusal(`${what} is not valid before ${formatTime(certificate.validFromDate)}`);
  if (certificate.validToDate < at) throw new Refusal(`${what} expires ${formatTime(certificate.validToDate)}`);
}

function formatTime(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'an unreadable date' : date.toISOString();
}

function checkName(certificate: X509Certificate, name: string): void {
  const matches =
    isIP(name) === 0
      ? certificate.checkHost(name, { subject: 'never' }) // as Go since 1.15: a common name is no host name
      : certificate.checkIP(name);
  if (matches === undefined) throw new Refusal(`the certificate is not for ${JSON.stringify(name.slice(0, 253))}`);
}

function issues(issuer: X509Certificate, subject: X509Certificate): boolean {
  return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

/** From the leaf up through the certificates sent with it to one of the authorities; all of them valid at the time. */
function findChain(
  leaf: X509Certificate,
  between: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): readonly X509Certificate[] {
  const chain = [leaf];
  for (let current = leaf; chain.length < MAX_CHAIN_LENGTH; ) {
    const authority = authorities.find((candidate) => candidate.raw.equals(current.raw) || issues(candidate, current));
    if (authority !== undefined) return authority.raw.equals(current.raw) ? chain : [...chain, authority];
    const next = between.find((candidate) => !chain.includes(candidate) && issues(candidate, current));
    if (next === undefined) break;
    chain.push(next);
    current = next;
  }
  throw new Refusal('the certificate was not issued by the authority');
}

/**
 * Says whether a server could show this certificate to a client that trusts the authority, and if not, why. Judged as Go's
 * `x509.Certificate.Verify` would: times, names in the SAN only, server authentication, a chain of CAs. Never throws.
 */
export function inspectServingCertificate(options: InspectOptions): InspectedCertificate {
  const { pair, at } = options;
  try {
    const [leaf, ...between] = parseCertificates('the certificate', pair.certificatePem);
    if (leaf === undefined) throw new Refusal('the certificate is missing');
    if (!leaf.checkPrivateKey(parsePrivateKey(pair.privateKeyPem)))
      throw new Refusal('the private key does not belong to the certificate');
    const usages = leaf.keyUsage as readonly string[] | undefined; // undefined without the extension, whatever the types say
    if (usages !== undefined && !usages.some((usage) => SERVER_USAGES.has(usage)))
      throw new Refusal('the certificate is not for servers');
    if (options.dnsName !== undefined) checkName(leaf, options.dnsName);
    const chain =
      options.authorityPem === undefined
        ? [leaf]
        : findChain(leaf, between, parseCertificates('the authority', options.authorityPem));
    for (const certificate of chain)
      checkTime(certificate === leaf ? 'the certificate' : 'its authority', certificate, at);
    return { ok: true, notAfter: new Date(Math.min(...chain.map(({ validToDate }) => validToDate.getTime()))) };
  } catch (error) {
    return { ok: false, reason: error instanceof Refusal ? error.message : 'the certificate cannot be judged' };
  }
}
