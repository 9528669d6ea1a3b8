import { spawnSync } from 'node:child_process';

/**
 * How this process may make network namespaces.
 *
 * - `direct`: it may already (root, or a container with CAP_SYS_ADMIN).
 * - `user-namespace`: an ordinary user, on a kernel that lets one be root in a
 *   user namespace of one's own, see user_namespaces(7).
 */
export type LabPrivilege = 'direct' | 'user-namespace';

/** The programs that a lab runs, and the Debian package of each. */
const PROGRAMS: readonly (readonly [program: string, debianPackage: string])[] = [
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['setpriv', 'util-linux'],
  ['ip', 'iproute2'],
];

/** Where `ip`, `nft` and the like are, which an ordinary user's PATH often leaves out. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The environment for the programs that a lab runs: that of this process, with the system's folders in PATH. */
export function labEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH = '/usr/bin:/bin' } = process.env;
  const missing = SYSTEM_FOLDERS.filter((folder) => !PATH.split(':').includes(folder));
  return { ...process.env, PATH: [PATH, ...missing].join(':'), ...extra };
}

interface Finding {
  readonly privilege?: LabPrivilege;
  readonly reason?: string;
}

let finding: Finding | undefined;

/** Why no lab can be opened here, as one sentence that says what to do; `undefined` if one can. */
export function labUnavailableReason(): string | undefined {
  finding ??= find();
  return finding.reason;
}

/**
 * How labs are opened here.
 *
 * @throws Error with the code `ERR_TESTKIT_LAB_UNAVAILABLE`, if they cannot be.
 */
export function labPrivilege(): LabPrivilege {
  finding ??= find();
  if (finding.privilege !== undefined) return finding.privilege;
  throw Object.assign(new Error(finding.reason), { code: 'ERR_TESTKIT_LAB_UNAVAILABLE' });
}

function find(): Finding {
  if (process.platform !== 'linux') return { reason: `network namespaces need Linux, this is ${process.platform}` };
  const missing = PROGRAMS.filter(([program, debianPackage]) => {
    const option = debianPackage === 'iproute2' ? '-V' : '--version';
    return spawnSync(program, [option], { env: labEnvironment(), stdio: 'ignore' }).error !== undefined;
  });
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, debianPackage]) => debianPackage))].join(' ');
    return {
      reason: `${missing.map(([program]) => program).join(', ')} not found: as root, apt-get install ${packages}`,
    };
  }
  if (succeeds('unshare', ['--net', 'true'])) return { privilege: 'direct' };
  // The second `unshare` is the test: some kernels grant the user namespace, but no rights inside it.
  if (succeeds('unshare', ['--user', '--map-root-user', 'unshare', '--net', 'true'])) {
    return { privilege: 'user-namespace' };
  }
  const remedy =
    process.getuid?.() === 0
      ? 'start the container with --privileged, or with --cap-add SYS_ADMIN --cap-add NET_ADMIN --cap-add NET_RAW'
      : 'run it as root, or let users have namespaces (as root: sysctl -w user.max_user_namespaces=10000; on Ubuntu also sysctl -w kernel.apparmor_restrict_unprivileged_userns=0)';
  return { reason: `this process may not make network namespaces: ${remedy}` };
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { env: labEnvironment(), stdio: 'ignore', timeout: 10_000 }).status === 0;
}
