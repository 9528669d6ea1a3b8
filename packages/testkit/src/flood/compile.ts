import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** True where C programs can be compiled. */
export function hasCompiler(): boolean {
  return spawnSync('cc', ['--version']).status === 0;
}

/** Compiles one file of C and returns the program's path. The program goes when this process ends. */
export function compileProgram(source: URL): string {
  const file = fileURLToPath(source);
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-program-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, basename(file, '.c'));
  execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, file]);
  return program;
}
