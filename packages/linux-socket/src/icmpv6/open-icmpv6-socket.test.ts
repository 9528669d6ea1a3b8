import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createScriptedKernel } from '../../test/scripted-kernel.ts';
import { READABLE, WRITABLE } from '../native.ts';
import { packetAddress } from '../packet/abi.ts';
import { createPacketInfo, createSockaddrIn6 } from './abi.ts';
import { openIcmpv6SocketOn } from './open-icmpv6-socket.ts';
import type { Icmpv6SocketOptions } from './options.ts';

const accept = { code: 0x06, jt: 0, jf: 0, k: 0xffff_ffff };
const solicitation = Uint8Array.of(135, 0, 0, 0, 0, 0, 0, 0);
const allNodes = new Uint8Array(16);
allNodes.set([0xff, 2]);
allNodes[15] = 1;
const linkLocal = new Uint8Array(16);
linkLocal.set([0xfe, 0x80]);
linkLocal[15] = 7;

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

function open(options: Partial<Icmpv6SocketOptions> = {}, kernel = createScriptedKernel()) {
  kernel.localAddress = packetAddress(3, 0x88b6);
  const errors: Error[] = [];
  const onMessages = vi.fn();
  const onWritable = vi.fn();
  const socket = openIcmpv6SocketOn(kernel, {
    interfaceName: 'eth0',
    types: [135, 136],
    onMessages,
    onWritable,
    onError: (error) => errors.push(error),
    ...options,
  });
  const codes = () => errors.map((error) => (error as NodeJS.ErrnoException).code);
  return { kernel, socket, errors, codes, onMessages, onWritable };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('nothing is accepted until everything is chosen, and what came before is thrown away', () => {
  const kernel = createScriptedKernel();
  kernel.queue.push([{ octets: solicitation }], [{ octets: solicitation }]);
  const { onMessages } = open({ filter: [accept], receiveBufferOctets: 4096 }, kernel);
  expect(kernel.calls).toEqual([
    // The sentinel, which the kernel tells of the interface.
    'open(17, 3, 0)',
    'attachFilter(1)',
    `bind(${hex(packetAddress(3, 0x88b6))})`,
    'watch(1)',
    'keepAlive(false)',
    // The socket.
    'open(10, 3, 58)',
    'attachFilter(1)',
    'setOption(1, 62, 03000000)', // SO_BINDTOIFINDEX
    `setOption(58, 1, ${'ff'.repeat(16)}7ffeffff${'ff'.repeat(12)})`,
    'setOption(41, 16, ff000000)', // IPV6_UNICAST_HOPS
    'setOption(41, 18, ff000000)', // IPV6_MULTICAST_HOPS
    'setOption(41, 19, 00000000)', // IPV6_MULTICAST_LOOP
    'setOption(41, 62, 01000000)', // IPV6_DONTFRAG
    'setOption(41, 49, 01000000)', // IPV6_RECVPKTINFO
    'setOption(41, 51, 01000000)', // IPV6_RECVHOPLIMIT
    'setOption(1, 8, 00100000)',
    'attachFilter(1)',
    'watch(1)',
  ]);
  expect([kernel.queue, onMessages.mock.calls]).toEqual([[], []]);
});

test('without a filter the one that accepts nothing is taken away', () => {
  const { kernel } = open();
  expect(kernel.calls.filter((call) => call.startsWith('setOption(1, 27'))).toHaveLength(1);
});

describe('whatever refuses, both descriptors are closed', () => {
  test.for<[call: string, refusals: number[]]>([
    ['open', [-1]],
    ['open', [0, -1]],
    ['attachFilter', [-12]],
    ['attachFilter', [0, 0, -12]],
    ['bind', [-19]],
    ['setOption', [-1]],
    ['setOption', [0, 0, 0, 0, 0, 0, 0, -92]],
    ['watch', [-1]],
    ['watch', [0, -1]],
  ])('%s %j', ([name, refusals]) => {
    const kernel = createScriptedKernel();
    kernel.refusals.set(name, [...refusals]);
    expect(() => open({ filter: [accept] }, kernel)).toThrow(expect.objectContaining({ errno: refusals.at(-1) }));
    expect(kernel.open()).toBe(0);
  });
});

describe('sending', () => {
  test('goes to the address on the interface, from the source that was chosen', () => {
    const { kernel, socket } = open();
    const [to, from] = [createSockaddrIn6(3), createPacketInfo(3)];
    to.set(allNodes, 8);
    from.set(linkLocal, 16);
    expect(socket.send(allNodes, solicitation)).toBe(true);
    expect(socket.send(allNodes, solicitation, { source: linkLocal })).toBe(true);
    expect(socket.send(allNodes, solicitation, {})).toBe(true);
    expect(kernel.calls.slice(-3)).toEqual([
      `send(8, ${hex(to)})`,
      `send(8, ${hex(to)}, ${hex(from)})`,
      `send(8, ${hex(to)})`,
    ]);
  });

  test('EAGAIN is false; onWritable follows when the socket is writable, once', () => {
    const { kernel, socket, onWritable } = open();
    kernel.refusals.set('send', [-11, -11]);
    expect([1, 2, 3].map(() => socket.send(allNodes, solicitation))).toEqual([false, false, true]);
    expect(kernel.watched()).toBe(READABLE | WRITABLE);
    kernel.ready(0, WRITABLE);
    expect(onWritable).toHaveBeenCalledTimes(1);
    expect(kernel.watched()).toBe(READABLE);
    expect(socket.statistics()).toMatchObject({ messagesSent: 1, sendRefused: 2 });
  });

  test('ENOBUFS is false; onWritable follows after a pause', () => {
    const { kernel, socket, onWritable } = open();
    kernel.refusals.set('send', [-105]);
    expect(socket.send(allNodes, solicitation)).toBe(false);
    vi.runAllTimers();
    expect(onWritable).toHaveBeenCalledTimes(1);
  });

  test.for<[errno: number, code: string, says: RegExp]>([
    [-22, 'EINVAL', /the source must be an address of this host/u],
    [-99, 'EADDRNOTAVAIL', /no address yet/u],
    [-101, 'ENETUNREACH', /down, or has no route/u],
    [-90, 'EMSGSIZE', /ICMPv6 socket on eth0$/u],
  ])('%i is thrown, and says what it means here', ([errno, code, says]) => {
    const { kernel, socket } = open();
    kernel.refusals.set('send', [errno]);
    expect(() => socket.send(allNodes, solicitation)).toThrow(expect.objectContaining({ code, syscall: 'sendmsg' }));
    kernel.refusals.set('send', [errno]);
    expect(() => socket.send(allNodes, solicitation)).toThrow(says);
  });

  test('whatever is said of it, an interface that is gone is ENODEV', () => {
    const kernel = createScriptedKernel();
    const { socket } = open({}, kernel);
    kernel.interfaces.clear();
    kernel.refusals.set('send', [-99]);
    expect(() => socket.send(allNodes, solicitation)).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  });

  test.for<[what: string, destination: unknown, payload: unknown, options?: unknown]>([
    ['an IPv4 address', new Uint8Array(4), solicitation],
    ['text', 'ff02::1', solicitation],
    ['a message shorter than its header', allNodes, new Uint8Array(3)],
    ['a source of 15 octets', allNodes, solicitation, { source: new Uint8Array(15) }],
  ])('refuses %s', ([, ...words]) => {
    const { kernel, socket } = open();
    expect(() => Reflect.apply(socket.send, socket, words)).toThrow(TypeError);
    expect(kernel.sent).toEqual([]);
  });
});

test('a message is seen with what came with it, for as long as the callback runs', () => {
  const seen: unknown[] = [];
  const batches: { message(i: number): Uint8Array }[] = [];
  const { kernel } = open({
    maxMessageOctets: 16,
    onMessages: (batch) => {
      batches.push(batch);
      for (let i = 0; i < batch.count; i++) {
        seen.push([
          batch.message(i).length,
          batch.truncated(i),
          hex(batch.source(i)),
          batch.sourceScope(i),
          hex(batch.destination(i)),
          batch.interfaceIndex(i),
          batch.hopLimit(i),
        ]);
      }
      expect(() => batch.source(batch.count)).toThrow(RangeError);
      expect(() => batch.hopLimit(-1)).toThrow(RangeError);
    },
  });
  const address = createSockaddrIn6(3);
  address.set(linkLocal, 8);
  const packetInfo = createPacketInfo(3);
  packetInfo.set(allNodes, 16);
  const hopLimit = Uint8Array.of(20, 0, 0, 0, 0, 0, 0, 0, 41, 0, 0, 0, 52, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0);
  kernel.queue.push([
    { octets: new Uint8Array(60), address, control: Buffer.concat([packetInfo, hopLimit]) },
    { octets: solicitation, address, control: Buffer.concat([hopLimit, packetInfo]) },
    { octets: solicitation, address },
  ]);
  kernel.ready(0, READABLE);
  expect(seen).toEqual([
    [16, true, hex(linkLocal), 3, hex(allNodes), 3, 64],
    [8, false, hex(linkLocal), 3, hex(allNodes), 3, 64],
    [8, false, hex(linkLocal), 3, '00'.repeat(16), 0, 0], // the kernel did not say: not 255
  ]);
  expect(() => batches[0]?.message(0)).toThrow(RangeError);
});

describe('an interface that goes', () => {
  test('down is ENETDOWN; a message shows that it is up again', () => {
    const { kernel, errors, codes } = open();
    kernel.queue.push(-100);
    kernel.readyFirst(-9, 0);
    expect(codes()).toEqual(['ENETDOWN']);
    expect(errors[0]?.message).toMatch(/ICMPv6 socket on eth0 \(the interface is down/u);
    expect(vi.getTimerCount()).toBe(1);
    kernel.queue.push([{ octets: solicitation }]);
    kernel.ready(0, READABLE);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('away is ENODEV, once', () => {
    const { kernel, codes } = open();
    kernel.queue.push(-100);
    kernel.readyFirst(-9, 0);
    vi.advanceTimersByTime(3_600_000);
    kernel.localAddress = packetAddress(-1, 0x88b6);
    vi.advanceTimersByTime(60_000);
    expect(codes()).toEqual(['ENETDOWN', 'ENODEV']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('an error of the socket that does not go away pauses it', () => {
  const { kernel, codes } = open();
  kernel.queue.push(-14);
  kernel.ready(0, READABLE);
  expect([codes(), kernel.watched()]).toEqual([['EFAULT'], 0]);
  vi.runAllTimers();
  expect(kernel.watched()).toBe(READABLE);
});

test('after close nothing is called, no timer runs and no descriptor is open', async () => {
  const { kernel, socket, codes, onMessages, onWritable } = open();
  kernel.refusals.set('send', [-105]);
  socket.send(allNodes, solicitation);
  kernel.queue.push(-100);
  kernel.readyFirst(-9, 0);
  await socket.close();
  await socket.close();
  expect([vi.getTimerCount(), kernel.open()]).toEqual([0, 0]);
  kernel.ready(0, READABLE | WRITABLE);
  kernel.readyFirst(0, READABLE);
  expect([codes(), onMessages.mock.calls, onWritable.mock.calls]).toEqual([['ENETDOWN'], [], []]);
  expect(() => socket.send(allNodes, solicitation)).toThrow(
    expect.objectContaining({ code: 'ERR_LINUX_SOCKET_CLOSED' }),
  );
});
