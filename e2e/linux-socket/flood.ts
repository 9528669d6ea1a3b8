import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What native/flood.c sends: broadcast ARP requests for the addresses of a range, over and over. */
export interface FloodOptions {
  readonly interfaceName: string;
  readonly count: number;
  /** 0: as fast as the kernel takes them. */
  readonly framesPerSecond: number;
  readonly first: string;
  readonly last: string;
  /** 0x0806 if not given. */
  readonly etherType?: number;
}

/** What it did. */
export interface FloodReport {
  readonly framesSent: number;
  readonly seconds: number;
  readonly framesPerSecond: number;
}

/** True where the generator can be compiled. */
export function hasCompiler(): boolean {
  return spawnSync('cc', ['--version']).status === 0;
}

/** Compiles the generator and returns a function that runs it in this process's network namespace. The file goes when the process ends. */
export function compileFlood(): (options: FloodOptions) => Promise<FloodReport> {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-flood-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'flood');
  const source = fileURLToPath(new URL('native/flood.c', import.meta.url));
  execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source]);
  return async ({ interfaceName, count, framesPerSecond, first, last, etherType = 0x0806 }) => {
    const words = [interfaceName, count, framesPerSecond, first, last, etherType.toString(16)];
    const { stdout } = await promisify(execFile)(program, words.map(String));
    return JSON.parse(stdout) as FloodReport;
  };
}
