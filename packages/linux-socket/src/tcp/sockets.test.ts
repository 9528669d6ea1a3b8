import { once } from 'node:events';
import { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { connectTcp, listenTcp, setTcpOptions, type TcpPeer, unsentOctets } from './index.ts';

// Over loopback, which needs no privilege; e2e/linux-socket has the cases of two hosts.

test('a listener of both families takes connections of both, and says who it is', async () => {
  const peers: TcpPeer[] = [];
  await using listener = await listenTcp({
    port: 0,
    onConnection(socket, peer) {
      peers.push(peer);
      socket.pipe(socket).on('error', () => {});
    },
  });
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    const socket = connectTcp({ address, port: listener.port });
    await once(socket, 'connect');
    socket.write('hello');
    const [echo] = await once(socket, 'data');
    expect(String(echo)).toBe('hello');
    const plain = address.replace('::ffff:', '');
    expect(peers.pop()).toEqual({
      remoteAddress: plain,
      remotePort: socket.localPort,
      localAddress: plain,
      localPort: listener.port,
    });
    socket.destroy();
  }
});

test('octets are unsent until the peer has acknowledged them, on both ends, and unknown after the end', async () => {
  const accepted = Promise.withResolvers<Socket>();
  await using listener = await listenTcp({
    port: 0,
    onConnection: (socket) => accepted.resolve(socket.on('error', () => {})),
  });
  const socket = connectTcp({ address: '127.0.0.1', port: listener.port });
  socket.on('error', () => {}).write('early');
  expect(unsentOctets(socket)).toBe(5);
  const other = await accepted.promise;
  other.write(new Uint8Array(50_000_000)); // nobody reads
  expect(unsentOctets(other)).toBeGreaterThan(25_000_000);
  await vi.waitFor(() => expect(unsentOctets(socket)).toBe(0));
  setTcpOptions(socket, { ttl: 255, minTtl: 1, trafficClass: 0xc0, userTimeoutMs: 1000 });
  expect(() => setTcpOptions(socket, { ttl: 0 })).toThrow(RangeError);
  for (const ended of [other, socket]) {
    const closed = new Promise((resolve) => ended.once('close', resolve));
    ended.destroy();
    expect(unsentOctets(ended)).toBeUndefined();
    setTcpOptions(ended, { ttl: 255 });
    await closed;
    expect(unsentOctets(ended)).toBeUndefined();
  }
});

test('a socket of somebody else’s is the caller’s mistake', () => {
  const socket = new Socket();
  expect(() => unsentOctets(socket)).toThrow(TypeError);
  expect(() => setTcpOptions(socket, {})).toThrow(TypeError);
});

test('a socket that could not be opened says so when its caller has had the chance to listen', async () => {
  const socket = connectTcp({ address: '127.0.0.1', port: 1, localAddress: '192.0.2.1' });
  expect(unsentOctets(socket)).toBeUndefined();
  const [error] = await once(socket, 'error');
  expect(error).toMatchObject({ code: 'EADDRNOTAVAIL', syscall: 'bind' });
});

test('what listening refuses is a rejection, as are mistakes', async () => {
  await using listener = await listenTcp({ address: '127.0.0.1', port: 0, onConnection: () => {} });
  const again = listenTcp({ address: '127.0.0.1', port: listener.port, onConnection: () => {} });
  await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await expect(listenTcp({ port: -1, onConnection: () => {} })).rejects.toThrow(RangeError);
});
