import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MIB = 2 ** 20;

/** Of one, five and fifteen minutes, before anything was started: what else kept this machine busy. */
const loadAverageAtStart = loadavg().map((load) => Number(load.toFixed(2)));
const date = new Date().toISOString();

/** What a benchmark found out. */
export interface Result {
  readonly question: string;
  /** How it was asked. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Of the API server, where there was one. */
  readonly kubernetes?: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

/** Progress, for whoever waits. The result alone goes to standard output. */
export function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** Prints a result as one line of JSON, with the machine and the versions that it holds for. */
export function printResult({ question, options, kubernetes, figures }: Result): void {
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryMib: Math.round(totalmem() / MIB),
    kernel: release(),
  };
  const versions = {
    node: process.versions.node,
    ...(kubernetes === undefined ? {} : { kubernetes }),
    commit: commit(),
    ...steelyardVersions(),
  };
  process.stdout.write(
    `${JSON.stringify({ question, date, machine, versions, loadAverageAtStart, options, figures })}\n`,
  );
}

/** The checkout that was measured; `+` where it has changes that are not committed. */
function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}

function steelyardVersions(): Readonly<Record<string, string>> {
  const manifests = ['apps', 'packages'].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => join(ROOT, folder, name, 'package.json')),
  );
  const read = (file: string): { name: string; version: string } => JSON.parse(readFileSync(file, 'utf8'));
  return Object.fromEntries(
    manifests
      .filter((file) => existsSync(file))
      .map(read)
      .filter(({ version }) => version !== '0.0.0')
      .map(({ name, version }) => [name, version]),
  );
}
