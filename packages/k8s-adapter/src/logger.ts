/** Where this package says what it meets; `@steelyard/daemon`'s logger fits, and so does pino. */
export interface AdapterLogger {
  debug(pairs: Readonly<Record<string, unknown>>, msg: string): void;
  info(pairs: Readonly<Record<string, unknown>>, msg: string): void;
  warn(pairs: Readonly<Record<string, unknown>>, msg: string): void;
  error(pairs: Readonly<Record<string, unknown>>, msg: string): void;
}
