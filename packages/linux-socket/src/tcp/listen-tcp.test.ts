import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createScriptedKernel } from '../../test/scripted-kernel.ts';
import { listenTcpOn } from './listen-tcp.ts';
import type { TcpListenOptions, TcpMd5KeyOptions } from './options.ts';

const key = new TextEncoder().encode('secret');
const onConnection = (): void => {};
/** 192.0.2.9 port 4096 as an IPv6 socket is told it. */
const stranger = Buffer.from('0a0010000000000000000000000000000000ffffc000020900000000', 'hex');

function listen(options: Partial<TcpListenOptions> = {}, kernel = createScriptedKernel()) {
  kernel.localAddress.set(Buffer.from('0a0000b3', 'hex'));
  const listener = listenTcpOn(kernel, { port: 179, onConnection, ...options });
  const calls = kernel.calls.splice(0);
  return { kernel, listener, calls };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('before the first connection can come', () => {
  test('a listener of both families is open for both, and says where it listens', () => {
    const { listener, calls } = listen();
    expect([listener.address, listener.port]).toEqual(['::', 179]);
    expect(calls).toEqual([
      'open(10, 1, 0)',
      'setOption(1, 2, 01000000)', // SO_REUSEADDR
      'setOption(41, 26, 00000000)', // IPV6_V6ONLY
      'bind(0a0000b300000000000000000000000000000000000000000000000000)'.replace('00000000)', '000000)'),
      'listen(128)',
      'localAddress()',
      'watch(1)',
    ]);
  });

  test('what connections inherit is set for both families', () => {
    const { calls } = listen({
      device: 'eth0',
      ttl: 255,
      minTtl: 254,
      trafficClass: 0xc0,
      userTimeoutMs: 1,
      backlog: 7,
    });
    expect(calls.slice(3, -4)).toEqual([
      'setOption(1, 25, 6574683000)',
      'setOption(41, 16, ff000000)',
      'setOption(0, 2, ff000000)',
      'setOption(41, 73, fe000000)',
      'setOption(0, 21, fe000000)',
      'setOption(41, 67, c0000000)',
      'setOption(0, 1, c0000000)',
      'setOption(6, 18, 01000000)',
    ]);
    expect(calls).toContain('listen(7)');
  });

  test('a kernel without IPv6 listens for IPv4, unless IPv6 was asked for', () => {
    const kernel = createScriptedKernel();
    kernel.refusals.set('open', [-97]);
    expect(listen({}, kernel).calls).toContain('open(2, 1, 0)');
    kernel.refusals.set('open', [-97]);
    expect(() => listen({ address: '::' }, kernel)).toThrow(expect.objectContaining({ code: 'EAFNOSUPPORT' }));
  });
});

test.for<[name: string, errno: number, code: string, message: RegExp]>([
  ['bind', -13, 'EACCES', /CAP_NET_BIND_SERVICE/u],
  ['bind', -1, 'EPERM', /CAP_NET_BIND_SERVICE/u],
  ['bind', -98, 'EADDRINUSE', /"ss -ltnp"/u],
  ['listen', -98, 'EADDRINUSE', /another process listens there/u],
  ['bind', -99, 'EADDRNOTAVAIL', /address must be one of this host/u],
  ['localAddress', -105, 'ENOBUFS', /getsockname/u],
  ['watch', -28, 'ENOSPC', /epoll_ctl/u],
])('what %s refuses with %i is %s, and nothing stays open', ([name, errno, code, message]) => {
  const kernel = createScriptedKernel();
  kernel.refusals.set(name, [errno]);
  expect(() => listen({}, kernel)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  expect(kernel.open()).toBe(0);
});

test.for<[wrong: Partial<TcpListenOptions>, kind: typeof TypeError | typeof RangeError]>([
  [{ address: 'localhost' }, TypeError],
  [{ address: 'fe80::1' }, TypeError],
  [{ port: -1 }, RangeError],
  [{ port: 65_536 }, RangeError],
  [{ device: 'a/b' }, TypeError],
  [{ backlog: 0 }, RangeError],
  [{ minTtl: 256 }, RangeError],
])('%j is the caller’s mistake', ([wrong, kind]) => {
  expect(() => listen(wrong)).toThrow(kind);
});

describe('keys', () => {
  /** The option, the family, the address, and flags, prefix length and key length. */
  function setKey(options: Partial<TcpMd5KeyOptions>, listenOptions: Partial<TcpListenOptions> = {}): unknown {
    const { kernel, listener } = listen(listenOptions);
    listener.setMd5Key({ address: '192.0.2.1', key, ...options });
    const [, option, value = ''] = /^setOption\(6, (\d+), ([0-9a-f]*)\)$/u.exec(kernel.calls[0] ?? '') ?? [];
    return [option, value.slice(0, 4) === '0200' ? value.slice(8, 16) : value.slice(16, 48), value.slice(256, 264)];
  }

  test.for<[options: Partial<TcpMd5KeyOptions>, option: string, address: string, rest: string]>([
    [{}, '14', '00000000000000000000ffffc0000201', '00000600'],
    [{ prefixLength: 32 }, '14', '00000000000000000000ffffc0000201', '00000600'],
    [{ prefixLength: 25 }, '32', '00000000000000000000ffffc0000200', '01190600'],
    [{ prefixLength: 0 }, '32', '00000000000000000000ffff00000000', '01000600'],
    [{ address: '::ffff:192.0.2.1' }, '14', '00000000000000000000ffffc0000201', '00000600'],
    [{ address: '2001:db8::1' }, '14', '20010db8000000000000000000000001', '00000600'],
    [{ address: '2001:db8:ffff::1', prefixLength: 33 }, '32', '20010db8800000000000000000000000', '01210600'],
    [{ key: undefined }, '14', '00000000000000000000ffffc0000201', '00000000'],
    [{ device: 'eth0' }, '32', '00000000000000000000ffffc0000201', '02000600'],
  ])('of %j on a listener of both families', ([options, option, address, rest]) => {
    expect(setKey(options)).toEqual([option, address, rest]);
  });

  test('of IPv4 on a listener of IPv4', () => {
    expect(setKey({}, { address: '0.0.0.0' })).toEqual(['14', 'c0000201', '00000600']);
    expect(setKey({ prefixLength: 24 }, { address: '0.0.0.0' })).toEqual(['32', 'c0000200', '01180600']);
    expect(() => setKey({ address: '::1' }, { address: '0.0.0.0' })).toThrow(TypeError);
  });

  test.for<[wrong: Partial<TcpMd5KeyOptions>, kind: typeof TypeError | typeof RangeError]>([
    [{ address: 'fe80::1%eth0' }, TypeError],
    [{ prefixLength: 33 }, RangeError],
    [{ address: '::1', prefixLength: 129 }, RangeError],
    [{ key: new Uint8Array(0) }, RangeError],
    [{ key: new Uint8Array(81) }, RangeError],
    [{ device: 'a b' }, TypeError],
  ])('%j is the caller’s mistake', ([wrong, kind]) => {
    expect(() => setKey(wrong)).toThrow(kind);
  });

  test('removing one that is not there is no error; what the kernel refuses is, and says nothing of the key', () => {
    const { kernel, listener } = listen();
    kernel.refusals.set('setOption', [-2, -2, -12, -92, -22]);
    listener.setMd5Key({ address: '192.0.2.1', key: undefined });
    for (const [code, remedy] of [
      ['ENOENT', /./u],
      ['ENOMEM', /optmem_max/u],
      ['ENOPROTOOPT', /CONFIG_TCP_MD5SIG/u],
      ['EINVAL', /VRF/u],
    ] as const) {
      const failing = () => listener.setMd5Key({ address: '192.0.2.1', key });
      expect(failing).toThrow(expect.objectContaining({ code, message: expect.stringMatching(remedy) }));
    }
    expect(() => listener.setMd5Key({ address: '192.0.2.1', device: 'eth9', key })).toThrow(
      expect.objectContaining({ code: 'ENODEV' }),
    );
  });

  test('a closed listener takes none', async () => {
    const { kernel, listener } = listen();
    await listener.close();
    await listener.close();
    expect(kernel.open()).toBe(0);
    expect(() => listener.setMd5Key({ address: '192.0.2.1', key })).toThrow(
      expect.objectContaining({ code: 'ERR_LINUX_SOCKET_CLOSED' }),
    );
  });
});

describe('accepting', () => {
  test('what Node.js refuses to take is closed and told, and the next one is taken', () => {
    const errors: Error[] = [];
    const { kernel } = listen({ onError: (error) => errors.push(error) });
    const descriptors = readdirSync('/proc/self/fd').length;
    kernel.connections.push(stranger, -103, -71, stranger); // ECONNABORTED and EPROTO: gone before it was taken
    kernel.readyFirst(0, 1);
    expect(errors).toMatchObject([{ code: 'ERR_INVALID_FD_TYPE' }, { code: 'ERR_INVALID_FD_TYPE' }]);
    expect(readdirSync('/proc/self/fd').length).toBe(descriptors);
    expect(kernel.open()).toBe(1);
  });

  test('sixteen a turn, so that everybody else has theirs', () => {
    const errors: Error[] = [];
    const { kernel } = listen({ onError: (error) => errors.push(error) });
    kernel.connections.push(...Array.from({ length: 20 }, () => stranger));
    kernel.readyFirst(0, 1);
    expect(errors.length).toBe(16);
    kernel.readyFirst(0, 1);
    expect(errors.length).toBe(20);
  });

  test('an error that does not go away is told, and tried again after a pause', () => {
    vi.useFakeTimers();
    const errors: Error[] = [];
    const { kernel, listener } = listen({ onError: (error) => errors.push(error) });
    for (const errno of [-24, -23]) {
      kernel.connections.push(errno);
      kernel.readyFirst(0, 1);
      expect(kernel.calls.splice(0)).toEqual(['watch(0)']);
      listener.unref();
      listener.ref();
      vi.advanceTimersByTime(1000);
      expect(kernel.calls.splice(0)).toEqual(['keepAlive(false)', 'keepAlive(true)', 'watch(1)']);
    }
    expect(errors).toMatchObject([{ code: 'EMFILE', syscall: 'accept4' }, { code: 'ENFILE' }]);
    kernel.readyFirst(-9, 0); // libuv gave up on it, and there is nothing to take
    expect(kernel.calls.splice(0)).toEqual(['watch(0)']);
    void listener.close();
    vi.advanceTimersByTime(10_000);
    expect(kernel.calls).toEqual(['close()']);
  });

  test('a listener that is closed by whoever took a connection takes no more', () => {
    let taken = 0;
    const { kernel, listener } = listen({
      onError: () => {
        taken += 1;
        void listener.close();
      },
    });
    kernel.connections.push(stranger, stranger);
    kernel.readyFirst(-9, 0);
    expect(taken).toBe(1);
    expect(kernel.calls.at(-1)).toBe('close()');
  });
});
