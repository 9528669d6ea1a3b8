import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** An error of a system call, with the fields that Node's own have. */
export interface SystemError extends Error {
  /** The errno's name: `EPERM`, `ENODEV`, … */
  readonly code: string;
  /** The negative number, as in Node. */
  readonly errno: number;
  /** The system call that refused. */
  readonly syscall: string;
}

/** What a number means, and what to do about it, where the cause is always the same. */
const remedies: Readonly<Record<string, string>> = {
  EPERM:
    'the process lacks the capability CAP_NET_RAW: run as root, add NET_RAW to the container’s capabilities, or "setcap cap_net_raw+ep" the node binary',
  ENETDOWN: 'the interface is down; frames flow again when it comes up',
};

/**
 * Makes an error from a negative errno.
 *
 * @param errno - As the addon returns it: negative.
 * @param syscall - The system call, as `strace` shows it.
 * @param subject - What it was done to, for people.
 * @param remedy - What to do, where the call knows better than the number alone does.
 */
export function systemError(errno: number, syscall: string, subject: string, remedy?: string): SystemError {
  const [code, meaning] = getSystemErrorMap().get(errno) ?? [`ERRNO_${-errno}`, 'unknown error'];
  const advice = remedy ?? remedies[code];
  return Object.assign(
    new Error(`${syscall} ${code}: ${meaning}, ${subject}${advice === undefined ? '' : ` (${advice})`}`),
    { code, errno, syscall },
  );
}

/** True for "not now": the socket's buffer is empty or full, or a signal came. */
export function isTemporary(errno: number): boolean {
  return errno === -constants.errno.EAGAIN || errno === -constants.errno.EINTR;
}
