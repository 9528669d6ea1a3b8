import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { moduleFolder } from './source.ts';

/** The go command ran and refused. */
export class GoFailed extends Error {
  readonly lastLine: string;

  constructor(args: readonly string[], errorLines: readonly string[]) {
    super(`go ${args[0]} failed:\n${errorLines.join('\n')}`);
    this.name = 'GoFailed';
    this.lastLine = errorLines.at(-1) ?? 'it gave no reason';
  }
}

export interface GoOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly onErrorLine?: (line: string) => void;
}

const errorLinesKept = 20;

/**
 * Runs the go command in the module's folder, at the lowest priority, and returns what it printed. Rejects with
 * {@link GoFailed} when it refuses, with the system's error (`ENOENT`) when there is none.
 */
export async function runGo(args: readonly string[], options: GoOptions): Promise<string> {
  // `nice` and not setpriority(2) afterwards, which would miss threads and children that are there by then.
  const child = spawn('nice', ['-n', '19', 'go', ...args], {
    cwd: moduleFolder,
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const errorLines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    options.onErrorLine?.(line);
    errorLines.push(line);
    if (errorLines.length > errorLinesKept) errorLines.shift();
  });
  const [code] = (await closed) as [number | null];
  if (code === 0) return output;
  if (code === 127 || code === 126) throw Object.assign(new Error('there is no go command'), { code: 'ENOENT' });
  throw new GoFailed(args, errorLines);
}
