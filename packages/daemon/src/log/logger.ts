import { type Logger as PinoLogger, pino } from 'pino';
import { type LogPairs, presentPairs } from './pairs.ts';

/** The values of `--log-level`; `all` means debug and `none` silence, as in MetalLB. */
export const LOG_LEVELS: readonly ['all', 'debug', 'info', 'warn', 'error', 'none'] = [
  'all',
  'debug',
  'info',
  'warn',
  'error',
  'none',
];
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One JSON line per call, with MetalLB's keys: `ts`, `level`, `msg`, and the pairs (`event`, `op`, `error`, `service`, …). */
export interface Logger {
  debug(pairs: LogPairs, msg: string): void;
  info(pairs: LogPairs, msg: string): void;
  warn(pairs: LogPairs, msg: string): void;
  error(pairs: LogPairs, msg: string): void;
  /** A logger which puts these pairs on each of its lines. */
  child(pairs: LogPairs): Logger;
  readonly level: LogLevel;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** On every line. */
  readonly pairs?: LogPairs;
  /** Takes each line, newline included. By default file descriptor 1, synchronously: nothing is lost when the process ends. */
  readonly write?: (line: string) => void;
  readonly nowMs?: () => number;
}

const PINO_LEVEL: Readonly<Record<LogLevel, string>> = {
  all: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  none: 'silent',
};

function wrap(pino: PinoLogger, level: LogLevel): Logger {
  const write =
    (severity: 'debug' | 'info' | 'warn' | 'error') =>
    (pairs: LogPairs, msg: string): void => {
      if (pino.isLevelEnabled(severity)) pino[severity](presentPairs(pairs), msg);
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (pairs) => wrap(pino.child(presentPairs(pairs)), level),
    level,
  };
}

/** Opens the log. In a worker thread too: each line is one `write(2)`, so lines of several threads never mix. */
export function createLogger(options: LoggerOptions): Logger {
  const { level, write, pairs = {}, nowMs = Date.now } = options;
  if (!LOG_LEVELS.includes(level)) throw new TypeError(`not a log level: ${JSON.stringify(level)}`);
  const destination = write === undefined ? pino.destination({ dest: 1, sync: true }) : { write };
  const root = pino(
    {
      level: PINO_LEVEL[level],
      base: presentPairs(pairs),
      timestamp: () => `,"ts":"${new Date(nowMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return wrap(root, level);
}
