import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createScriptedKernel } from '../../test/scripted-kernel.ts';
import { READABLE, WRITABLE } from '../native.ts';
import { packetAddress } from './abi.ts';
import { openPacketSocketOn } from './open-packet-socket.ts';
import type { PacketSocketOptions } from './options.ts';
import type { PacketSocket } from './packet-socket.ts';

const accept = { code: 0x06, jt: 0, jf: 0, k: 0xffff_ffff };
const frame = new Uint8Array(60);

function open(options: Partial<PacketSocketOptions> = {}, kernel = createScriptedKernel()) {
  kernel.localAddress = packetAddress(3, 0x0806);
  const errors: (string | undefined)[] = [];
  const onFrames = vi.fn();
  const onWritable = vi.fn();
  const socket: PacketSocket = openPacketSocketOn(kernel, {
    interfaceName: 'eth0',
    etherType: 0x0806,
    onFrames,
    onWritable,
    onError: (error) => errors.push((error as NodeJS.ErrnoException).code),
    ...options,
  });
  return { kernel, socket, errors, onFrames, onWritable };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the filter is attached before the socket is bound, and the socket receives nothing before', () => {
  const { kernel } = open({ filter: [accept], receiveBufferOctets: 4096 });
  expect(kernel.calls).toEqual([
    'open(17, 3, 0)',
    'setOption(263, 23, 01000000)',
    'setOption(1, 8, 00100000)',
    'attachFilter(1)',
    `bind(${Buffer.from(packetAddress(3, 0x0806)).toString('hex')})`,
    'watch(1)',
  ]);
});

describe('whatever refuses, the descriptor is closed', () => {
  test.for(['open', 'setOption', 'attachFilter', 'bind', 'watch'])('%s', (name) => {
    const kernel = createScriptedKernel();
    kernel.refusals.set(name, [-1]);
    expect(() => open({ filter: [accept] }, kernel)).toThrow(expect.objectContaining({ code: 'EPERM', errno: -1 }));
    expect(kernel.calls.at(-1)).toBe('close()');
  });
});

describe('sending', () => {
  test('EAGAIN is false; onWritable follows when the socket is writable, once', () => {
    const { kernel, socket, onWritable } = open();
    kernel.refusals.set('send', [-11, -11]);
    expect([socket.send(frame), socket.send(frame), socket.send(frame)]).toEqual([false, false, true]);
    expect(kernel.watched()).toBe(READABLE | WRITABLE);
    kernel.ready(0, WRITABLE);
    expect(onWritable).toHaveBeenCalledTimes(1);
    expect(kernel.watched()).toBe(READABLE);
    expect(socket.statistics()).toMatchObject({ framesSent: 1, sendRefused: 2 });
  });

  test('ENOBUFS is false; onWritable follows after a pause, for the socket itself is writable', () => {
    const { kernel, socket, onWritable } = open();
    kernel.refusals.set('send', [-105, -105]);
    expect([socket.send(frame), socket.send(frame)]).toEqual([false, false]);
    expect(kernel.watched()).toBe(READABLE);
    vi.runAllTimers();
    expect(onWritable).toHaveBeenCalledTimes(1);
  });

  test('everything else is thrown', () => {
    const { kernel, socket } = open();
    kernel.refusals.set('send', [-90]);
    expect(() => socket.send(frame)).toThrow(expect.objectContaining({ code: 'EMSGSIZE', syscall: 'sendmsg' }));
  });
});

