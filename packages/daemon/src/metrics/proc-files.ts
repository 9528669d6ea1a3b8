import { readdirSync, readFileSync } from 'node:fs';

// Everything here is made by the kernel on reading: no disk is waited for.

function readProc(name: string): string | undefined {
  try {
    return readFileSync(`/proc/self/${name}`, 'utf8');
  } catch {
    return undefined; // not Linux, or no procfs in this container
  }
}

function finite(text: string | undefined): number | undefined {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** `vsize` of proc_pid_stat(5), the 23rd field; the second, a name in brackets, may hold blanks and brackets itself. */
export function virtualMemoryBytes(): number | undefined {
  const stat = readProc('stat');
  return finite(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[20]);
}

/** The soft limits of proc_pid_limits(5); `unlimited` is what Go's client shows for it, 2^64 − 1. */
export function softLimit(name: 'Max open files' | 'Max address space'): number | undefined {
  const line = readProc('limits')
    ?.split('\n')
    .find((candidate) => candidate.startsWith(name));
  const soft = line?.slice(name.length).trim().split(/\s+/)[0];
  return soft === 'unlimited' ? 2 ** 64 : finite(soft);
}

export function openFileDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length - 1; // without the one that reads
  } catch {
    return undefined;
  }
}

/** `InOctets` and `OutOctets` of the group `IpExt`: of the network namespace, as Go's client counts them. */
export function networkOctets(): { readonly received: number; readonly sent: number } | undefined {
  const rows = readProc('net/netstat')
    ?.split('\n')
    .filter((line) => line.startsWith('IpExt:'))
    .map((line) => line.split(' '));
  const [names, values] = rows ?? [];
  const octets = (name: string): number | undefined => finite(values?.[names?.indexOf(name) ?? -1]);
  const received = octets('InOctets');
  const sent = octets('OutOctets');
  return received === undefined || sent === undefined ? undefined : { received, sent };
}
