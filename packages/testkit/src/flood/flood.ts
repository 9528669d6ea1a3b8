import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { compileProgram } from './compile.ts';

/** What native/flood.c sends: broadcast ARP requests for the addresses of a range, over and over. */
export interface FloodOptions {
  readonly interfaceName: string;
  readonly count: number;
  /** 0: as fast as the kernel takes them. */
  readonly framesPerSecond: number;
  readonly first: string;
  readonly last: string;
  /** 0x0806 if not given. */
  readonly etherType?: number;
}

/** What it did. */
export interface FloodReport {
  readonly framesSent: number;
  readonly seconds: number;
  readonly framesPerSecond: number;
}

/** Runs a program to its end. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<{ readonly stdout: string }>;

const runHere: RunProgram = (program, args) => promisify(execFile)(program, args);

/** Compiles the generator and returns what starts it: in this process's network namespace, or where `run` runs it. */
export function compileFlood(run: RunProgram = runHere): (options: FloodOptions) => Promise<FloodReport> {
  const program = compileProgram(new URL('native/flood.c', import.meta.url));
  return async ({ interfaceName, count, framesPerSecond, first, last, etherType = 0x0806 }) => {
    const words = [interfaceName, count, framesPerSecond, first, last, etherType.toString(16)];
    const { stdout } = await run(program, words.map(String));
    return JSON.parse(stdout) as FloodReport;
  };
}
