import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeLab } from '@steelyard/testkit/vitest';
import { describe, expect, test } from 'vitest';

const MIB = 2 ** 20;
/** MetalLB's example. */
export const LIMITS = { cpuMillis: 100, memoryOctets: 100 * MIB };
const PERIOD_MICROS = 100_000;
const ROOT = '/sys/fs/cgroup';

/** A control group with limits, as kubelet makes one for a container. */
export interface ControlGroup {
  /** Takes a process in, with all its threads. */
  enter(pid: number): void;
  /** Processes that the kernel killed in it for want of memory. */
  kills(): number;
  /** Periods in which it ran out of its share of the CPU. */
  throttledPeriods(): number;
  remove(): Promise<void>;
}

const numberAfter = (text: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);

/** Undefined where none can be made: not root, no controllers, or another's to give out. */
export function makeControlGroup(name: string): ControlGroup | undefined {
  const made: string[] = [];
  const remove = async (): Promise<void> => {
    for (const path of made) {
      for (let attempt = 0; attempt < 50 && existsSync(path); attempt += 1) {
        try {
          rmdirSync(path);
        } catch {
          await sleep(100); // the kernel still clears up after what ended in it
        }
      }
    }
  };
  const make = (path: string, settings: Readonly<Record<string, string | number>>): string => {
    mkdirSync(path);
    made.push(path);
    for (const [file, value] of Object.entries(settings)) writeFileSync(`${path}/${file}`, `${value}`);
    return path;
  };
  const quota = (LIMITS.cpuMillis * PERIOD_MICROS) / 1_000;
  try {
    const isV2 = existsSync(`${ROOT}/cgroup.controllers`);
    const cpu = isV2
      ? make(`${ROOT}/${name}`, { 'memory.max': LIMITS.memoryOctets, 'cpu.max': `${quota} ${PERIOD_MICROS}` })
      : make(`${ROOT}/cpu/${name}`, { 'cpu.cfs_period_us': PERIOD_MICROS, 'cpu.cfs_quota_us': quota });
    const memory = isV2 ? cpu : make(`${ROOT}/memory/${name}`, { 'memory.limit_in_bytes': LIMITS.memoryOctets });
    return {
      enter(pid) {
        for (const path of made) writeFileSync(`${path}/cgroup.procs`, `${pid}`);
      },
      kills: () =>
        numberAfter(readFileSync(`${memory}/${isV2 ? 'memory.events' : 'memory.oom_control'}`, 'utf8'), 'oom_kill'),
      throttledPeriods: () => numberAfter(readFileSync(`${cpu}/cpu.stat`, 'utf8'), 'nr_throttled'),
      remove,
    };
  } catch {
    void remove();
    return undefined;
  }
}

const trial = makeControlGroup(`steelyard-trial-${process.pid}`);
await trial?.remove();
/** As `describeLab` does it: skipped with the reason, and a failure where nobody would see that. */
export const describeLimited: typeof describeLab =
  trial !== undefined
    ? describeLab
    : (name) =>
        describe(name, () => {
          test.skipIf(process.env['CI'] !== 'true')(
            'a control group can be made: as root, with its controllers',
            () => {
              expect(trial).toBeDefined();
            },
          );
        });
