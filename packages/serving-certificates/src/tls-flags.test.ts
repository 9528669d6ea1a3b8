import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CertificatePair } from './certificate-pair.ts';
import { issueSelfSignedCertificate } from './issue/issue.ts';
import { readTlsFlags, type TlsFlags, type TlsSettings } from './tls-flags.ts';

const none: TlsFlags = { minVersion: '', cipherSuites: '', curvePreferences: '' };
const TLS13 = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

test.for<[flags: Partial<TlsFlags>, value: TlsSettings]>([
  [{}, { minVersion: 'TLSv1.3' }],
  [{ minVersion: 'VersionTLS13' }, { minVersion: 'TLSv1.3' }],
  [{ minVersion: 'VersionTLS12' }, { minVersion: 'TLSv1.2' }],
  [
    {
      minVersion: 'VersionTLS12',
      cipherSuites: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305',
    },
    { minVersion: 'TLSv1.2', ciphers: `ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:${TLS13}` },
  ],
  [{ curvePreferences: '4588, 29,23' }, { minVersion: 'TLSv1.3', ecdhCurve: 'X25519MLKEM768:X25519:P-256' }],
])('%o', ([flags, value]) => {
  expect(readTlsFlags({ ...none, ...flags })).toEqual({ ok: true, value });
});

test.for<[flags: Partial<TlsFlags>, message: string]>([
  [
    { minVersion: 'VersionTLS11' },
    'parsing tls-min-version: unknown tls version "VersionTLS11": VersionTLS12 or VersionTLS13',
  ],
  [{ minVersion: '1.3' }, 'parsing tls-min-version: unknown tls version "1.3": VersionTLS12 or VersionTLS13'],
  [{ cipherSuites: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' }, 'cipher suites cannot be configured with TLS 1.3'],
  [
    { minVersion: 'VersionTLS12', cipherSuites: 'ECDHE-RSA-AES128-GCM-SHA256' },
    'parsing tls-cipher-suites: Cipher suite "ECDHE-RSA-AES128-GCM-SHA256" not supported or doesn\'t exist',
  ],
  [
    { minVersion: 'VersionTLS12', cipherSuites: 'TLS_RSA_WITH_RC4_128_SHA' },
    'parsing tls-cipher-suites: Cipher suite TLS_RSA_WITH_RC4_128_SHA is too weak: this OpenSSL has it no longer',
  ],
  [
    { curvePreferences: 'X25519' },
    'parsing tls-curve-preferences: invalid curve preference "X25519": must be a numeric CurveID (0-65535)',
  ],
  [
    { curvePreferences: '65536' },
    'parsing tls-curve-preferences: invalid curve preference "65536": must be a numeric CurveID (0-65535)',
  ],
  [
    { curvePreferences: '29,,23' },
    'parsing tls-curve-preferences: invalid curve preference "": must be a numeric CurveID (0-65535)',
  ],
  [{ curvePreferences: '0' }, 'parsing tls-curve-preferences: curve preference 0 is out of range (must be 1-65535)'],
  [{ curvePreferences: '29,29' }, 'parsing tls-curve-preferences: duplicate curve preference 29'],
  [
    { curvePreferences: '30' },
    'parsing tls-curve-preferences: curve preference 30 is not supported: 23, 24, 25, 29, 4587, 4588, 4589',
  ],
])('%o is refused', ([flags, message]) => {
  expect(readTlsFlags({ ...none, ...flags })).toEqual({ ok: false, message });
});

test('whatever is given, something is answered', () => {
  void fc.assert(
    fc.property(
      fc.record({ minVersion: fc.string(), cipherSuites: fc.string(), curvePreferences: fc.string() }),
      (flags) => {
        expect(readTlsFlags(flags)).toHaveProperty('ok');
      },
    ),
  );
});

describe('a server opened with them', () => {
  let pair: CertificatePair;
  beforeAll(async () => {
    const notBefore = new Date(Date.now() - 3_600_000);
    const notAfter = new Date(Date.now() + 3_600_000);
    pair = await issueSelfSignedCertificate({ commonName: 'localhost', dnsNames: ['localhost'], notBefore, notAfter });
  });

  test.for<[flags: Partial<TlsFlags>, client: ConnectionOptions, outcome: string]>([
    [{}, {}, 'TLSv1.3'],
    [{}, { maxVersion: 'TLSv1.2' }, 'refused'],
    [{ minVersion: 'VersionTLS12' }, { maxVersion: 'TLSv1.2' }, 'TLSv1.2'],
    [
      { minVersion: 'VersionTLS12', cipherSuites: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384' },
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
      'refused',
    ],
    [{ minVersion: 'VersionTLS12', cipherSuites: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384' }, {}, 'TLSv1.3'],
    [{ minVersion: 'VersionTLS12', cipherSuites: 'TLS_AES_128_GCM_SHA256' }, { maxVersion: 'TLSv1.2' }, 'refused'],
    [{ curvePreferences: '23' }, { ecdhCurve: 'P-256' }, 'TLSv1.3'],
    [{ curvePreferences: '23' }, { ecdhCurve: 'X25519' }, 'refused'],
  ])('%o and a client with %o: %s', async ([flags, client, outcome]) => {
    const read = readTlsFlags({ ...none, ...flags });
    if (!read.ok) throw new Error(read.message);
    const server = createServer({ ...read.value, cert: pair.certificatePem, key: pair.privateKeyPem });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const seen = await new Promise<string>((resolve) => {
      const socket = connect(
        { ...client, host: '127.0.0.1', port, ca: pair.certificatePem, servername: 'localhost' },
        () => {
          resolve(socket.getProtocol() ?? 'none');
          socket.destroy();
        },
      );
      socket.on('error', () => resolve('refused'));
    });
    server.close();
    expect(seen).toBe(outcome);
  });
});
