import { randomBytes } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CommandFailure, reasonOf } from '../failure.ts';

/** There may be passwords of BGP sessions in it. */
const MODE = 0o600;

/**
 * Writes a file so that it has the whole text or, if that cannot be, what it had before. Where a link points is
 * written; what is no file, such as /dev/stdout, is written to as it is.
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  try {
    const existing = await stat(path).catch(() => undefined);
    if (existing !== undefined && !existing.isFile()) {
      await writeFile(path, text);
      return;
    }
    await replaceFile(existing === undefined ? path : await realpath(path), text);
  } catch (error) {
    throw new CommandFailure(1, `${path}: error: cannot be written: ${reasonOf(error)}`);
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 200)}.${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: MODE, flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
