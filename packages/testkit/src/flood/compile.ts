import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheHome } from '../cache-home.ts';

const FLAGS = ['-O2', '-Wall', '-Wextra', '-Werror'];

/** True where C programs can be compiled. */
export function hasCompiler(): boolean {
  return spawnSync('cc', ['--version']).status === 0;
}

/** Compiles one file of C, unless that was done before, and returns the program's path. */
export function compileProgram(source: URL): string {
  const file = fileURLToPath(source);
  const key = createHash('sha256').update(process.arch).update(FLAGS.join()).update(readFileSync(file));
  const folder = join(cacheHome(process.env), 'steelyard', 'programs');
  const program = join(folder, `${basename(file, '.c')}-${key.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const fresh = `${program}.${process.pid}`;
  execFileSync('cc', [...FLAGS, '-o', fresh, file]);
  renameSync(fresh, program); // in one step: another process may be compiling the same
  return program;
}
