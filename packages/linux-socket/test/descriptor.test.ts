import { readdirSync, readlinkSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { loadNative } from '../src/native.ts';

// Netlink sockets need no privilege, and the class does not care of which family its descriptor is.
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const EBADF = -9;
const EAGAIN = -11;
const EFAULT = -14;
const EISCONN = -106;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const isSocket = (fd: string): boolean => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch {
    return false; // the one that readdir itself had open
  }
};
const openDescriptors = (): number => readdirSync('/proc/self/fd').filter(isSocket).length;

test('a descriptor that is not watched is closed by the garbage collector', async () => {
  const { Descriptor } = loadNative();
  const before = openDescriptors();
  (() => {
    for (let i = 0; i < 20; i++) expect(new Descriptor().open(AF_NETLINK, SOCK_RAW, 0)).toBe(0);
    const stopped = new Descriptor();
    expect([stopped.open(AF_NETLINK, SOCK_RAW, 0), stopped.watch(1), stopped.watch(0)]).toEqual([0, 0, 0]);
  })();
  expect(openDescriptors()).toBe(before + 21);
  for (let turn = 0; turn < 100 && openDescriptors() > before; turn++) {
    collectGarbage();
    await nextTurn();
  }
  expect(openDescriptors()).toBe(before);
});

test('a descriptor keeps its rules when it is misused', () => {
  const { Descriptor } = loadNative();
  const descriptor = new Descriptor();
  const octets = new Uint8Array(64);
  expect(descriptor.bind(octets)).toBe(EBADF); // not open yet
  expect(descriptor.watch(1)).toBe(EBADF);
  expect(descriptor.open(AF_NETLINK, SOCK_RAW, 0)).toBe(0);
  expect(descriptor.open(AF_NETLINK, SOCK_RAW, 0)).toBe(EISCONN); // once only
  expect(descriptor.receive(octets, new Int32Array(2), new Uint8Array(32))).toBe(EAGAIN);
  expect(descriptor.receive(octets, new Int32Array(2), new Uint8Array(31))).toBe(EFAULT); // no room for an address
  expect(descriptor.receive(octets, new Int32Array(0), new Uint8Array(32))).toBe(EFAULT);
  structuredClone(octets, { transfer: [octets.buffer] });
  expect(descriptor.receive(octets, new Int32Array(2), new Uint8Array(32))).toBe(EFAULT); // its memory is elsewhere now
  expect(() => Reflect.apply(descriptor.receive, descriptor, [new Int32Array(2), new Int32Array(2), octets])).toThrow(
    TypeError,
  );
  expect(() => descriptor.setOption(1, 26, octets)).toThrow(TypeError); // SO_ATTACH_FILTER would hold a pointer
  expect(() => Reflect.apply(descriptor.close, {}, [])).toThrow(TypeError);
  descriptor.close();
  descriptor.close();
  expect(descriptor.send(new Uint8Array(60))).toBe(EBADF);
  expect(descriptor.open(AF_NETLINK, SOCK_RAW, 0)).toBe(EISCONN);
});
