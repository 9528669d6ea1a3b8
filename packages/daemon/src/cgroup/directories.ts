/** The two generations of control groups: one tree for each controller, or one for all. */
export type CgroupVersion = 'v1' | 'v2';

/** The folder of one control group. */
export interface CgroupDirectory {
  readonly version: CgroupVersion;
  readonly path: string;
}

interface Mount {
  readonly version: CgroupVersion;
  /** Which group of its tree the mount shows. */
  readonly root: string;
  readonly mountPoint: string;
  /** Of v1. */
  readonly controllers: readonly string[];
}

/** Deeper than any container runtime nests them. */
const MAX_LEVELS = 32;

/** The octal escapes of proc_pid_mountinfo(5): blank, tab, newline, backslash. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function parseMounts(mountinfo: string): readonly Mount[] {
  const mounts: Mount[] = [];
  for (const line of mountinfo.split('\n')) {
    const separator = line.indexOf(' - ');
    if (separator < 0) continue;
    const [, , , root = '', mountPoint = ''] = line.slice(0, separator).split(' ');
    const [type, , options = ''] = line.slice(separator + 3).split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    const version = type === 'cgroup' ? 'v1' : 'v2';
    const controllers = version === 'v1' ? options.split(',') : [];
    mounts.push({ version, root: unescaped(root), mountPoint: unescaped(mountPoint), controllers });
  }
  return mounts;
}

/** Where the process is in each tree, by controller; the tree of v2 has the name ''. */
function parseMemberships(cgroup: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of cgroup.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  return paths;
}

function within(path: string, root: string): string | undefined {
  if (root === '/') return path;
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

/**
 * The control groups that hold this process back in what one controller gives out, its own first and then all around it that
 * can be seen: a container sees its own, and not the Pod's. Both trees where a machine has both, for only one of them has the files.
 *
 * @param cgroup - The text of `/proc/self/cgroup`.
 * @param mountinfo - The text of `/proc/self/mountinfo`.
 * @see cgroups(7), proc_pid_mountinfo(5)
 */
export function cgroupDirectories(
  cgroup: string,
  mountinfo: string,
  controller: 'cpu' | 'memory',
): readonly CgroupDirectory[] {
  const memberships = parseMemberships(cgroup);
  const directories: CgroupDirectory[] = [];
  for (const version of ['v2', 'v1'] as const) {
    const path = memberships.get(version === 'v2' ? '' : controller);
    const mount = parseMounts(mountinfo).find(
      (candidate) => candidate.version === version && (version === 'v2' || candidate.controllers.includes(controller)),
    );
    if (path === undefined || mount === undefined) continue;
    // A path outside of what is mounted ("/..", another container's) says nothing; then the mount is the best that can be seen.
    const inside = path.includes('/..') ? '/' : (within(path, mount.root) ?? '/');
    const names = inside.split('/').filter((name) => name !== '');
    for (let depth = Math.min(names.length, MAX_LEVELS); depth >= 0; depth--) {
      directories.push({ version, path: [mount.mountPoint, ...names.slice(0, depth)].join('/') });
    }
  }
  return directories;
}
