/**
 * Certificates for HTTPS servers: made, kept valid, reloaded when they change.
 *
 * @packageDocumentation
 */
export type { CertificatePair } from './certificate-pair.ts';
export { type InspectedCertificate, type InspectOptions, inspectServingCertificate } from './inspect.ts';
export {
  type CertificateAuthorityOptions,
  issueCertificateAuthority,
  issueSelfSignedCertificate,
  issueServingCertificate,
  type SelfSignedCertificateOptions,
  type ServingCertificateOptions,
} from './issue/issue.ts';
export type { KeyAlgorithm } from './issue/keys.ts';
export { type ReadTlsFlags, readTlsFlags, type TlsFlags, type TlsSettings } from './tls-flags.ts';
export {
  type CertificateDirectoryOptions,
  type CertificateDirectoryWatch,
  watchCertificateDirectory,
} from './watch-directory.ts';
