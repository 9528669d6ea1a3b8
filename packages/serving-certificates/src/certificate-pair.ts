/** What a server shows and what it proves it with: the contents of `tls.crt` and `tls.key`. */
export interface CertificatePair {
  /** The certificate, then those between it and its authority, if any. */
  readonly certificatePem: string;
  /** PKCS #1 for RSA ("RSA PRIVATE KEY"), PKCS #8 for ECDSA. */
  readonly privateKeyPem: string;
}

/** Octets of PEM that are looked at: a chain of ten has 20 kB, a Secret at most 1 MiB. */
export const MAX_PEM_OCTETS: number = 256 * 1024;

const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const MAX_CERTIFICATES = 100;

/** The certificates of a PEM text, one text each; what stands between them is skipped (RFC 7468, section 2). */
export function splitCertificates(pem: string): readonly string[] {
  return (pem.slice(0, MAX_PEM_OCTETS).match(CERTIFICATE_BLOCK) ?? []).slice(0, MAX_CERTIFICATES);
}
