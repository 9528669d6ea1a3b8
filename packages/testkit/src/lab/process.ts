import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { boundToParent, type CommandLine } from './command-line.ts';
import { labEnvironment } from './privilege.ts';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a finished command left. */
export interface CommandResult extends ProcessEnd {
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a command that is waited for. */
export interface RunOptions {
  /** After this the command is killed, and the promise rejects. Default 30 s. */
  readonly timeoutMs?: number;
  /** Written to its standard input. */
  readonly input?: string;
  /** Added to the environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** A code other than 0 rejects unless this is true. Default false. */
  readonly allowFailure?: boolean;
}

/** Options of a process that stays. */
export interface SpawnOptions {
  /** What messages call it. Default: the program's name. */
  readonly name?: string;
  /** Added to the environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Everything that it prints is appended here too. */
  readonly logFile?: string;
  /** For a program in Node.js: gives `child` a channel for messages and sockets. Default false. */
  readonly ipc?: boolean;
}

/** Output that is kept of one process; older lines are dropped. */
const MAX_KEPT_LINES = 4_000;
const MAX_LINE_CHARACTERS = 16_384;
const MAX_RUN_OCTETS = 64 * 1024 * 1024;

/** A process that a lab runs; the kernel kills it if this process dies. */
export interface LabProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when it has ended, and never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** How it ended; `undefined` while it runs. */
  readonly end: ProcessEnd | undefined;
  /** What it printed on both streams, at most the last 4,000 lines. */
  readonly lines: readonly string[];
  /** Called with each further line; returns the function that ends this. */
  onLine(listener: (line: string, stream: 'stdout' | 'stderr') => void): () => void;
  /**
   * Resolves with the first line, printed already or to come, that matches;
   * rejects after the time, or when the process ends first.
   */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<string>;
  kill(signal?: NodeJS.Signals): void;
  /** SIGTERM, after `graceMs` (default 5 s) SIGKILL; resolves when it is gone. */
  stop(graceMs?: number): Promise<ProcessEnd>;
}

/** Starts a process that stays. `command` is bound to this process's life by {@link boundToParent}. */
export function startProcess(command: CommandLine, options: SpawnOptions & { readonly name: string }): LabProcess {
  const child = spawnDetached(command, options);
  const lines: string[] = [];
  const listeners = new Set<(line: string, stream: 'stdout' | 'stderr') => void>();
  let end: ProcessEnd | undefined;
  const accept = (line: string, stream: 'stdout' | 'stderr'): void => {
    const kept = line.slice(0, MAX_LINE_CHARACTERS);
    lines.push(kept);
    if (lines.length > MAX_KEPT_LINES) lines.splice(0, lines.length - MAX_KEPT_LINES);
    if (options.logFile !== undefined) appendFileSync(options.logFile, `${kept}\n`);
    for (const listener of [...listeners]) listener(kept, stream);
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    const source = child[stream];
    if (source !== null) createInterface({ input: source }).on('line', (line) => accept(line, stream));
  }
  child.stdin?.on('error', () => {}); // EPIPE: it has ended, which `ended` tells
  const ended = new Promise<ProcessEnd>((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null): void => {
      end ??= { code, signal };
      resolve(end);
    };
    child.on('error', (error) => {
      accept(error.message, 'stderr');
      settle(127, null);
    });
    child.on('close', settle);
    letGoOfOutput(child);
  });
  const kill = (signal: NodeJS.Signals = 'SIGTERM'): void => {
    if (end === undefined) child.kill(signal);
  };
  const stop = async (graceMs = 5_000): Promise<ProcessEnd> => {
    kill('SIGTERM');
    const timer = setTimeout(() => kill('SIGKILL'), graceMs);
    const result = await ended;
    clearTimeout(timer);
    return result;
  };
  const self: LabProcess = {
    name: options.name,
    pid: child.pid ?? -1,
    child,
    ended,
    get end() {
      return end;
    },
    lines,
    onLine(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    waitForLine(pattern, timeoutMs = 10_000) {
      return waitForLine(self, pattern, timeoutMs);
    },
    kill,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
  return self;
}

function waitForLine(watched: LabProcess, pattern: RegExp, timeoutMs: number): Promise<string> {
  const printed = watched.lines.find((line) => pattern.test(line));
  if (printed !== undefined) return Promise.resolve(printed);
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      finish();
      const tail = watched.lines.slice(-20).join('\n');
      reject(new Error(`${watched.name} ${what} before it printed ${pattern}; its last lines:\n${tail}`));
    };
    const timer = setTimeout(() => fail(`ran for ${timeoutMs} ms`), timeoutMs);
    const forget = watched.onLine((line) => {
      if (!pattern.test(line)) return;
      finish();
      resolve(line);
    });
    const finish = (): void => {
      clearTimeout(timer);
      forget();
    };
    void watched.ended.then((end) => fail(`ended with ${end.signal ?? end.code}`));
  });
}

/** Runs a command to its end. `command` should be bound to this process's life by {@link boundToParent}. */
export function runCommand(command: CommandLine, shown: string, options: RunOptions = {}): Promise<CommandResult> {
  const { timeoutMs = 30_000, allowFailure = false } = options;
  return new Promise((resolve, reject) => {
    const child = spawnDetached(command, options);
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text;
        if (output[stream].length > MAX_RUN_OCTETS) child.kill('SIGKILL');
      });
    }
    letGoOfOutput(child);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const result: CommandResult = { ...output, code, signal };
      if (timedOut) reject(new Error(`${shown}: not finished after ${timeoutMs} ms`));
      else if (code !== 0 && !allowFailure) reject(failedCommand(shown, result));
      else resolve(result);
    });
    child.stdin?.on('error', () => {}); // EPIPE: its code tells
    child.stdin?.end(options.input ?? '');
  });
}

/** How long the output of a process that has ended may take to arrive. */
const OUTPUT_GRACE_MS = 200;

/** What a program has started and left behind may hold its output open for ever: an end is an end all the same. */
function letGoOfOutput(child: ChildProcess): void {
  child.on('exit', () => {
    const timer = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, OUTPUT_GRACE_MS);
    child.on('close', () => clearTimeout(timer));
  });
}

function failedCommand(shown: string, result: CommandResult): Error {
  const said = (result.stderr.trim() === '' ? result.stdout : result.stderr).trim();
  return Object.assign(new Error(`${shown}: ended with ${result.signal ?? result.code}: ${said}`), { result });
}

function spawnDetached(command: CommandLine, options: Omit<SpawnOptions, 'name' | 'logFile'>): ChildProcess {
  const [program, ...args] = command;
  return spawn(program, args, {
    env: labEnvironment(options.env),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    // A process group of its own: Ctrl-C reaches this process alone, which then closes the lab in order.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...(options.ipc === true ? (['ipc'] as const) : [])],
  });
}

/** Starts a process outside every lab namespace that still cannot outlive this one. */
export function spawnBound(program: string, args: readonly string[], options: SpawnOptions = {}): LabProcess {
  return startProcess(boundToParent([program, ...args]), { name: program, ...options });
}
