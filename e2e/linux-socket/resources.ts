import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

/** How many sockets this process has open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').filter(isSocket).length;
}

function isSocket(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch {
    return false; // the one that readdir itself had open
  }
}

/** Memory that this process holds, in KiB: VmRSS of proc(5). */
export function residentKibibytes(): number {
  return Number(/VmRSS:\s+(\d+)/u.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

/** Runs the garbage collector and the finalizers that it leaves for later turns. Needs --expose-gc. */
export async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await turn();
  }
}
