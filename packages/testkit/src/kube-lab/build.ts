import { access, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheHome } from '../cache-home.ts';
import { withFileLock } from './file-lock.ts';
import { GoFailed, runGo } from './go.ts';
import { type KubeLabSource, linkerFlags, readKubeLabSource } from './source.ts';

/** The real control plane's program, or why there is none on this machine. */
export type KubeLab = BuiltKubeLab | { readonly available: false; readonly reason: string };

export interface BuiltKubeLab {
  readonly available: true;
  readonly path: string;
  readonly kubectlPath: string;
}

export interface BuildOptions {
  /** Where binaries are kept between runs: `$XDG_CACHE_HOME` or `~/.cache`, and there `steelyard/kube-lab`. */
  readonly cacheFolder?: string;
  /** Called every few seconds with a line for a person; the default writes to standard error. */
  readonly onProgress?: (line: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Gives the path of the built program: at once from the cache, else after a build, which takes minutes on a fresh
 * machine. Processes that ask at the same time build once.
 *
 * A machine without a fitting Go, or without a way to its modules, is an outcome; source that does not compile is an
 * exception.
 */
export async function buildKubeLab(options: BuildOptions = {}): Promise<KubeLab> {
  const source = await readKubeLabSource();
  const environment = options.environment ?? process.env;
  const cacheFolder = options.cacheFolder ?? join(cacheHome(environment), 'steelyard', 'kube-lab');
  const folder = join(cacheFolder, source.key);
  const onProgress = options.onProgress ?? ((line) => process.stderr.write(`${line}\n`));
  const build: Build = { source, folder, environment: buildEnvironment(environment), onProgress };

  if (await isBuilt(folder)) return found(folder);
  const unfit = await whyGoIsUnfit(build);
  if (unfit !== undefined) return { available: false, reason: unfit };
  await mkdir(cacheFolder, { recursive: true });
  onProgress(`kube-lab: ${source.kubernetesVersion} is built into ${folder}`);
  return withFileLock(join(cacheFolder, 'lock'), async () => {
    if (await isBuilt(folder)) return found(folder);
    const total = await countPackages(build);
    if (typeof total === 'string') return { available: false, reason: total };
    await compile(build, total);
    return found(folder);
  });
}

interface Build {
  readonly source: KubeLabSource;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
}

/** A static binary runs in every namespace and container; a go.work around the clone is none of our concern. */
function buildEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, CGO_ENABLED: '0', GOWORK: 'off' };
}

function found(folder: string): BuiltKubeLab {
  return { available: true, path: join(folder, 'kube-lab'), kubectlPath: join(folder, 'kubectl') };
}

function isBuilt(folder: string): Promise<boolean> {
  return access(folder).then(
    () => true,
    () => false,
  );
}

async function whyGoIsUnfit({ environment }: Build): Promise<string | undefined> {
  try {
    await runGo(['list', '-m'], { environment }); // refuses a go.mod that asks for a newer Go
    return undefined;
  } catch (error) {
    if (error instanceof GoFailed) return `the real control plane cannot be built with this Go: ${error.lastLine}`;
    return 'the real control plane is built with Go, which is not installed here (no `go` in PATH)';
  }
}

/** Fetches what the build needs, and counts it. */
async function countPackages({ environment, onProgress }: Build): Promise<number | string> {
  const report = reportEvery5Seconds((seconds) => onProgress(`kube-lab: fetching Go modules, ${seconds} s`));
  try {
    return (await runGo(['list', '-deps', '.'], { environment })).trim().split('\n').length;
  } catch (error) {
    if (!(error instanceof GoFailed)) throw error;
    return `the Go modules of the real control plane cannot be fetched: ${error.lastLine}`;
  } finally {
    report.stop();
  }
}

async function compile({ source, folder, environment, onProgress }: Build, total: number): Promise<void> {
  const partial = `${folder}.partial`; // alone here while the lock is held: what is there is a dead build's
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  let compiled = 0;
  const report = reportEvery5Seconds((seconds) =>
    onProgress(`kube-lab: ${compiled} of at most ${total} packages compiled, ${seconds} s`),
  );
  try {
    const flags = ['-trimpath', '-buildvcs=false', `-ldflags=${linkerFlags(source.kubernetesVersion)}`];
    await runGo(['build', '-v', ...flags, '-o', join(partial, 'kube-lab'), '.'], {
      environment,
      onErrorLine: (line) => {
        if (/^[\w./-]+$/.test(line)) compiled += 1;
      },
    });
    await symlink('kube-lab', join(partial, 'kubectl'));
    await rename(partial, folder);
    onProgress(`kube-lab: built, ${report.seconds()} s`);
  } finally {
    report.stop();
    await rm(partial, { recursive: true, force: true });
  }
}

function reportEvery5Seconds(report: (seconds: number) => void): { seconds(): number; stop(): void } {
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 1000);
  const timer = setInterval(() => report(seconds()), 5000);
  return { seconds, stop: () => clearInterval(timer) };
}
