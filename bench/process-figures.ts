import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { rounded } from './statistics.ts';

/** `USER_HZ`: what the times of proc(5) are counted in. */
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const KIB_PER_MIB = 1024;

/** Seconds of processor time that a process, with all its threads, has used: utime and stime of /proc/PID/stat. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces; what follows its last bracket is the third field.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[14 - 3]) + Number(fields[15 - 3])) / TICKS_PER_SECOND;
}

export interface MemoryFigures {
  /** Resident pages; those that are shared with other processes, such as Node's own text, counted in full. */
  readonly rssMib: number;
  /** Resident pages, each divided by the number of processes that share it. */
  readonly pssMib: number | undefined;
  /** The peak of `rssMib` since the process was started. */
  readonly peakRssMib: number;
}

export function memory(pid: number): MemoryFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    rssMib: mib(status, 'VmRSS') ?? Number.NaN,
    pssMib: mib(readable(`/proc/${pid}/smaps_rollup`), 'Pss'),
    peakRssMib: mib(status, 'VmHWM') ?? Number.NaN,
  };
}

function mib(text: string, name: string): number | undefined {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return kibibytes === undefined ? undefined : rounded(Number(kibibytes) / KIB_PER_MIB);
}

function readable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // another user's, or a kernel without it
  }
}

export interface WakeUps {
  /** Of the thread that owns the sockets: the process's first. */
  readonly wireThread: number;
  readonly allThreads: number;
}

/** How often threads have gone to sleep since they were started, and so were woken: voluntary context switches. */
export function wakeUps(pid: number): WakeUps {
  const of = (thread: string): number => {
    const status = readable(`/proc/${pid}/task/${thread}/status`);
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  };
  const threads = readdirSync(`/proc/${pid}/task`);
  return { wireThread: of(String(pid)), allThreads: threads.reduce((sum, thread) => sum + of(thread), 0) };
}

/** The process that is waited for: a LabProcess is one. */
interface Watched {
  readonly name: string;
  readonly pid: number;
  readonly lines: readonly string[];
}

/** Quiet: no more than this in each of some seconds that follow each other. */
const QUIET_CPU_SECONDS = 0.02;
const QUIET_FOR_SECONDS = 3;

/**
 * Waits until a process has nothing left to do.
 *
 * @returns The processor time that it had used when it fell silent, since it was started.
 * @throws Error if it has not fallen silent after `timeoutMs`.
 */
export async function quiet({ name, pid, lines }: Watched, timeoutMs = 120_000): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  const look = (): number => {
    try {
      return cpuSeconds(pid);
    } catch (error) {
      throw new Error(`${name} is gone; it said:\n${lines.slice(-20).join('\n')}`, { cause: error });
    }
  };
  let used = look();
  let quietSeconds = 0;
  while (quietSeconds < QUIET_FOR_SECONDS) {
    if (performance.now() > deadline) throw new Error(`${name} was still busy after ${timeoutMs} ms`);
    await sleep(1_000);
    const now = look();
    quietSeconds = now - used <= QUIET_CPU_SECONDS ? quietSeconds + 1 : 0;
    used = now;
  }
  return used;
}
