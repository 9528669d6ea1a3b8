import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { CertificatePair } from './certificate-pair.ts';
import { issueSelfSignedCertificate } from './issue/issue.ts';
import { type CertificateDirectoryWatch, watchCertificateDirectory } from './watch-directory.ts';

let pairs: CertificatePair[];
beforeAll(async () => {
  const notBefore = new Date(Date.now() - 3_600_000);
  const notAfter = new Date(Date.now() + 3_600_000);
  const issue = (): Promise<CertificatePair> =>
    issueSelfSignedCertificate({ commonName: 'localhost', dnsNames: ['localhost'], notBefore, notAfter });
  pairs = await Promise.all([issue(), issue()]);
});

let directory: string;
const watches: CertificateDirectoryWatch[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'serving-certificates-'));
});
afterEach(async () => {
  for (const watch of watches.splice(0)) await watch.stop();
  await rm(directory, { recursive: true, force: true });
});

function pair(index: number): CertificatePair {
  const found = pairs[index];
  if (found === undefined) throw new RangeError('no such pair');
  return found;
}

async function write(folder: string, { certificatePem, privateKeyPem }: CertificatePair): Promise<void> {
  await writeFile(join(folder, 'tls.crt'), certificatePem);
  await writeFile(join(folder, 'tls.key'), privateKeyPem);
}

/** As kubelet's AtomicWriter mounts a Secret: files are links through `..data`, which one rename moves. */
async function mountSecret(generation: number, content: CertificatePair): Promise<void> {
  const folder = `..generation-${generation}`;
  await mkdir(join(directory, folder));
  await write(join(directory, folder), content);
  await symlink(folder, join(directory, '..data_tmp'));
  await rename(join(directory, '..data_tmp'), join(directory, '..data'));
  if (generation === 0) {
    for (const file of ['tls.crt', 'tls.key']) await symlink(join('..data', file), join(directory, file));
  }
}

async function watchAll(options: { readonly required?: boolean; readonly pollIntervalMs?: number } = {}) {
  const seen: CertificatePair[] = [];
  const errors: string[] = [];
  const watch = await watchCertificateDirectory({
    directory,
    onPair: (found) => seen.push(found),
    onError: (error) => errors.push(error.message),
    ...options,
  });
  watches.push(watch);
  return { seen, errors, watch };
}

const patience = { timeout: 5_000, interval: 10 };

test('the first pair is there before the promise resolves', async () => {
  await write(directory, pair(0));
  expect((await watchAll()).seen).toEqual([pair(0)]);
});

test('a mounted Secret that Kubernetes swaps is followed', async () => {
  await mountSecret(0, pair(0));
  const { seen, errors } = await watchAll();
  await mountSecret(1, pair(1));
  await vi.waitFor(() => expect(seen).toEqual([pair(0), pair(1)]), patience);
  expect(errors).toEqual([]);
});

test('a half-written pair is not taken; it is told of when nobody completes it, once', async () => {
  await write(directory, pair(0));
  const { seen, errors } = await watchAll({ pollIntervalMs: 20 });
  await writeFile(join(directory, 'tls.crt'), pair(1).certificatePem);
  const told = `no usable certificate in ${directory}: the private key does not belong to the certificate`;
  await vi.waitFor(() => expect(errors).toContain(told), patience);
  await writeFile(join(directory, 'tls.key'), pair(1).privateKeyPem);
  await vi.waitFor(() => expect(seen).toEqual([pair(0), pair(1)]), patience);
  expect(errors.filter((error) => error === told)).toHaveLength(1);
});

test('files that are rewritten as they were are no news', async () => {
  await write(directory, pair(0));
  const { seen } = await watchAll();
  await writeFile(join(directory, 'tls.crt'), pair(0).certificatePem);
  await write(directory, pair(1));
  await vi.waitFor(() => expect(seen.at(-1)).toEqual(pair(1)), patience);
  expect(seen).toEqual([pair(0), pair(1)]);
});

test('a directory that is removed and made anew is found again by polling', async () => {
  await write(directory, pair(0));
  const { seen, errors } = await watchAll({ pollIntervalMs: 20 });
  await rm(directory, { recursive: true });
  await vi.waitFor(() => expect(errors).not.toEqual([]), patience);
  await mkdir(directory);
  await write(directory, pair(1));
  await vi.waitFor(() => expect(seen).toEqual([pair(0), pair(1)]), patience);
});

test.for<[what: string, prepare: () => Promise<void>]>([
  ['is empty', () => Promise.resolve()],
  ['is not there', () => rm(directory, { recursive: true })],
  ['has no certificate but noise', () => write(directory, { certificatePem: 'noise', privateKeyPem: 'noise' })],
  ['has the key of another', () => write(directory, { ...pair(0), privateKeyPem: pair(1).privateKeyPem })],
  ['has a file of a megabyte', () => write(directory, { ...pair(0), certificatePem: 'x'.repeat(1_000_000) })],
])('a directory that %s is refused at the start', async ([, prepare]) => {
  await prepare();
  await expect(watchAll()).rejects.toMatchObject({ code: 'ERR_SERVING_CERTIFICATES_DIRECTORY' });
});

test('where it is not required, the first pair may come later', async () => {
  const { seen, errors } = await watchAll({ required: false });
  expect([seen.length, errors.length]).toEqual([0, 1]);
  await mountSecret(0, pair(0));
  await vi.waitFor(() => expect(seen).toEqual([pair(0)]), patience);
});

test('after stop nothing is told; stopping twice is harmless', async () => {
  await write(directory, pair(0));
  const { seen, watch } = await watchAll({ pollIntervalMs: 5 });
  await watch.stop();
  await watch.stop();
  await write(directory, pair(1));
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual([pair(0)]);
});
