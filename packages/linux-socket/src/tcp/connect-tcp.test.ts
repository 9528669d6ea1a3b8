import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createScriptedKernel } from '../../test/scripted-kernel.ts';
import { connectTcpOn } from './connect-tcp.ts';
import type { TcpConnectOptions } from './options.ts';

const peer = { address: '192.0.2.1', port: 179 };
const key = new TextEncoder().encode('secret');
/** The scripted kernel releases a descriptor that is no socket: what Node.js says of it comes after all else. */
const NO_SOCKET = { code: 'ERR_INVALID_FD_TYPE' };

async function connect(options: TcpConnectOptions, kernel = createScriptedKernel()) {
  const descriptors = readdirSync('/proc/self/fd').length;
  const [error] = await once(connectTcpOn(kernel, options), 'error');
  expect(readdirSync('/proc/self/fd').length).toBe(descriptors);
  expect(kernel.open()).toBe(0);
  return { error: error as NodeJS.ErrnoException, calls: kernel.calls };
}

describe('before the first packet leaves', () => {
  test('nothing is set that was not asked for', async () => {
    const { error, calls } = await connect(peer);
    expect(error).toMatchObject(NO_SOCKET);
    expect(calls).toEqual(['open(2, 1, 0)', 'release()', 'close()']);
  });

  test('all that was asked for is set, of IPv4', async () => {
    const { calls } = await connect({
      ...peer,
      localAddress: '192.0.2.7',
      localPort: 1790,
      device: 'eth0',
      md5Key: key,
      ttl: 255,
      minTtl: 254,
      trafficClass: 0xc0,
      userTimeoutMs: 30_000,
      reuseAddress: true,
    });
    expect(
      calls.map((call) => call.replace(/02000000c0000201.*736563726574.*(?=\))/u, 'the key of 192.0.2.1')),
    ).toEqual([
      'open(2, 1, 0)',
      'setOption(1, 25, 6574683000)', // SO_BINDTODEVICE "eth0\0"
      'setOption(6, 14, the key of 192.0.2.1)', // TCP_MD5SIG
      'setOption(0, 2, ff000000)', // IP_TTL
      'setOption(0, 21, fe000000)', // IP_MINTTL
      'setOption(0, 1, c0000000)', // IP_TOS
      'setOption(6, 18, 30750000)', // TCP_USER_TIMEOUT
      'setOption(1, 2, 01000000)', // SO_REUSEADDR
      'bind(020006fec00002070000000000000000)',
      'release()',
      'close()',
    ]);
  });

  test('all that was asked for is set, of IPv6, with the zone for both ends', async () => {
    const { calls } = await connect({
      address: 'fe80::1%eth0',
      port: 179,
      localAddress: 'fe80::7',
      ttl: 255,
      minTtl: 255,
      trafficClass: 0xc0,
    });
    expect(calls).toEqual([
      'open(10, 1, 0)',
      'setOption(41, 16, ff000000)', // IPV6_UNICAST_HOPS
      'setOption(41, 73, ff000000)', // IPV6_MINHOPCOUNT
      'setOption(41, 67, c0000000)', // IPV6_TCLASS
      'bind(0a00000000000000fe80000000000000000000000000000703000000)',
      'release()',
      'close()',
    ]);
  });

  test('a port alone is bound to any address', async () => {
    const { calls } = await connect({ ...peer, localPort: 1790 });
    expect(calls).toContain('bind(020006fe000000000000000000000000)');
  });
});

test.for<[name: string, errno: number, code: string, message: RegExp, options: Partial<TcpConnectOptions>]>([
  ['open', -97, 'EAFNOSUPPORT', /this kernel has no IPv6/u, { address: '::1' }],
  ['open', -24, 'EMFILE', /too many open files/u, {}],
  ['setOption', -19, 'ENODEV', /there is no interface eth9/u, { device: 'eth9' }],
  ['setOption', -1, 'EPERM', /CAP_NET_RAW/u, { device: 'eth0' }],
  ['setOption', -92, 'ENOPROTOOPT', /CONFIG_TCP_MD5SIG/u, { md5Key: key }],
  ['setOption', -12, 'ENOMEM', /net\.core\.optmem_max/u, { md5Key: key }],
  [
    'bind',
    -99,
    'EADDRNOTAVAIL',
    /from 192\.0\.2\.9 \(localAddress must be an address of this host/u,
    { localAddress: '192.0.2.9' },
  ],
  ['bind', -98, 'EADDRINUSE', /TIME_WAIT/u, { localPort: 1790 }],
  ['bind', -13, 'EACCES', /CAP_NET_BIND_SERVICE/u, { localPort: 179 }],
])(
  'what %s refuses with %i is the event error %s, and nothing stays open',
  async ([name, errno, code, message, options]) => {
    const kernel = createScriptedKernel();
    kernel.refusals.set(name, [errno]);
    const { error } = await connect({ ...peer, ...options }, kernel);
    expect(error).toMatchObject({ code, errno });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret');
  },
);

test('a zone without an interface is the event error, too', async () => {
  const { error, calls } = await connect({ address: 'fe80::1%eth9', port: 179 });
  expect(error).toMatchObject({ code: 'ENODEV' });
  expect(calls).toEqual([]);
});

test.for<[wrong: Partial<TcpConnectOptions>, kind: typeof TypeError | typeof RangeError]>([
  [{ address: 'router.example' }, TypeError],
  [{ address: 'fe80::1' }, TypeError],
  [{ port: 0 }, RangeError],
  [{ port: 65_536 }, RangeError],
  [{ localPort: -1 }, RangeError],
  [{ localAddress: '2001:db8::1' }, TypeError],
  [{ localAddress: 'localhost' }, TypeError],
  [{ device: '' }, TypeError],
  [{ device: 'a name that is far too long' }, TypeError],
  [{ md5Key: new Uint8Array(0) }, RangeError],
  [{ md5Key: new Uint8Array(81) }, RangeError],
  [{ ttl: 0 }, RangeError],
  [{ ttl: 256 }, RangeError],
  [{ minTtl: 0 }, RangeError],
  [{ trafficClass: 256 }, RangeError],
  [{ userTimeoutMs: -1 }, RangeError],
])('%j is the caller’s mistake', ([wrong, kind]) => {
  const kernel = createScriptedKernel();
  expect(() => connectTcpOn(kernel, { ...peer, ...wrong })).toThrow(kind);
  expect(kernel.calls).toEqual([]);
});
