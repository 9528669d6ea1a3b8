import { describe, expect, test } from 'vitest';
import { cgroupDirectories } from './directories.ts';

/** A Pod under containerd on a host with v2: the namespace of control groups makes its own the root. */
const CONTAINER_V2 = {
  cgroup: '0::/\n',
  mountinfo: `1210 1096 0:30 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate,memory_recursiveprot
1211 1096 0:110 / /dev/mqueue rw - mqueue mqueue rw
`,
};

/** A container of Docker on a host with v1: no namespace, and each mount shows only the container's own group. */
const CONTAINER_V1 = {
  cgroup: `12:memory:/docker/abc
11:cpu,cpuacct:/docker/abc
1:name=systemd:/docker/abc
0::/system.slice/containerd.service
`,
  mountinfo: `611 610 0:33 /docker/abc /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory
612 610 0:34 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro,nosuid master:9 - cgroup cgroup rw,cpu,cpuacct
`,
};

/** A service of systemd with both: controllers in v1, v2 beside them without. */
const HYBRID = {
  cgroup: `4:memory:/system.slice/speaker.service
1:cpu,cpuacct:/system.slice
0::/system.slice/speaker.service
`,
  mountinfo: `35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`,
};

describe('its own group first, then those around it', () => {
  test.for<[where: string, recorded: typeof HYBRID, controller: 'cpu' | 'memory', paths: readonly string[]]>([
    ['in a container with v2', CONTAINER_V2, 'memory', ['v2 /sys/fs/cgroup']],
    ['in a container with v1', CONTAINER_V1, 'memory', ['v1 /sys/fs/cgroup/memory']],
    ['in a container with v1', CONTAINER_V1, 'cpu', ['v1 /sys/fs/cgroup/cpu,cpuacct']],
    [
      'on a host with both',
      HYBRID,
      'memory',
      [
        'v2 /sys/fs/cgroup/unified/system.slice/speaker.service',
        'v2 /sys/fs/cgroup/unified/system.slice',
        'v2 /sys/fs/cgroup/unified',
        'v1 /sys/fs/cgroup/memory/system.slice/speaker.service',
        'v1 /sys/fs/cgroup/memory/system.slice',
        'v1 /sys/fs/cgroup/memory',
      ],
    ],
  ])('%s, of %o, %s', ([, { cgroup, mountinfo }, controller, paths]) => {
    expect(cgroupDirectories(cgroup, mountinfo, controller).map(({ version, path }) => `${version} ${path}`)).toEqual(
      paths,
    );
  });
});

test('a group outside of what is mounted: what is mounted is all that can be seen', () => {
  for (const cgroup of ['0::/../../other\n', '0::/elsewhere\n']) {
    const mountinfo = '1 2 0:3 /here /sys/fs/cgroup rw - cgroup2 cgroup rw\n';
    expect(cgroupDirectories(cgroup, mountinfo, 'cpu')).toEqual([{ version: 'v2', path: '/sys/fs/cgroup' }]);
  }
});

test('a mount point with a blank in its name', () => {
  const mountinfo = '1 2 0:3 / /a\\040b rw - cgroup2 cgroup rw\n';
  expect(cgroupDirectories('0::/\n', mountinfo, 'cpu')).toEqual([{ version: 'v2', path: '/a b' }]);
});

test.for(['', 'nonsense', '0:', '0::relative', '\0\0', 'a - cgroup2 b c'])(
  'where there is nothing to be read, there is nothing: %j',
  (text) => {
    expect(cgroupDirectories(text, text, 'memory')).toEqual([]);
  },
);

test('no depth is too deep', () => {
  const cgroup = `0::${'/a'.repeat(10_000)}\n`;
  const found = cgroupDirectories(cgroup, CONTAINER_V2.mountinfo, 'memory');
  expect(found.length).toBeLessThan(40);
});
