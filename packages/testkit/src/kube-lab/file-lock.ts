import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs the work while this process alone holds the lock on a file (flock(2), by way of the program of that name: Node
 * cannot ask for it). The kernel gives the lock back when its holder dies, so none is ever stale.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  // `cat` holds the lock until its standard input closes, which also happens when this process dies.
  const holder = spawn('flock', [path, 'sh', '-c', 'echo locked; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(holder, 'exit');
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(([code]) => {
      throw new Error(`flock ${path} ended with ${code}`);
    }),
  ]);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
