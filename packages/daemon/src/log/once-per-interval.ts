import type { Logger } from './logger.ts';
import type { LogPairs } from './pairs.ts';

/** A log for what may happen a thousand times a second: per key one line, then silence for the interval. */
export interface FloodLogger {
  debug(key: string, pairs: LogPairs, msg: string): void;
  info(key: string, pairs: LogPairs, msg: string): void;
  warn(key: string, pairs: LogPairs, msg: string): void;
  error(key: string, pairs: LogPairs, msg: string): void;
}

export interface FloodLoggerOptions {
  readonly intervalMs: number;
  /** Keys remembered; the longest silent is forgotten first. */
  readonly maxKeys?: number;
  readonly nowMs?: () => number;
}

interface Silence {
  readonly untilMs: number;
  suppressed: number;
}

/** Wraps a logger: the first line of a key is written, later ones are counted, and the count stands on the next as `suppressed`. */
export function oncePerInterval(logger: Logger, options: FloodLoggerOptions): FloodLogger {
  const { intervalMs, maxKeys = 1024, nowMs = () => performance.now() } = options;
  const silences = new Map<string, Silence>();
  const write =
    (severity: 'debug' | 'info' | 'warn' | 'error') =>
    (key: string, pairs: LogPairs, msg: string): void => {
      const now = nowMs();
      const silence = silences.get(key);
      if (silence !== undefined && now < silence.untilMs) {
        silence.suppressed++;
        return;
      }
      silences.delete(key); // so that it is the youngest again
      silences.set(key, { untilMs: now + intervalMs, suppressed: 0 });
      if (silences.size > maxKeys) {
        const [oldest] = silences.keys();
        if (oldest !== undefined) silences.delete(oldest);
      }
      logger[severity](silence?.suppressed ? { ...pairs, suppressed: silence.suppressed } : pairs, msg);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
