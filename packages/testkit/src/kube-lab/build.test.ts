import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { buildKubeLab } from './build.ts';

/** A machine on which `go` is this shell script, or is not there. */
async function machine(goScript: string | undefined): Promise<{ cacheFolder: string; environment: NodeJS.ProcessEnv }> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-lab-build-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const programs = join(folder, 'bin');
  await mkdir(programs);
  for (const name of ['nice', 'flock', 'sh', 'cat']) await symlink(await whereIs(name), join(programs, name));
  if (goScript !== undefined) await writeFile(join(programs, 'go'), `#!/bin/sh\n${goScript}\n`, { mode: 0o755 });
  return { cacheFolder: join(folder, 'cache'), environment: { PATH: programs } };
}

async function whereIs(program: string): Promise<string> {
  for (const folder of ['/bin', '/usr/bin']) {
    if ((await readdir(folder)).includes(program)) return join(folder, program);
  }
  throw new Error(`${program} is not installed`);
}

const quietly = (): void => {};

test('says that Go is missing where it is', async () => {
  const kubeLab = await buildKubeLab({ ...(await machine(undefined)), onProgress: quietly });

  expect(kubeLab).toEqual({ available: false, reason: expect.stringContaining('Go, which is not installed') });
});

test('says which Go is wanted where the one that is there is too old', async () => {
  const old = await machine('echo "go: go.mod requires go >= 1.26.0 (running go 1.19)" >&2; exit 1');

  const kubeLab = await buildKubeLab({ ...old, onProgress: quietly });

  expect(kubeLab).toEqual({ available: false, reason: expect.stringContaining('requires go >= 1.26.0') });
});

test('says that the modules cannot be fetched where nobody answers', async () => {
  const offline = await machine('[ "$2" = -m ] && exit 0; echo "dial tcp: no such host" >&2; exit 1');

  const kubeLab = await buildKubeLab({ ...offline, onProgress: quietly });

  expect(kubeLab).toEqual({ available: false, reason: expect.stringMatching(/modules .*no such host/) });
});

/** Does as `go build -o FILE` does, and counts how often it was asked to. */
const working =
  'if [ "$1" = build ]; then echo built >> "$COUNT"; while [ "$1" != -o ]; do shift; done; echo ELF > "$2"; fi';

test('builds once when two ask at the same time, and gives both the same path', async () => {
  const { cacheFolder, environment } = await machine(working);
  const count = join(cacheFolder, 'count');
  const options = { cacheFolder, environment: { ...environment, COUNT: count }, onProgress: quietly };

  const [first, second] = await Promise.all([buildKubeLab(options), buildKubeLab(options)]);

  expect(first).toEqual({ available: true, path: expect.any(String), kubectlPath: expect.any(String) });
  expect(second).toEqual(first);
  expect(await readFile(count, 'utf8')).toBe('built\n');
});

test('throws when the source does not compile, and keeps nothing of it', async () => {
  const broken = await machine('if [ "$1" = build ]; then echo "./main.go:1:1: syntax error" >&2; exit 1; fi');

  await expect(buildKubeLab({ ...broken, onProgress: quietly })).rejects.toThrow('syntax error');

  expect(await readdir(broken.cacheFolder)).toEqual(['lock']);
});
