import type { LabPrivilege } from './privilege.ts';

/** A program and its arguments. */
export type CommandLine = readonly [program: string, ...args: string[]];

/**
 * Starts a program that cannot outlive this process.
 *
 * The kernel kills it when the thread that started it ends (prctl(2),
 * PR_SET_PDEATHSIG), whatever the end was: exit, Ctrl-C, `kill -9`. `setpriv`
 * comes last because entering a user namespace clears the setting. The shell's
 * test closes the gap between fork and prctl: a parent that has died by then is
 * no longer `$PPID`. Each program replaces the one before, so the process id is
 * that of the program itself.
 */
export function boundToParent(command: CommandLine, parentPid: number = process.pid): CommandLine {
  return [
    'setpriv',
    '--pdeathsig',
    'KILL',
    'sh',
    '-c',
    '[ "$PPID" = "$0" ] || exit 125; exec "$@"',
    String(parentPid),
    ...command,
  ];
}

/**
 * What holds a namespace: a shell that waits, until its standard input closes
 * or it is killed. It says `ready` once it is inside. The name is there for
 * people who read `ps` or `lsns`.
 */
export function holder(name: string): CommandLine {
  return boundToParent(['sh', '-c', 'echo ready; read -r forever', 'steelyard-lab', name]);
}

/** Makes a network namespace, for the first of a lab with a user namespace around it if need be. */
export function unshared(
  privilege: LabPrivilege,
  userHolderPid: number | undefined,
  command: CommandLine,
): CommandLine {
  if (privilege === 'direct') return ['unshare', '--net', ...command];
  if (userHolderPid === undefined) return ['unshare', '--user', '--map-root-user', '--net', ...command];
  return [...enterUserNamespace(userHolderPid), 'unshare', '--net', ...command];
}

/** Runs a program inside the namespaces of a process. */
export function entered(privilege: LabPrivilege, holderPid: number, command: CommandLine): CommandLine {
  if (privilege === 'direct') return ['nsenter', `--net=/proc/${holderPid}/ns/net`, ...command];
  return [...enterUserNamespace(holderPid), `--net=/proc/${holderPid}/ns/net`, ...command];
}

function enterUserNamespace(pid: number): CommandLine {
  // Without --preserve-credentials nsenter calls setgroups(2), which such a namespace forbids.
  return ['nsenter', `--user=/proc/${pid}/ns/user`, '--preserve-credentials'];
}
