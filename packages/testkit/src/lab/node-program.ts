import { fileURLToPath } from 'node:url';

/** The program and arguments that run a TypeScript file of this workspace from its source. */
export function nodeProgram(file: URL, args: readonly string[] = []): [program: string, args: string[]] {
  return [process.execPath, ['--conditions=@steelyard/source', fileURLToPath(file), ...args]];
}
