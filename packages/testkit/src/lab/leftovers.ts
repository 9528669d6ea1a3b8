import { readdirSync, readlinkSync } from 'node:fs';

/** `net:[4026532177]`, or `undefined` if the process is gone or another user's. */
function namespaceOf(pid: number | string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

/**
 * Kills what programs inside a namespace have started and left behind.
 *
 * The holder must be alive: a namespace's number is free again with its last process, and the next namespace on the
 * machine, somebody else's, may get it.
 */
export function killAllButHolder(holderPid: number): void {
  const namespace = namespaceOf(holderPid);
  if (namespace === undefined) return;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === holderPid || namespaceOf(entry) !== namespace) continue;
    try {
      process.kill(Number(entry), 'SIGKILL');
    } catch {
      // It ended between the two looks.
    }
  }
}
