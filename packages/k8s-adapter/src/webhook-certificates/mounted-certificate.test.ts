import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificatePair, issueSelfSignedCertificate } from '@steelyard/serving-certificates';
import { expect, onTestFinished, test } from 'vitest';
import { followMountedCertificate } from './mounted-certificate.ts';

function pair(): Promise<CertificatePair> {
  const now = Date.now();
  return issueSelfSignedCertificate({
    commonName: 'metallb-webhook-service.metallb-system.svc',
    dnsNames: ['metallb-webhook-service.metallb-system.svc'],
    notBefore: new Date(now - 1000),
    notAfter: new Date(now + 1_000_000),
  });
}

async function put(directory: string, { certificatePem, privateKeyPem }: CertificatePair): Promise<void> {
  for (const [name, text] of [
    ['tls.key', privateKeyPem],
    ['tls.crt', certificatePem],
  ] as const) {
    await writeFile(join(directory, `.${name}`), text);
    await rename(join(directory, `.${name}`), join(directory, name));
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('a certificate that is mounted later is served, and so is the one that replaces it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mounted-certificate-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const served: CertificatePair[] = [];
  const told: string[] = [];
  const log = (_: object, msg: string): void => {
    told.push(msg);
  };
  const source = await followMountedCertificate({
    directory,
    onCertificate: (next) => served.push(next),
    logger: { debug: log, info: log, warn: log, error: log },
  });
  onTestFinished(() => source.stop());
  expect(source.readiness).toEqual({ ready: false, because: expect.stringContaining(directory) });
  expect(told).toEqual(['webhook certificate cannot be read']);
  const [first, second] = [await pair(), await pair()];
  await put(directory, first);
  await until(() => served.length === 1);
  expect(source.readiness).toEqual({ ready: true });
  await put(directory, second);
  await until(() => served.length === 2);
  expect(served).toEqual([first, second]);
});
