import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface KubectlOptions {
  /** What it reads from standard input, as for `kubectl apply -f -`. */
  readonly input?: string;
}

/** Runs kubectl and returns what it printed; rejects with what it complained of. */
export async function runKubectl(
  path: string,
  environment: NodeJS.ProcessEnv,
  args: readonly string[],
  options: KubectlOptions = {},
): Promise<string> {
  const child = spawn(path, args, { env: environment, stdio: 'pipe' });
  const closed = once(child, 'close');
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint += chunk;
  });
  child.stdin.on('error', () => {}); // it ended before it had read all; its exit code says why
  child.stdin.end(options.input ?? '');
  const [code] = (await closed) as [number | null];
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${complaint.trim()}`);
  return output;
}
