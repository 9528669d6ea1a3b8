import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@steelyard/daemon';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type MemberlistSecretWatch, watchMemberlistSecret } from './memberlist-key.ts';

let directory: string;
let lines: Record<string, unknown>[];
let secrets: string[];
let following: MemberlistSecretWatch | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'steelyard-secret-'));
  lines = [];
  secrets = [];
});
afterEach(async () => {
  following?.stop();
  following = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function follow(from = directory): Promise<void> {
  following = await watchMemberlistSecret({
    directory: from,
    onSecret: (secret) => secrets.push(secret === undefined ? 'none' : Buffer.from(secret).toString()),
    logger: createLogger({ level: 'all', write: (line) => lines.push(JSON.parse(line)) }),
    pollIntervalMs: 50,
  });
}

const messages = (): unknown[] => lines.map(({ level, msg }) => `${level}: ${msg}`);
const AWAITED = 'error: the memberlist secret is not there: the gossip is entered as soon as it is';
const UNENCRYPTED = 'warn: no ml-secret-key set, memberlist traffic will not be encrypted';

/** As kubelet does it. */
async function mount(version: string, secret: string): Promise<void> {
  await mkdir(join(directory, `..${version}`));
  await writeFile(join(directory, `..${version}`, 'secretkey'), secret);
  await symlink(`..${version}`, join(directory, '..data_tmp'));
  await rename(join(directory, '..data_tmp'), join(directory, '..data'));
}

test('the secret is taken as it is, blanks and newlines too, and never logged', async () => {
  await writeFile(join(directory, 'secretkey'), ' AAECAwQFBgcICQoLDA0ODw\n');
  await follow();
  expect(secrets).toEqual([' AAECAwQFBgcICQoLDA0ODw\n']);
  expect(lines).toEqual([]);
});

test('a mounted Secret that changes is followed', async () => {
  await mount('1', 'first');
  await symlink(join('..data', 'secretkey'), join(directory, 'secretkey'));
  await follow();
  await mount('2', 'second');
  await expect.poll(() => secrets).toEqual(['first', 'second']);
  expect(messages()).toEqual(['info: the memberlist secret has changed']);
  expect(JSON.stringify(lines)).not.toMatch(/first|second/);
});

test('where no folder is named, nothing is encrypted, and that is said', async () => {
  await follow('');
  expect(secrets).toEqual([]);
  expect(messages()).toEqual([UNENCRYPTED]);
});

test('a Secret that is not there may come later', async () => {
  await follow(join(directory, 'later'));
  expect(messages()).toEqual([AWAITED]);
  expect(following?.awaited).toBe(true);
  await mkdir(join(directory, 'later'));
  await writeFile(join(directory, 'later', 'secretkey'), 'late');
  await expect.poll(() => secrets.at(-1)).toBe('late');
  expect(following?.awaited).toBe(false);
  expect(messages().filter((message) => message !== AWAITED)).not.toContainEqual(expect.stringMatching(/^error/));
});

test('an empty file is none', async () => {
  await writeFile(join(directory, 'secretkey'), '');
  await follow();
  expect(secrets).toEqual([]);
  expect(messages()).toEqual([UNENCRYPTED]);
});

test('an empty file where one is awaited is none only if it stays empty, for it may still be written', async () => {
  await follow();
  await writeFile(join(directory, 'secretkey'), '');
  await expect.poll(() => secrets).toEqual(['none']);
  expect(messages()).toEqual([AWAITED, UNENCRYPTED]);
  expect(following?.awaited).toBe(false);
});

test('a Secret that goes takes no key away', async () => {
  await writeFile(join(directory, 'secretkey'), 'kept');
  await follow();
  await unlink(join(directory, 'secretkey'));
  await expect.poll(messages).toEqual(['warn: the memberlist secret is gone; the last one stays in use']);
  expect(Buffer.from(following?.current ?? []).toString()).toBe('kept');
  expect(secrets).toEqual(['kept']);
});

test('what is too large to be a secret is an error at the start, and leaves the last in force later', async () => {
  const file = join(directory, 'secretkey');
  await writeFile(file, 'x'.repeat(5_000));
  await expect(follow()).rejects.toThrow(/longer than 4096 octets/);
  await writeFile(file, 'small');
  await follow();
  await writeFile(join(directory, 'large'), 'x'.repeat(5_000));
  await rename(join(directory, 'large'), file);
  await expect.poll(messages).toEqual(['error: the memberlist secret cannot be taken']);
  expect(secrets).toEqual(['small']);
});

test('a folder in the place of the file is an error', async () => {
  await mkdir(join(directory, 'secretkey'));
  await expect(follow()).rejects.toThrow(/failed to read memberlist secret key file/);
});
