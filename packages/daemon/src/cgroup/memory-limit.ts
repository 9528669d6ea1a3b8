import type { CgroupVersion } from './directories.ts';
import { ownCgroups, readCgroupFile } from './own-cgroups.ts';

/** What v1 says where there is no limit is the largest multiple of a page in 63 bits; no machine has an exbibyte. */
const NO_LIMIT_OCTETS = 2 ** 60;

/** The files that hold a process back: v2's `memory.high` slows it down before `memory.max` ends it. */
const LIMIT_FILES: Readonly<Record<CgroupVersion, readonly string[]>> = {
  v1: ['memory.limit_in_bytes'],
  v2: ['memory.max', 'memory.high'],
};

/** The octets in one of those files; undefined for "max" and for what is no number. */
export function decodeMemoryLimit(text: string): number | undefined {
  const digits = text.trim();
  if (!/^\d+$/.test(digits)) return undefined;
  const octets = Number(digits);
  return octets > 0 && octets < NO_LIMIT_OCTETS ? octets : undefined;
}

/** `hierarchical_memory_limit` of v1's memory.stat: the least of all around, those that a container cannot see among them. */
export function decodeHierarchicalLimit(memoryStat: string): number | undefined {
  const line = memoryStat.split('\n').find((candidate) => candidate.startsWith('hierarchical_memory_limit '));
  return line === undefined ? undefined : decodeMemoryLimit(line.slice(line.indexOf(' ')));
}

/**
 * How many octets this process may hold together with what shares its control group: a container's memory limit. The least of
 * all limits that can be seen; undefined where there is none.
 *
 * @see the kernel's admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst
 */
export function readMemoryLimit(): number | undefined {
  const limits: number[] = [];
  for (const { version, path } of ownCgroups('memory')) {
    for (const file of LIMIT_FILES[version]) {
      const octets = decodeMemoryLimit(readCgroupFile(path, file) ?? '');
      if (octets !== undefined) limits.push(octets);
    }
    const around = version === 'v1' ? decodeHierarchicalLimit(readCgroupFile(path, 'memory.stat') ?? '') : undefined;
    if (around !== undefined) limits.push(around);
  }
  return limits.length === 0 ? undefined : Math.min(...limits);
}
