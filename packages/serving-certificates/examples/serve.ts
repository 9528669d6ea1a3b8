import { createServer } from 'node:https';
import {
  inspectServingCertificate,
  issueCertificateAuthority,
  issueServingCertificate,
  readTlsFlags,
} from '@steelyard/serving-certificates';

const tls = readTlsFlags({ minVersion: 'VersionTLS12', cipherSuites: '', curvePreferences: '29,23' });
if (!tls.ok) throw new Error(tls.message);
const settings = tls.value;

const hourMs = 3_600_000;
const notBefore = new Date(Date.now() - hourMs); // also for clocks behind ours
const notAfter = new Date(Date.now() + 365 * 24 * hourMs);
const dnsName = 'localhost';

const authority = await issueCertificateAuthority({
  commonName: 'example-ca',
  organization: 'example',
  notBefore,
  notAfter,
});
let pair = await issueServingCertificate({ authority, commonName: dnsName, dnsNames: [dnsName], notBefore, notAfter });

const server = createServer(
  { ...settings, cert: pair.certificatePem, key: pair.privateKeyPem },
  (_request, response) => {
    response.end('served\n');
  },
);
server.listen(0, 'localhost');

/** What a daily look does: renew three months before the end, and never restart. */
async function renew(at: Date): Promise<string> {
  const judged = inspectServingCertificate({ pair, authorityPem: authority.certificatePem, dnsName, at });
  if (judged.ok) return `good until ${judged.notAfter.toISOString()}`;
  pair = await issueServingCertificate({ authority, commonName: dnsName, dnsNames: [dnsName], notBefore, notAfter });
  server.setSecureContext({ ...settings, cert: pair.certificatePem, key: pair.privateKeyPem });
  return `renewed: ${judged.reason}`;
}

console.log(await renew(new Date()));
server.close();
