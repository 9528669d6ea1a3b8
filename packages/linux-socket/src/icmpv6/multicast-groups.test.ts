import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createScriptedKernel } from '../../test/scripted-kernel.ts';
import type { NativeBinding, NativeDescriptor } from '../native.ts';
import { MAX_MULTICAST_GROUPS, openMulticastGroupsOn } from './multicast-groups.ts';

const ENOMEM = -12;

function group(i: number): Uint8Array {
  const octets = new Uint8Array(16);
  octets.set([0xff, 2]);
  new DataView(octets.buffer).setUint32(12, i);
  return octets;
}

/** A kernel in which a socket has room for so many groups, and forgets nothing. */
function kernelWithRoom(room: number) {
  const sockets = new Set<Set<string>>();
  const scripted = createScriptedKernel();
  const Descriptor = class extends scripted.Descriptor {
    readonly #groups = new Set<string>();
    override open(): number {
      sockets.add(this.#groups);
      return 0;
    }
    override close(): void {
      sockets.delete(this.#groups);
    }
    override setOption(_level: number, name: number, value: Uint8Array): number {
      const key = Buffer.from(value).toString('hex');
      if (name === 21) return this.#groups.delete(key) ? 0 : -99;
      if (this.#groups.has(key)) return -98;
      if (this.#groups.size >= room) return ENOMEM;
      this.#groups.add(key);
      return 0;
    }
  };
  const native: NativeBinding = { ...scripted, Descriptor: Descriptor as new () => NativeDescriptor };
  const joined = () => [...sockets].flatMap((groups) => [...groups]);
  return { native, sockets, joined };
}

test('a group is joined on the interface by its index', () => {
  const kernel = createScriptedKernel();
  openMulticastGroupsOn(kernel, { interfaceIndex: 3 }).join(group(7));
  expect(kernel.calls).toEqual(['open(10, 2, 0)', 'setOption(41, 20, ff02000000000000000000000000000703000000)']);
});

test('a socket that is full is followed by another, and room that was left is used again', () => {
  const { native, sockets, joined } = kernelWithRoom(10);
  const groups = openMulticastGroupsOn(native, { interfaceIndex: 3 });
  for (let i = 0; i < 35; i++) groups.join(group(i));
  expect([sockets.size, joined().length, groups.size]).toEqual([4, 35, 35]);
  for (let i = 0; i < 10; i += 2) groups.leave(group(i));
  for (let i = 100; i < 110; i++) groups.join(group(i));
  expect([sockets.size, joined().length, groups.size]).toEqual([4, 40, 40]);
  for (let i = 10; i < 20; i++) groups.leave(group(i));
  expect([sockets.size, groups.size]).toEqual([3, 30]); // the one that held them is closed
});

test('however groups are joined and left, the kernel has exactly those that somebody holds', () => {
  const action = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 12 }));
  void fc.assert(
    fc.property(fc.array(action, { maxLength: 120 }), fc.integer({ min: 1, max: 5 }), (actions, room) => {
      const { native, sockets, joined } = kernelWithRoom(room);
      const groups = openMulticastGroupsOn(native, { interfaceIndex: 3 });
      const held = new Map<number, number>();
      for (const [join, i] of actions) {
        if (join) groups.join(group(i));
        else groups.leave(group(i));
        held.set(i, Math.max(0, (held.get(i) ?? 0) + (join ? 1 : -1)));
      }
      const expected = [...held].filter(([, count]) => count > 0).map(([i]) => Buffer.from(group(i)).toString('hex'));
      expect(new Set(joined())).toEqual(new Set(expected.map((text) => `${text}03000000`)));
      expect([joined().length, groups.size]).toEqual([expected.length, expected.length]);
      expect([...sockets].every(({ size }) => size > 0)).toBe(true);
      void groups.close();
      expect(sockets.size).toBe(0);
    }),
  );
});

describe('what the kernel refuses', () => {
  test.for<[what: string, refusals: [call: string, results: number[]], code: string]>([
    ['a first socket', ['open', [-24]], 'EMFILE'],
    ['memory even for one group', ['setOption', [ENOMEM]], 'ENOMEM'],
    ['an interface that is gone', ['setOption', [-19]], 'ENODEV'],
  ])('%s', ([, [call, results], code]) => {
    const kernel = createScriptedKernel();
    const groups = openMulticastGroupsOn(kernel, { interfaceIndex: 3 });
    kernel.refusals.set(call, results);
    expect(() => groups.join(group(1))).toThrow(expect.objectContaining({ code }));
    expect([groups.size, kernel.open()]).toEqual([0, 0]);
    groups.join(group(1));
    expect([groups.size, kernel.open()]).toEqual([1, 1]);
  });

  test('of one group ends no other', () => {
    const kernel = createScriptedKernel();
    const groups = openMulticastGroupsOn(kernel, { interfaceIndex: 3 });
    groups.join(group(1));
    kernel.refusals.set('setOption', [-19]);
    expect(() => groups.join(group(2))).toThrow(/close these groups and open them on its successor/u);
    expect([groups.size, kernel.open()]).toEqual([1, 1]);
  });

  test('ENOBUFS means that the socket is full, too', () => {
    const kernel = createScriptedKernel();
    const groups = openMulticastGroupsOn(kernel, { interfaceIndex: 3 });
    groups.join(group(1));
    kernel.refusals.set('setOption', [-105]);
    groups.join(group(2));
    expect(kernel.open()).toBe(2);
  });
});

test('there is a most, and room again after one is left', () => {
  const { native } = kernelWithRoom(1e6);
  const groups = openMulticastGroupsOn(native, { interfaceIndex: 3 });
  for (let i = 0; i < MAX_MULTICAST_GROUPS; i++) groups.join(group(i));
  expect(() => groups.join(group(1 << 20))).toThrow(
    expect.objectContaining({ code: 'ERR_LINUX_SOCKET_TOO_MANY_GROUPS' }),
  );
  groups.join(group(0)); // one that is there already
  groups.leave(group(1));
  groups.join(group(1 << 20));
  expect(groups.size).toBe(MAX_MULTICAST_GROUPS);
});

test('after close there are none, and none can be joined', async () => {
  const kernel = createScriptedKernel();
  const groups = openMulticastGroupsOn(kernel, { interfaceIndex: 3 });
  groups.join(group(1));
  await groups.close();
  await groups[Symbol.asyncDispose]();
  expect([groups.size, kernel.open()]).toEqual([0, 0]);
  const closed = expect.objectContaining({ code: 'ERR_LINUX_SOCKET_CLOSED' });
  expect(() => groups.join(group(1))).toThrow(closed);
  expect(() => groups.leave(group(1))).toThrow(closed);
});

describe('refuses', () => {
  test.for<[what: string, octets: unknown]>([
    ['a unicast address', new Uint8Array(16)],
    ['an IPv4 group', Uint8Array.of(224, 0, 0, 1)],
    ['text', 'ff02::1'],
  ])('%s', ([, octets]) => {
    const groups = openMulticastGroupsOn(createScriptedKernel(), { interfaceIndex: 3 });
    expect(() => Reflect.apply(groups.join, groups, [octets])).toThrow(TypeError);
    expect(() => Reflect.apply(groups.leave, groups, [octets])).toThrow(TypeError);
  });

  test('an interface that is not there, or can not be', () => {
    expect(() => openMulticastGroupsOn(createScriptedKernel(), { interfaceIndex: 4 })).toThrow(
      expect.objectContaining({ code: 'ENXIO' }),
    );
    expect(() => openMulticastGroupsOn(createScriptedKernel(), { interfaceIndex: 0 })).toThrow(RangeError);
  });
});
