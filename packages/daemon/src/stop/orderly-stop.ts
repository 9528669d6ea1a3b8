import type { Logger } from '../log/logger.ts';
import { errorText } from '../log/pairs.ts';

/** What of the process an orderly stop needs; `process` is one. */
export interface StoppableProcess {
  on(signal: 'SIGTERM' | 'SIGINT', listener: (signal: 'SIGTERM' | 'SIGINT') => void): unknown;
  exit(code: number): void;
}

export interface OrderlyStopOptions {
  readonly logger: Logger;
  /** For all steps together, asked when the stop begins. A pod's grace period is the most that a stop can have. */
  readonly deadlineMs: number | (() => number);
  readonly process?: StoppableProcess;
}

export interface OrderlyStop {
  /** Adds a step. Steps run one after another, the last added first, as what was started last depends on what was started before. */
  onStop(name: string, step: (deadline: AbortSignal) => void | Promise<void>): void;
  /** Aborted when the stop begins: for loops that should not start anything more. */
  readonly stopping: AbortSignal;
  /** Stops as a signal would; `exitCode` 0 unless the reason is a failure. */
  stop(reason: string, exitCode?: number): Promise<void>;
}

const SIGNAL_EXIT_CODE: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 }; // 128 + signal number

/** SIGTERM and SIGINT run the steps within the deadline and exit; the second signal exits at once. */
export function createOrderlyStop(options: OrderlyStopOptions): OrderlyStop {
  const { logger, process: target = process } = options;
  const steps: { readonly name: string; readonly step: (deadline: AbortSignal) => void | Promise<void> }[] = [];
  const stopping = new AbortController();
  const deadline = new AbortController();
  let running: Promise<void> | undefined;
  let current = '';

  async function runSteps(): Promise<boolean> {
    let clean = true;
    for (let entry = steps.pop(); entry !== undefined && !deadline.signal.aborted; entry = steps.pop()) {
      current = entry.name;
      try {
        await entry.step(deadline.signal);
      } catch (error) {
        clean = false; // the next steps matter all the same
        logger.error({ op: 'stop', step: entry.name, error: errorText(error) }, 'a step of the stop failed');
      }
    }
    return clean;
  }

  async function run(reason: string, exitCode: number): Promise<void> {
    const deadlineMs = typeof options.deadlineMs === 'number' ? options.deadlineMs : options.deadlineMs();
    logger.info({ op: 'stop', reason, deadlineMs }, 'stopping');
    stopping.abort();
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<'expired'>((resolve) => {
      timer = setTimeout(() => resolve('expired'), deadlineMs);
    });
    const outcome = await Promise.race([runSteps(), expired]);
    clearTimeout(timer);
    if (outcome === 'expired') {
      deadline.abort();
      logger.error({ op: 'stop', step: current, deadlineMs }, 'the stop took too long, exiting');
    } else {
      logger.info({ op: 'stop', reason }, 'stopped');
    }
    target.exit(outcome === true ? exitCode : exitCode || 1);
  }

  function stop(reason: string, exitCode = 0): Promise<void> {
    running ??= run(reason, exitCode);
    return running;
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    target.on(signal, () => {
      if (running === undefined) {
        void stop(signal);
      } else {
        logger.warn({ op: 'stop', reason: signal, step: current }, 'second signal, exiting at once');
        target.exit(SIGNAL_EXIT_CODE[signal] ?? 1);
      }
    });
  }
  return {
    onStop: (name, step) => {
      steps.push({ name, step });
    },
    stopping: stopping.signal,
    stop,
  };
}
