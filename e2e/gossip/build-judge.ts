import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULE = fileURLToPath(new URL('./judge', import.meta.url));
const FETCH_AND_BUILD_TIMEOUT_MS = 300_000;

/** The judge's program, or why there is none on this machine. */
export type Judge =
  | { readonly available: true; readonly path: string }
  | { readonly available: false; readonly reason: string };

/**
 * Builds the program of the folder `judge` with the machine's Go, or finds it where an earlier run put it: under
 * `$XDG_CACHE_HOME` or `~/.cache`, in `steelyard/gossip-judge`, named after its source.
 *
 * @throws Error where its source does not compile.
 */
export function buildJudge(): Judge {
  const xdg = process.env['XDG_CACHE_HOME'];
  const folder = join(xdg === undefined || xdg === '' ? join(homedir(), '.cache') : xdg, 'steelyard', 'gossip-judge');
  const path = join(folder, sourceKey());
  if (existsSync(path)) return { available: true, path };
  mkdirSync(folder, { recursive: true });
  const go = (...args: string[]): string =>
    // One at a time: test files that begin together would compile the same things.
    execFileSync('flock', [join(folder, 'lock'), 'nice', '-n', '10', 'go', ...args], {
      cwd: MODULE,
      encoding: 'utf8',
      // A static binary runs in every namespace; a go.work around the clone is none of our concern.
      env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: FETCH_AND_BUILD_TIMEOUT_MS,
    });
  try {
    go('list', '-deps', '.'); // no Go, a Go too old, or no way to the modules
  } catch (error) {
    return { available: false, reason: `hashicorp/memberlist cannot be built here: ${lastLine(error)}` };
  }
  // Another test file may have built it meanwhile; then this takes a second, and replaces the same file.
  const partial = `${path}.${process.pid}`;
  go('build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', partial, '.');
  renameSync(partial, path);
  return { available: true, path };
}

function sourceKey(): string {
  const hash = createHash('sha256').update(process.arch);
  const names = readdirSync(MODULE).filter((name) => name.endsWith('.go') || /^go\.(mod|sum)$/.test(name));
  for (const name of names.sort()) hash.update(`\0${name}\0`).update(readFileSync(join(MODULE, name)));
  return hash.digest('hex').slice(0, 16);
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
  return (stderr ?? '').trim().split('\n').at(-1) || message;
}
