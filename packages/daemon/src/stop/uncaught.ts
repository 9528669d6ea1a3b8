import { writeSync } from 'node:fs';
import type { Logger } from '../log/logger.ts';
import { errorText } from '../log/pairs.ts';

/** What of the process is needed to end it; `process` is one, in a worker thread too, where it ends the thread. */
export interface FallibleProcess {
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
  exit(code: number): void;
}

const MAX_STACK_LINES = 12;

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack?.split('\n').slice(0, MAX_STACK_LINES).join('\n') : undefined;
}

/** An error nobody caught leaves one JSON line and exit code 1: what runs on after it would run on a broken assumption. */
export function exitOnUncaughtError(logger: Logger, target: FallibleProcess = process): void {
  const end = (op: string) => (error: unknown) => {
    try {
      logger.error({ op, error, stack: stackOf(error) }, 'uncaught error, exiting');
    } catch {
      writeSync(
        2,
        `${JSON.stringify({ level: 'error', op, error: errorText(error), msg: 'uncaught error, exiting' })}\n`,
      );
    }
    target.exit(1);
  };
  target.on('uncaughtException', end('uncaughtException'));
  target.on('unhandledRejection', end('unhandledRejection'));
}
