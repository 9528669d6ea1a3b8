import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CertificatePair } from '../certificate-pair.ts';
import { inspectServingCertificate } from '../inspect.ts';
import { issueCertificateAuthority, issueSelfSignedCertificate, issueServingCertificate } from './issue.ts';

const notBefore = new Date('2026-01-01T00:00:00.500Z');
const notAfter = new Date('2055-01-01T00:00:00Z'); // beyond what UTCTime can say
const at = new Date('2030-01-01T00:00:00Z');
const name = 'metallb-webhook-service.metallb-system.svc';
const folder = mkdtempSync(join(tmpdir(), 'serving-certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

let authority: CertificatePair;
let serving: CertificatePair;
beforeAll(async () => {
  authority = await issueCertificateAuthority({ commonName: 'cert', organization: 'metallb', notBefore, notAfter });
  serving = await issueServingCertificate({
    authority,
    commonName: name,
    dnsNames: [name],
    ipAddresses: ['192.0.2.1', '2001:db8::1'],
    notBefore,
    notAfter,
  });
}, 30_000); // two RSA keys: a fraction of a second on an idle machine

function path(file: string, text: string): string {
  const whole = join(folder, file);
  writeFileSync(whole, text);
  return whole;
}

/** A handshake with a client that trusts only this authority and asks for this name. */
async function shake(pair: CertificatePair, ca: string, servername: string): Promise<string> {
  const server = createServer({ cert: pair.certificatePem, key: pair.privateKeyPem });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise<string>((resolve) => {
      const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca, servername }, () => {
        resolve(socket.authorized ? 'authorized' : 'not authorized');
        socket.destroy();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    server.close();
  }
}

test('private keys are PKCS #1, the only form that cert-controller reads', () => {
  for (const pair of [authority, serving]) expect(pair.privateKeyPem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
});

describe('a TLS client', () => {
  test.for<[servername: string, outcome: string]>([
    [name, 'authorized'],
    ['other.example', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('that asks for %s finds the server %s', async ([servername, outcome]) => {
    expect(await shake(serving, authority.certificatePem, servername)).toBe(outcome);
  });

  test('trusts a self-signed certificate that it was given', async () => {
    const pair = await issueSelfSignedCertificate({
      commonName: 'localhost',
      dnsNames: ['localhost'],
      notBefore,
      notAfter,
    });
    expect(await shake(pair, pair.certificatePem, 'localhost')).toBe('authorized');
  });

  test('is served by an ECDSA certificate of an ECDSA authority, and of an RSA one', async () => {
    const ecdsa = await issueCertificateAuthority({
      commonName: 'cert',
      organization: 'example',
      notBefore,
      notAfter,
      keyAlgorithm: 'ecdsa-p256',
    });
    for (const issuer of [ecdsa, authority]) {
      const pair = await issueServingCertificate({
        authority: issuer,
        commonName: name,
        dnsNames: [name],
        notBefore,
        notAfter,
        keyAlgorithm: 'ecdsa-p256',
      });
      expect(await shake(pair, issuer.certificatePem, name)).toBe('authorized');
    }
  });
});

describe.skipIf(spawnSync('openssl', ['version']).error !== undefined)('openssl', { timeout: 30_000 }, () => {
  test('verifies the chain, strictly, for servers and for the name', () => {
    const ca = path('ca.crt', authority.certificatePem);
    const leaf = path('tls.crt', serving.certificatePem);
    const judge = ['verify', '-x509_strict', '-purpose', 'sslserver', '-attime', '1900000000'];
    const output = execFileSync('openssl', [...judge, '-verify_hostname', name, '-CAfile', ca, leaf]);
    expect(output.toString()).toContain(': OK');
  });

  test('reads in them what cert-controller would have written', () => {
    const text = (pem: string): string =>
      execFileSync('openssl', ['x509', '-text', '-noout'], { input: pem }).toString().replace(/ +/g, ' ');
    const ca = text(authority.certificatePem);
    expect(ca).toContain('Subject: O = metallb, CN = cert');
    expect(ca).toContain('Not Before: Jan 1 00:00:00 2026 GMT');
    expect(ca).toContain('Not After : Jan 1 00:00:00 2055 GMT');
    expect(ca).toContain('Basic Constraints: critical\n CA:TRUE');
    expect(ca).toContain('Key Usage: critical\n Digital Signature, Key Encipherment, Certificate Sign');
    expect(ca).toContain('DNS:cert');
    expect(ca).toContain('Signature Algorithm: sha256WithRSAEncryption');
    const leaf = text(serving.certificatePem);
    expect(leaf).toContain('Issuer: O = metallb, CN = cert');
    expect(leaf).toContain(`Subject: CN = ${name}`);
    expect(leaf).toContain('Public-Key: (2048 bit)');
    expect(leaf).toContain('Basic Constraints: critical\n CA:FALSE');
    expect(leaf).toContain('Key Usage: critical\n Digital Signature, Key Encipherment');
    expect(leaf).toContain('TLS Web Server Authentication');
    expect(leaf).toContain(`DNS:${name}, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1`);
  });

  test('an authority made by openssl signs too: its name is copied octet for octet', async () => {
    const certificate = join(folder, 'foreign.crt');
    const key = join(folder, 'foreign.key');
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '3650',
          '-utf8',
          '-subj',
          '/O=Zoë/CN=cert',
        ],
        ...['-out', certificate, '-keyout', key, '-addext', 'keyUsage=critical,keyCertSign'],
      ],
      { stdio: 'pipe' },
    );
    const read = (file: string): string => execFileSync('cat', [file]).toString();
    const foreign = { certificatePem: read(certificate), privateKeyPem: read(key) };
    const pair = await issueServingCertificate({
      authority: foreign,
      commonName: name,
      dnsNames: [name],
      keyAlgorithm: 'ecdsa-p256',
      ...soon(),
    });
    const leaf = path('of-foreign.crt', pair.certificatePem);
    const output = execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', certificate, leaf]);
    expect(output.toString()).toContain(': OK');
    expect(
      inspectServingCertificate({ pair, authorityPem: foreign.certificatePem, dnsName: name, at: new Date() }),
    ).toMatchObject({ ok: true });
  });
});

function soon(): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 3_600_000) };
}

test.for<[what: string, authority: () => CertificatePair]>([
  ['nothing', () => ({ certificatePem: '', privateKeyPem: '' })],
  [
    'noise',
    () => ({ certificatePem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', privateKeyPem: 'x' }),
  ],
  ['no private key', () => ({ ...authority, privateKeyPem: 'x' })],
])('an authority that is %s is told by its code', async ([, bad]) => {
  const issued = issueServingCertificate({ authority: bad(), commonName: name, dnsNames: [name], notBefore, notAfter });
  await expect(issued).rejects.toMatchObject({ code: 'ERR_SERVING_CERTIFICATES_AUTHORITY' });
});

test.for<[what: string, mistake: Partial<Parameters<typeof issueSelfSignedCertificate>[0]>]>([
  ['a name that is none', { dnsNames: ['a b'] }],
  ['an address that is none', { ipAddresses: ['192.0.2'] }],
  ['no common name', { commonName: '' }],
  ['an end before the beginning', { notAfter: notBefore }],
])('%s is a mistake of the caller', async ([, mistake]) => {
  const issued = issueSelfSignedCertificate({ commonName: 'a', dnsNames: [], notBefore, notAfter, ...mistake });
  await expect(issued).rejects.toThrow(/./);
});

describe('inspection', () => {
  test('finds nothing wrong with what was issued, and says when it ends', () => {
    const options = { pair: serving, authorityPem: authority.certificatePem, at };
    for (const dnsName of [name, '192.0.2.1', '2001:db8::1']) {
      expect(inspectServingCertificate({ ...options, dnsName })).toEqual({ ok: true, notAfter });
    }
    // The authority itself, as cert-controller checks it.
    const own = { pair: authority, authorityPem: authority.certificatePem, dnsName: 'cert', at };
    expect(inspectServingCertificate(own)).toEqual({ ok: true, notAfter });
  });

  test.for<[reason: string, change: () => Partial<Parameters<typeof inspectServingCertificate>[0]>]>([
    ['the certificate is not for "other.example"', () => ({ dnsName: 'other.example' })],
    ['the certificate is not for "192.0.2.9"', () => ({ dnsName: '192.0.2.9' })],
    ['the certificate is not valid before 2026-01-01T00:00:00.000Z', () => ({ at: new Date('2025-12-31') })],
    ['the certificate expires 2055-01-01T00:00:00.000Z', () => ({ at: new Date('2055-01-02') })],
    ['the authority has no certificate in PEM', () => ({ authorityPem: '' })],
    ['the certificate was not issued by the authority', () => ({ authorityPem: stranger.certificatePem })],
    [
      'the private key does not belong to the certificate',
      () => ({ pair: { ...serving, privateKeyPem: authority.privateKeyPem } }),
    ],
    ['the private key cannot be parsed', () => ({ pair: { ...serving, privateKeyPem: 'hunter2' } })],
    ['the certificate has no certificate in PEM', () => ({ pair: { ...serving, certificatePem: 'noise' } })],
    [
      'the certificate is longer than 262144 octets',
      () => ({ pair: { ...serving, certificatePem: 'x'.repeat(300_000) } }),
    ],
  ])('%s', ([reason, change]) => {
    const options = { pair: serving, authorityPem: authority.certificatePem, at, ...change() };
    expect(inspectServingCertificate(options)).toEqual({ ok: false, reason });
  });

  let stranger: CertificatePair;
  beforeAll(async () => {
    stranger = await issueCertificateAuthority({
      commonName: 'cert',
      organization: 'metallb',
      keyAlgorithm: 'ecdsa-p256',
      notBefore,
      notAfter,
    });
  });

  test('a certificate whose authority was made anew under the same name is refused', () => {
    const options = { pair: serving, authorityPem: stranger.certificatePem, at };
    expect(inspectServingCertificate(options)).toMatchObject({ ok: false });
    const both = `${stranger.certificatePem}${authority.certificatePem}`;
    expect(inspectServingCertificate({ ...options, authorityPem: both })).toMatchObject({ ok: true });
  });
});
