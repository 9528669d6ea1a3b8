import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { Extension, JsonGeneralName, JsonName, X509Certificate } from '@peculiar/x509';
import { type CertificatePair, splitCertificates } from '../certificate-pair.ts';
import { generateSigningKeys, type KeyAlgorithm, readSigningKey, SIGNING_ALGORITHM, type SigningKeys } from './keys.ts';
import { x509Library } from './x509-library.ts';

interface Validity {
  /** Also for clocks behind ours: an hour ago is usual. */
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface CertificateAuthorityOptions extends Validity {
  readonly commonName: string;
  readonly organization: string;
  /** By default `rsa-2048`. */
  readonly keyAlgorithm?: KeyAlgorithm;
}

export interface ServingCertificateOptions extends Validity {
  /** Made by `issueCertificateAuthority`, or by cert-controller. */
  readonly authority: CertificatePair;
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly organization?: string;
  /** By default `rsa-2048`. */
  readonly keyAlgorithm?: KeyAlgorithm;
}

export interface SelfSignedCertificateOptions extends Validity {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses?: readonly string[];
}

// X.520 gives a common name 64 characters; OpenSSL refuses more, Go does not. The name that counts is in the SAN.
const MAX_COMMON_NAME_LENGTH = 64;
const MAX_DNS_NAME_LENGTH = 253;
const DNS_NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

/** RFC 5280, section 4.1.2.5: times have whole seconds. */
function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

function checkValidity({ notBefore, notAfter }: Validity): Validity {
  if (!(notBefore.getTime() < notAfter.getTime())) throw new RangeError('notBefore is not before notAfter');
  return { notBefore: wholeSeconds(notBefore), notAfter: wholeSeconds(notAfter) };
}

/** Positive, at most 20 octets, unpredictable: RFC 5280, section 4.1.2.2, and the CA/Browser Forum's 64 bits of randomness. */
function serialNumber(): string {
  const octets = randomBytes(16);
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40; // neither negative nor shortened
  return octets.toString('hex');
}

/** Organisation first, as Go writes a `pkix.Name`. */
function subjectName(commonName: string, organization: string | undefined): JsonName {
  if (commonName === '') throw new TypeError('a certificate needs a common name');
  const name: JsonName = organization === undefined || organization === '' ? [] : [{ O: [organization] }];
  return [...name, { CN: [commonName.slice(0, MAX_COMMON_NAME_LENGTH)] }];
}

function alternativeNames(dnsNames: readonly string[], ipAddresses: readonly string[] = []): JsonGeneralName[] {
  for (const name of dnsNames) {
    if (name.length > MAX_DNS_NAME_LENGTH || !DNS_NAME.test(name))
      throw new TypeError(`not a DNS name: ${JSON.stringify(name)}`);
  }
  for (const address of ipAddresses) {
    if (isIP(address) === 0) throw new TypeError(`not an IP address: ${JSON.stringify(address)}`);
  }
  return [
    ...dnsNames.map((value): JsonGeneralName => ({ type: 'dns', value })),
    ...ipAddresses.map((value): JsonGeneralName => ({ type: 'ip', value })),
  ];
}

/** Says that what was given as an authority cannot be one: another is to be made. */
function authorityError(why: string, cause?: unknown): Error {
  const error = new Error(`the certificate authority cannot be used: ${why}`, cause === undefined ? {} : { cause });
  return Object.assign(error, { code: 'ERR_SERVING_CERTIFICATES_AUTHORITY' });
}

async function readAuthority(
  authority: CertificatePair,
): Promise<{ certificate: X509Certificate } & ReturnType<typeof readSigningKey>> {
  const x509 = await x509Library();
  const [pem] = splitCertificates(authority.certificatePem);
  if (pem === undefined) throw authorityError('no certificate in its PEM text');
  try {
    return { certificate: new x509.X509Certificate(pem), ...readSigningKey(authority.privateKeyPem) };
  } catch (cause) {
    throw authorityError(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/**
 * Makes a certificate authority that cert-controller takes for its own: the common name is also a DNS name, because that is
 * what it verifies it by (open-policy-agent/cert-controller pkg/rotator/rotator.go, `CreateCACert`, `validCACert`).
 */
export async function issueCertificateAuthority(options: CertificateAuthorityOptions): Promise<CertificatePair> {
  const x509 = await x509Library();
  const keys = await generateSigningKeys(options.keyAlgorithm ?? 'rsa-2048');
  const { digitalSignature, keyEncipherment, keyCertSign } = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: subjectName(options.commonName, options.organization),
    ...checkValidity(options),
    signingAlgorithm: SIGNING_ALGORITHM[keys.algorithm],
    keys,
    extensions: [
      new x509.KeyUsagesExtension(digitalSignature | keyEncipherment | keyCertSign, true),
      new x509.BasicConstraintsExtension(true, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.SubjectAlternativeNameExtension(alternativeNames([options.commonName])),
    ],
  });
  return { certificatePem: `${certificate.toString('pem')}\n`, privateKeyPem: keys.privateKeyPem };
}

/** Makes a server's certificate, signed by the authority. Rejects with `ERR_SERVING_CERTIFICATES_AUTHORITY` if that is none. */
export async function issueServingCertificate(options: ServingCertificateOptions): Promise<CertificatePair> {
  const x509 = await x509Library();
  const authority = await readAuthority(options.authority);
  const keys = await generateSigningKeys(options.keyAlgorithm ?? 'rsa-2048');
  const authorityKeyId = authority.certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: subjectName(options.commonName, options.organization),
    issuer: authority.certificate.subjectName, // octet for octet: verifiers compare the encoded names
    ...checkValidity(options),
    signingAlgorithm: SIGNING_ALGORITHM[authority.algorithm],
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      ...(await serverExtensions(keys)),
      ...(authorityKeyId === undefined ? [] : [new x509.AuthorityKeyIdentifierExtension(authorityKeyId)]),
      new x509.SubjectAlternativeNameExtension(alternativeNames(options.dnsNames, options.ipAddresses)),
    ],
  });
  return { certificatePem: `${certificate.toString('pem')}\n`, privateKeyPem: keys.privateKeyPem };
}

/** Makes a server's certificate that nobody vouches for; ECDSA, because it is made while a process starts. */
export async function issueSelfSignedCertificate(options: SelfSignedCertificateOptions): Promise<CertificatePair> {
  const x509 = await x509Library();
  const keys = await generateSigningKeys('ecdsa-p256');
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: subjectName(options.commonName, undefined),
    ...checkValidity(options),
    signingAlgorithm: SIGNING_ALGORITHM[keys.algorithm],
    keys,
    extensions: [
      ...(await serverExtensions(keys)),
      new x509.SubjectAlternativeNameExtension(alternativeNames(options.dnsNames, options.ipAddresses)),
    ],
  });
  return { certificatePem: `${certificate.toString('pem')}\n`, privateKeyPem: keys.privateKeyPem };
}

async function serverExtensions({ publicKey, algorithm }: SigningKeys): Promise<Extension[]> {
  const x509 = await x509Library();
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  return [
    // An ECDSA key encrypts nothing: RFC 8813, section 3.
    new x509.KeyUsagesExtension(algorithm === 'rsa-2048' ? digitalSignature | keyEncipherment : digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.BasicConstraintsExtension(false, undefined, true),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
  ];
}
