import { describe, expect, test } from 'vitest';
import { isTemporary, systemError } from './system-error.ts';

describe('an error of the system', () => {
  test.for<[errno: number, code: string, says: RegExp]>([
    [-1, 'EPERM', /^socket EPERM: operation not permitted, packet socket on eth0 \(.*CAP_NET_RAW.*\)$/u],
    [-19, 'ENODEV', /no such device/u],
    [-100, 'ENETDOWN', /frames flow again/u],
    [-105, 'ENOBUFS', /no buffer space/u],
    [-9999, 'ERRNO_9999', /unknown error/u],
  ])('%i is %s', ([errno, code, says]) => {
    const error = systemError(errno, 'socket', 'packet socket on eth0');
    expect(error).toMatchObject({ code, errno, syscall: 'socket' });
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toMatch(says);
  });

  test('names the remedy that only the call knows', () => {
    expect(systemError(-12, 'setsockopt', 'x', 'use fewer instructions').message).toMatch(
      /\(use fewer instructions\)$/u,
    );
  });
});

test('an empty queue and an interruption are temporary, a missing capability is not', () => {
  expect([-11, -4, -1].map(isTemporary)).toEqual([true, true, false]);
});
