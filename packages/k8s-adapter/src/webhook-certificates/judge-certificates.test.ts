import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CertificatePair,
  issueCertificateAuthority,
  issueServingCertificate,
} from '@steelyard/serving-certificates';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { decodeCertificateSecret, encodeCertificateData, type WebhookCertificates } from './certificate-secret.ts';
import { issueCertificates } from './issue-certificates.ts';
import { judgeCertificates } from './judge-certificates.ts';

const DNS_NAME = 'metallb-webhook-service.metallb-system.svc';
const DAY_MS = 24 * 60 * 60 * 1000;
const NOW_MS = Date.parse('2026-06-01T12:00:00Z');

let ours: WebhookCertificates;
let others: WebhookCertificates;
beforeAll(async () => {
  ours = await issueCertificates(undefined, DNS_NAME, NOW_MS);
  others = await issueCertificates(undefined, DNS_NAME, NOW_MS);
});

function serving(more: object = {}): Promise<CertificatePair> {
  const at = (days: number): Date => new Date(NOW_MS + days * DAY_MS);
  return issueServingCertificate({
    authority: ours.authority,
    commonName: DNS_NAME,
    dnsNames: [DNS_NAME],
    notBefore: at(-1),
    notAfter: at(365),
    ...more,
  });
}

describe('what we make', () => {
  test('is good for a server and for longer than the look-ahead', () => {
    expect(judgeCertificates(ours, DNS_NAME, NOW_MS)).toEqual({ usable: ours, renew: 'nothing', reason: '' });
  });

  test('has the names, the validity and the key formats of cert-controller', () => {
    const authority = new X509Certificate(ours.authority.certificatePem);
    const certificate = new X509Certificate(ours.serving.certificatePem);
    expect(authority).toMatchObject({ ca: true, subject: 'O=metallb\nCN=cert', subjectAltName: 'DNS:cert' });
    expect(authority.validToDate).toEqual(new Date(NOW_MS + 3650 * DAY_MS));
    expect(certificate).toMatchObject({ ca: false, issuer: 'O=metallb\nCN=cert', subjectAltName: `DNS:${DNS_NAME}` });
    expect(certificate.validFromDate).toEqual(new Date(NOW_MS - DAY_MS / 24));
    expect(certificate.validToDate).toEqual(new Date(NOW_MS + 365 * DAY_MS));
    for (const { privateKeyPem } of [ours.authority, ours.serving]) {
      expect(privateKeyPem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    }
  });

  test('is good in the eyes of OpenSSL', () => {
    const folder = mkdtempSync(join(tmpdir(), 'webhook-certificates-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [ca, leaf] = [join(folder, 'ca.crt'), join(folder, 'tls.crt')];
    writeFileSync(ca, ours.authority.certificatePem);
    writeFileSync(leaf, ours.serving.certificatePem);
    const at = ['-attime', String(NOW_MS / 1000 + 90 * 86_400)];
    const name = ['-verify_hostname', DNS_NAME, '-purpose', 'sslserver', '-x509_strict'];
    expect(execFileSync('openssl', ['verify', '-CAfile', ca, ...at, ...name, leaf], { encoding: 'utf8' })).toContain(
      'OK',
    );
  });

  test('survives being a Secret', () => {
    const secret = { metadata: { resourceVersion: '7' }, data: encodeCertificateData(ours) };
    expect(Object.keys(secret.data)).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
    expect(decodeCertificateSecret(JSON.parse(JSON.stringify(secret)))).toEqual({
      resourceVersion: '7',
      deleting: false,
      stored: ours,
    });
  });
});

describe('of what the Secret holds', () => {
  const cases: readonly (readonly [string, () => Promise<object> | object, string, string, boolean])[] = [
    ['nothing', () => ({}), 'authority', 'ca.crt or ca.key is missing', false],
    ['a certificate alone', () => ({ serving: ours.serving }), 'authority', 'ca.crt or ca.key is missing', false],
    [
      'an authority alone',
      () => ({ authority: ours.authority }),
      'serving',
      'tls.crt: tls.crt or tls.key is missing',
      false,
    ],
    [
      'a certificate of another authority',
      () => ({ authority: others.authority, serving: ours.serving }),
      'serving',
      'tls.crt: the certificate was not issued by the authority',
      false,
    ],
    [
      'a key of another certificate',
      () => ({ ...ours, serving: { ...ours.serving, privateKeyPem: others.serving.privateKeyPem } }),
      'serving',
      'tls.crt: the private key does not belong to the certificate',
      false,
    ],
    [
      'an authority with another’s key',
      () => ({ ...ours, authority: { ...ours.authority, privateKeyPem: others.authority.privateKeyPem } }),
      'authority',
      'ca.crt: the private key does not belong to the certificate',
      true,
    ],
    [
      'garbage',
      () => ({ authority: { certificatePem: 'x', privateKeyPem: 'y' }, serving: ours.serving }),
      'authority',
      'ca.crt: the certificate has no certificate in PEM',
      false,
    ],
    [
      'a certificate for another name',
      async () => ({ ...ours, serving: await serving({ dnsNames: ['elsewhere.default.svc'] }) }),
      'serving',
      `tls.crt: the certificate is not for "${DNS_NAME}"`,
      false,
    ],
    [
      'a certificate that expires within 90 days',
      async () => ({ ...ours, serving: await serving({ notAfter: new Date(NOW_MS + 89 * DAY_MS) }) }),
      'serving',
      'tls.crt: the certificate expires 2026-08-29T12:00:00.000Z',
      true,
    ],
    [
      'a certificate that is not valid yet',
      async () => ({ ...ours, serving: await serving({ notBefore: new Date(NOW_MS + DAY_MS) }) }),
      'serving',
      'tls.crt: the certificate is not valid before 2026-06-02T12:00:00.000Z',
      false,
    ],
    [
      'an authority that expires within 90 days',
      async () => {
        const [notBefore, notAfter] = [new Date(NOW_MS - DAY_MS), new Date(NOW_MS + 10 * DAY_MS)];
        const authority = await issueCertificateAuthority({
          commonName: 'cert',
          organization: 'metallb',
          notBefore,
          notAfter,
        });
        return { authority, serving: await serving({ authority, notAfter }) };
      },
      'authority',
      'ca.crt: the certificate expires 2026-06-11T12:00:00.000Z',
      true,
    ],
  ];
  test.each(cases)('%s is renewed', async (_, make, renew, reason, usable) => {
    const stored = { authority: undefined, serving: undefined, ...(await make()) };
    const judgement = judgeCertificates(stored, DNS_NAME, NOW_MS);
    expect(judgement).toMatchObject({ renew, reason });
    expect(judgement.usable !== undefined).toBe(usable);
  });

  test('an authority keeps its clients when only its certificate is renewed', async () => {
    const renewed = await issueCertificates(ours.authority, DNS_NAME, NOW_MS + 300 * DAY_MS);
    expect(renewed.authority).toBe(ours.authority);
    expect(renewed.serving).not.toEqual(ours.serving);
    expect(judgeCertificates(renewed, DNS_NAME, NOW_MS + 300 * DAY_MS).renew).toBe('nothing');
  });

  test('an authority whose key cannot sign is replaced', async () => {
    const authority = { ...ours.authority, privateKeyPem: 'no key' };
    const renewed = await issueCertificates(authority, DNS_NAME, NOW_MS);
    expect(judgeCertificates(renewed, DNS_NAME, NOW_MS).renew).toBe('nothing');
  });
});

test.each([[undefined], [null], ['text'], [{}], [{ metadata: {} }], [{ metadata: { resourceVersion: 7 } }]])(
  '%j is no Secret',
  (object) => {
    expect(decodeCertificateSecret(object)).toBeUndefined();
  },
);

test.each([[undefined], [null], ['text'], [{ 'ca.crt': 7, 'ca.key': {} }], [{ 'ca.crt': '', 'ca.key': '' }]])(
  'a Secret whose data is %j holds nothing',
  (data) => {
    expect(decodeCertificateSecret({ metadata: { resourceVersion: '1' }, data })?.stored).toEqual({
      authority: undefined,
      serving: undefined,
    });
  },
);
