import { once } from 'node:events';
import { closeSync, readdirSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { createPacketInfo, PACKET_INFO_ADDRESS_OFFSET } from '../src/icmpv6/abi.ts';
import { loadNative } from '../src/native.ts';

// Netlink sockets need no privilege, and the class does not care of which family its descriptor is.
const AF_NETLINK = 16;
const AF_INET = 2;
const SOCK_RAW = 3;
const SOCK_STREAM = 1;
const EBADF = -9;
const EAGAIN = -11;
const EFAULT = -14;
const EINVAL = -22;
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
  const gone = octets;
  const fresh = new Uint8Array(64);
  expect(descriptor.receive(fresh, new Int32Array(2), new Uint8Array(32), gone)).toBe(EFAULT);
  expect(descriptor.receive(fresh, new Int32Array(4), new Uint8Array(64), new Uint8Array(1))).toBe(EFAULT); // no room for each
  expect(descriptor.receive(fresh, new Int32Array(2), new Uint8Array(32), new Uint8Array(1))).toBe(EAGAIN);
  expect([descriptor.send(gone), descriptor.send(fresh, gone), descriptor.send(fresh, fresh, gone)]).toEqual([
    EFAULT, // not an empty message,
    EFAULT, // nor to whom the socket is connected,
    EFAULT, // nor from an address that the kernel chooses
  ]);
  expect(() => Reflect.apply(descriptor.send, descriptor, [fresh, undefined, 'text'])).toThrow(TypeError);
  expect(() => Reflect.apply(descriptor.receive, descriptor, [fresh, new Int32Array(2), fresh, {}])).toThrow(TypeError);
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

test('a descriptor that was released is its new owner’s, and neither close nor the collector touches it', async () => {
  const { Descriptor, setReleasedOption, unacknowledged } = loadNative();
  const before = openDescriptors();
  const fds = (() =>
    Array.from({ length: 10 }, () => {
      const descriptor = new Descriptor();
      expect([descriptor.open(AF_INET, SOCK_STREAM, 0), descriptor.watch(1)]).toEqual([0, 0]);
      const fd = descriptor.release();
      descriptor.close();
      expect([descriptor.release(), descriptor.watch(1), descriptor.listen(1)]).toEqual([EBADF, EBADF, EBADF]);
      return fd;
    }))();
  for (let turn = 0; turn < 20; turn++) {
    collectGarbage();
    await nextTurn();
  }
  expect(openDescriptors()).toBe(before + 10);
  const [fd = -1] = fds;
  expect(setReleasedOption(fd, 0, 2, Uint8Array.of(255, 0, 0, 0))).toBe(0);
  expect(() => setReleasedOption(fd, 1, 26, new Uint8Array(16))).toThrow(TypeError); // SO_ATTACH_FILTER would hold a pointer
  expect(() => Reflect.apply(setReleasedOption, undefined, ['0', 0, 2, new Uint8Array(4)])).toThrow(TypeError);
  expect(unacknowledged(fd)).toBe(0);
  for (const released of fds) closeSync(released);
  expect(unacknowledged(fd)).toBe(EBADF);
  expect(setReleasedOption(fd, 0, 2, Uint8Array.of(255, 0, 0, 0))).toBe(EBADF);
  expect(() => Reflect.apply(unacknowledged, undefined, [])).toThrow(TypeError);
});

test('accept fills a descriptor that was not opened, and nothing else', async () => {
  const { Descriptor } = loadNative();
  const before = openDescriptors();
  const listener = new Descriptor();
  const into = new Descriptor();
  const address = new Uint8Array(28);
  expect(listener.accept(into, address)).toBe(EBADF);
  expect(listener.open(AF_INET, SOCK_STREAM, 0)).toBe(0);
  expect(listener.accept(into, address)).toBe(EINVAL); // it does not listen
  expect(listener.bind(Uint8Array.of(2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0))).toBe(0);
  expect(listener.listen(1)).toBe(0);
  expect(listener.accept(into, address)).toBe(EAGAIN);
  expect(listener.accept(listener, address)).toBe(EISCONN);
  for (const wrong of [{}, undefined, new Map(), Object.create(into)]) {
    expect(() => Reflect.apply(listener.accept, listener, [wrong, address])).toThrow(TypeError);
  }
  expect(() => Reflect.apply(listener.accept, listener, [into])).toThrow(TypeError);
  expect(() => Reflect.apply(listener.listen, listener, ['7'])).toThrow(TypeError);
  expect(listener.localAddress(address)).toBe(16);
  const client = connect({ host: '127.0.0.1', port: new DataView(address.buffer).getUint16(2) });
  await once(client, 'connect');
  expect(listener.accept(into, address)).toBe(16);
  expect(new DataView(address.buffer).getUint16(2)).toBe(client.localPort);
  expect(into.open(AF_INET, SOCK_STREAM, 0)).toBe(EISCONN);
  into.close();
  listener.close();
  client.on('error', () => {});
  client.destroy();
  expect(openDescriptors()).toBe(before);
});

test('control messages are received and sent, and nothing stays of those that were there before', async () => {
  // UDP over loopback: IPV6_RECVPKTINFO says to which address a datagram was sent, IPV6_PKTINFO from which.
  const { Descriptor, interfaceIndex } = loadNative();
  const IPV6 = 41;
  const [receiver, sender] = [new Descriptor(), new Descriptor()];
  const loopback = new Uint8Array(28);
  loopback.set([10, 0]);
  loopback[23] = 1; // ::1
  for (const descriptor of [receiver, sender]) expect(descriptor.open(10, 2, 0)).toBe(0);
  expect(receiver.bind(loopback)).toBe(0);
  expect(receiver.localAddress(loopback)).toBe(28); // with the port that the kernel chose
  const control = createPacketInfo(interfaceIndex('lo'));
  control[PACKET_INFO_ADDRESS_OFFSET + 15] = 1;
  const room = { octets: new Uint8Array(64), results: new Int32Array(4), addresses: new Uint8Array(64) };
  const received = new Uint8Array(128).fill(0xaa);
  const receive = () => receiver.receive(room.octets, room.results, room.addresses, received);

  expect(sender.send(Uint8Array.of(1), loopback, control)).toBe(1);
  await vi.waitFor(() => expect(receive()).toBe(1)); // nobody asked for control messages yet
  expect(received.subarray(0, 64).every((octet) => octet === 0)).toBe(true);
  expect(received.subarray(64).every((octet) => octet === 0xaa)).toBe(true); // the place of a message that did not come

  expect(receiver.setOption(IPV6, 49, Uint8Array.of(1, 0, 0, 0))).toBe(0);
  for (let i = 0; i < 2; i++) expect(sender.send(Uint8Array.of(i), loopback, control)).toBe(1);
  await vi.waitFor(() => expect(receive()).toBe(2));
  for (const place of [0, 64]) {
    expect(received.subarray(place, place + 36)).toEqual(control.subarray(0, 36));
    expect(received.subarray(place + 40, place + 64).every((octet) => octet === 0)).toBe(true);
  }

  const tight = new Uint8Array(40).fill(0xaa);
  expect(sender.send(Uint8Array.of(1), loopback)).toBe(1);
  await vi.waitFor(() => expect(receiver.receive(room.octets, room.results, room.addresses, tight)).toBe(1));
  expect((room.results[1] ?? 0) & 0x8).toBe(0x8); // MSG_CTRUNC: 20 octets are too few
  expect(tight.subarray(20).every((octet) => octet === 0xaa)).toBe(true);

  control[PACKET_INFO_ADDRESS_OFFSET + 15] = 9; // ::9 is not ours
  expect(sender.send(Uint8Array.of(1), loopback, control)).toBe(-22);
  receiver.close();
  sender.close();
});
