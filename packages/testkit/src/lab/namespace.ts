import { boundToParent, type CommandLine, entered, holder, unshared } from './command-line.ts';
import { killAllButHolder } from './leftovers.ts';
import type { LabPrivilege } from './privilege.ts';
import {
  type CommandResult,
  type LabProcess,
  type RunOptions,
  runCommand,
  type SpawnOptions,
  startProcess,
} from './process.ts';

/** A network namespace without a name in the file system: it is gone with the process that holds it. */
export interface Namespace {
  readonly name: string;
  /** The process that holds it. `nsenter -t PID -n` goes in. */
  readonly holderPid: number;
  /** The namespace as a file, for `ip … netns PATH` and `podman --network ns:PATH`. */
  readonly netnsPath: string;
  /** The words that a person puts before a command to run it inside, from another terminal. */
  readonly nsenter: readonly string[];
  /** Runs a command inside to its end. A code other than 0 rejects, unless `allowFailure`. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** Runs lines of `ip -batch` inside. */
  ip(lines: readonly string[]): Promise<void>;
  /** Starts a process inside that stays. The lab stops it at `close()`. */
  spawn(program: string, args: readonly string[], options?: SpawnOptions): LabProcess;
  /** Sets for example `net.ipv4.ip_forward`. A `/` in the key keeps an interface's dots apart, as with sysctl(8). */
  writeSysctl(key: string, value: string | number): Promise<void>;
  /** Adds a route, for example `('default', '192.168.1.1')`. */
  addRoute(destination: string, via: string): Promise<void>;
  /** Stops what runs inside, and lets the namespace go. */
  close(): Promise<void>;
}

/** What a namespace needs of its lab. */
export interface NamespaceOptions {
  readonly name: string;
  readonly privilege: LabPrivilege;
  /** In a user namespace: the process that holds it; `undefined` makes it. */
  readonly userHolderPid: number | undefined;
}

/** Makes a namespace whose `lo` is up and where IPv6 addresses are usable at once. */
export async function openNamespace(options: NamespaceOptions): Promise<Namespace> {
  const { name, privilege, userHolderPid } = options;
  const held = startProcess(unshared(privilege, userHolderPid, holder(name)), { name: `holder of ${name}` });
  await held.waitForLine(/^ready$/);
  const pid = held.pid;
  const processes = new Set<LabProcess>();
  const inside = (command: CommandLine): CommandLine => {
    // A process id may be used again: never enter by that of a holder that is gone.
    if (held.end !== undefined) throw new Error(`the namespace ${name} is closed`);
    return entered(privilege, pid, boundToParent(command));
  };
  const run: Namespace['run'] = (program, args, runOptions) =>
    runCommand(inside([program, ...args]), `${name}: ${[program, ...args].join(' ')}`, runOptions);
  const self: Namespace = {
    name,
    holderPid: pid,
    netnsPath: `/proc/${pid}/ns/net`,
    nsenter:
      privilege === 'direct'
        ? ['nsenter', '-t', String(pid), '-n']
        : ['nsenter', '-t', String(pid), '-U', '--preserve-credentials', '-n'],
    run,
    async ip(lines) {
      await run('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
    },
    spawn(program, args, spawnOptions) {
      const started = startProcess(inside([program, ...args]), { name: `${name}: ${program}`, ...spawnOptions });
      processes.add(started);
      void started.ended.then(() => processes.delete(started));
      return started;
    },
    async writeSysctl(key, value) {
      const path = key.includes('/') ? key : key.replaceAll('.', '/');
      // The kernel shows each process the settings of its own namespace, so the writer must be inside.
      await run('sh', ['-c', 'cat > "$0"', `/proc/sys/${path}`], { input: `${value}\n` });
    },
    async addRoute(destination, via) {
      await run('ip', ['route', 'add', destination, 'via', via]);
    },
    async close() {
      await Promise.all([...processes].map((running) => running.stop()));
      if (held.end === undefined) killAllButHolder(pid);
      held.kill('SIGKILL');
      await held.ended;
    },
  };
  await run('sh', ['-c', SETTLE_SCRIPT]);
  return self;
}

/** Duplicate address detection would keep each IPv6 address unusable for a second; a kernel may have no IPv6. */
const SETTLE_SCRIPT = `ip link set lo up
cd /proc/sys/net/ipv6/conf 2>/dev/null || exit 0
echo 0 > default/accept_dad; echo 0 > all/accept_dad`;