describe('an error of the socket', () => {
  test('is asked for and reported, and watching goes on', () => {
    const { kernel, errors } = open();
    kernel.queue.push(-100);
    kernel.ready(-9, 0);
    expect(errors).toEqual(['ENETDOWN']);
    expect(kernel.watched()).toBe(READABLE);
  });

  test('that does not go away pauses the socket', () => {
    const { kernel, errors } = open();
    kernel.queue.push(-14);
    kernel.ready(0, READABLE);
    expect(errors).toEqual(['EFAULT']);
    expect(kernel.watched()).toBe(0);
    vi.runAllTimers();
    expect(kernel.watched()).toBe(READABLE);
  });

  test('that pauses the socket lets the process end no more than an open socket does', () => {
    const { kernel, socket } = open();
    const set = vi.spyOn(globalThis, 'setTimeout');
    kernel.queue.push(-14);
    kernel.ready(0, READABLE);
    const pause = set.mock.results[0]?.value as NodeJS.Timeout;
    const seen = [pause.hasRef()];
    socket.unref();
    seen.push(pause.hasRef());
    socket.ref();
    seen.push(pause.hasRef());
    expect(seen).toEqual([true, false, true]);
  });

  test('that nobody can name pauses the socket too', () => {
    const { kernel, errors } = open();
    kernel.ready(-9, 0);
    expect([errors, kernel.watched()]).toEqual([[], 0]);
    vi.runAllTimers();
    expect(kernel.watched()).toBe(READABLE);
  });

  test('is followed by ENODEV if the interface turns out to be gone', () => {
    const { kernel, errors } = open();
    kernel.queue.push(-100);
    kernel.ready(-9, 0);
    vi.advanceTimersByTime(20);
    expect(errors).toEqual(['ENETDOWN']);
    kernel.localAddress = packetAddress(-1, 0x0806);
    vi.runAllTimers();
    expect(errors).toEqual(['ENETDOWN', 'ENODEV']);
  });

  test('is followed by ENODEV however long the interface was down before it was deleted, and once', () => {
    const { kernel, errors } = open();
    for (let round = 0; round < 3; round++) {
      kernel.queue.push(-100);
      kernel.ready(-9, 0);
    }
    vi.advanceTimersByTime(3_600_000);
    kernel.localAddress = packetAddress(-1, 0x0806);
    vi.advanceTimersByTime(60_000);
    expect(errors).toEqual(['ENETDOWN', 'ENETDOWN', 'ENETDOWN', 'ENODEV']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is forgotten when a frame comes in', () => {
    const { kernel } = open();
    kernel.queue.push(-100);
    kernel.ready(-9, 0);
    kernel.queue.push([{ octets: frame }]);
    kernel.ready(0, READABLE);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('after close nothing is called and no timer runs', async () => {
  const { kernel, socket, errors, onFrames, onWritable } = open();
  kernel.refusals.set('send', [-105]);
  socket.send(frame);
  kernel.queue.push(-100);
  kernel.ready(-9, 0);
  await socket.close();
  await socket.close();
  expect(vi.getTimerCount()).toBe(0);
  kernel.ready(0, READABLE | WRITABLE);
  expect([errors, onFrames.mock.calls, onWritable.mock.calls]).toEqual([['ENETDOWN'], [], []]);
  expect(kernel.calls.filter((call) => call === 'close()')).toHaveLength(1);
});

test('drops are added up, for the kernel forgets them when they are read', () => {
  const { socket } = open();
  expect([socket.statistics().framesDropped, socket.statistics().framesDropped]).toEqual([5, 10]);
});

test('a frame is seen as long as its buffer, and says that it was longer', () => {
  const seen: unknown[] = [];
  const { kernel } = open({
    maxFrameOctets: 16,
    onFrames: (batch) => {
      for (let i = 0; i < batch.count; i++) seen.push([batch.frame(i).length, batch.truncated(i), batch.packetType(i)]);
      expect(() => batch.frame(batch.count)).toThrow(RangeError);
    },
  });
  const broadcast = packetAddress(3, 0x0806);
  broadcast[10] = 1;
  const strange = packetAddress(3, 0x0806);
  strange[10] = 99;
  kernel.queue.push([
    { octets: new Uint8Array(60), address: broadcast },
    { octets: new Uint8Array(14) },
    { octets: new Uint8Array(0), address: strange },
  ]);
  kernel.ready(0, READABLE);
  expect(seen).toEqual([
    [16, true, 'broadcast'],
    [14, false, 'host'],
    [0, false, 'otherhost'],
  ]);
});

test('a filter too large for the kernel says what to do', () => {
  const { kernel, socket } = open();
  kernel.refusals.set('attachFilter', [-12]);
  expect(() => socket.attachFilter([accept])).toThrow(/net\.core\.optmem_max/u);
});

test.for([
  ['a unicast address', Uint8Array.of(2, 0, 0, 0, 0, 1)],
  ['five octets', Uint8Array.of(1, 0, 0, 0, 0)],
] as const)('joinMulticast refuses %s', ([, mac]) => {
  expect(() => open().socket.joinMulticast(mac)).toThrow(TypeError);
});
