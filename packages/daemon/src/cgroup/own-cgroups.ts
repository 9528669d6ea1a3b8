import { readFileSync } from 'node:fs';
import { type CgroupDirectory, cgroupDirectories } from './directories.ts';

// Everything here is made by the kernel on reading: no disk is waited for.

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // not Linux, no such controller, or not to be seen from in here
  }
}

/** A file of a control group; undefined where there is none. */
export function readCgroupFile(directory: string, name: string): string | undefined {
  return readText(`${directory}/${name}`);
}

/** The control groups that this process is in, its own first; none where there are none. */
export function ownCgroups(controller: 'cpu' | 'memory'): readonly CgroupDirectory[] {
  return cgroupDirectories(readText('/proc/self/cgroup') ?? '', readText('/proc/self/mountinfo') ?? '', controller);
}
