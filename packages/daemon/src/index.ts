/**
 * What a long-running process needs and no two programs should write twice: a command line read as Go's `flag` package
 * reads one, JSON logs with go-kit's keys, `/healthz` and `/readyz`, and an orderly end.
 *
 * @packageDocumentation
 */
export {
  type CpuThrottling,
  type CpuThrottlingLogOptions,
  type CpuThrottlingOptions,
  logCpuThrottling,
  type Watch,
  watchCpuThrottling,
} from './cgroup/cpu-throttling.ts';
export { readMemoryLimit } from './cgroup/memory-limit.ts';
export { type EventLoopStall, type EventLoopStallOptions, watchEventLoopStalls } from './event-loop/stalls.ts';
export { DAEMON_FLAGS } from './flags/daemon-flags.ts';
export type {
  BoolFlag,
  DurationFlag,
  FlagDefinition,
  FlagDefinitions,
  FlagValues,
  IntFlag,
  StringFlag,
} from './flags/definition.ts';
export { formatGoDuration, type GoValue, parseGoBool, parseGoDuration, parseGoInt } from './flags/go-values.ts';
export { type FlagFailureCode, type ParsedFlags, parseGoFlags, type UnreadFlag } from './flags/parse.ts';
export { type FlagSource, type GivenFlags, logFlagsWithoutEffect, readGoFlags } from './flags/read.ts';
export { formatGoUsage } from './flags/usage.ts';
export {
  type HealthServer,
  type HealthServerOptions,
  type Readiness,
  startHealthServer,
} from './health/health-server.ts';
export { createLogger, LOG_LEVELS, type Logger, type LoggerOptions, type LogLevel } from './log/logger.ts';
export { type FloodLogger, type FloodLoggerOptions, oncePerInterval } from './log/once-per-interval.ts';
export { errorText, type LogPairs } from './log/pairs.ts';
export { doWithoutMaglev } from './memory/compilers.ts';
export { fitIntoMemoryLimit } from './memory/fit-into-memory-limit.ts';
export type { MemoryBudget, MemoryNeeds } from './memory/memory-budget.ts';
export { keepYoungGenerationSmall } from './memory/young-generation.ts';
export {
  createOrderlyStop,
  type OrderlyStop,
  type OrderlyStopOptions,
  type StoppableProcess,
} from './stop/orderly-stop.ts';
export { exitOnUncaughtError, type FallibleProcess } from './stop/uncaught.ts';
