import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNaiveModel, type NaiveModel } from '../test/naive-model.ts';
import { type AssignResult, createIpam, type Families, type Ipam } from './ipam.ts';
import type { PoolSpec } from './pools/pool.ts';
import { type Sharing, UNSHARED } from './sharing.ts';

function pool(name: string, ...addresses: string[]): PoolSpec {
  return { name, addresses };
}

function withPools(...pools: PoolSpec[]): Ipam {
  const ipam = createIpam();
  ipam.setPools(pools);
  return ipam;
}

function shared(sharingKey: string, ports: string, backendKey = ''): Sharing {
  const list = ports.split(' ').map((text) => {
    const [protocol = '', port] = text.split('/');
    return { protocol, port: Number(port) };
  });
  return { sharingKey, backendKey, ports: list };
}

/** The addresses, or the message. */
function told(result: AssignResult): string {
  return result.ok ? result.value.addresses.join(' ') : result.failure.message;
}

function allocate(
  ipam: Ipam,
  holder: string,
  name = 'p',
  families: Families = 'ipv4',
  sharing: Sharing = UNSHARED,
): string {
  return told(ipam.allocate(holder, { pool: name, families, sharing }));
}

describe('allocation inside a pool', () => {
  test('goes through the ranges as written, ascending in each, the first and the last address included', () => {
    const ipam = withPools(pool('p', '203.0.113.8/31', '198.51.100.254-198.51.101.0'));
    expect(['a', 'b', 'c', 'd', 'e', 'f'].map((holder) => allocate(ipam, holder))).toEqual([
      '203.0.113.8',
      '203.0.113.9',
      '198.51.100.254',
      '198.51.100.255',
      '198.51.101.0',
      'no available IPs in pool p',
    ]);
  });

  test('reuses the lowest freed address first', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    for (const holder of 'abcde') {
      allocate(ipam, holder);
    }
    expect([ipam.release('d'), ipam.release('b'), ipam.release('b')]).toEqual([true, true, false]);
    expect([allocate(ipam, 'x'), allocate(ipam, 'y'), allocate(ipam, 'z')]).toEqual([
      '192.0.2.1',
      '192.0.2.3',
      '192.0.2.5',
    ]);
  });

  test.for<[addresses: string, given: string[]]>([
    ['1.2.3.0/31', ['1.2.3.1']],
    ['1.2.3.254-1.2.4.1', ['1.2.3.254', '1.2.4.1']],
    ['1.2.3.0/32', []],
    ['1.2.3.255-1.2.4.0', []],
    ['255.255.255.252-255.255.255.255', ['255.255.255.252', '255.255.255.253', '255.255.255.254']],
    ['2001:db8::/127', []],
  ])('with avoidBuggyIPs %s gives %j', ([addresses, given]) => {
    const ipam = withPools({ name: 'p', addresses: [addresses], avoidBuggyIPs: true });
    const got = ['a', 'b', 'c', 'd'].map((holder) => allocate(ipam, holder)).filter((text) => !text.startsWith('no'));
    expect(got).toEqual(given);
    expect(ipam.counters('p')?.capacityIpv4).toBe(BigInt(given.length));
  });

  test('avoidBuggyIPs means IPv4 alone', () => {
    const ipam = withPools({ name: 'p', addresses: ['2001:db8::ff00/127'], avoidBuggyIPs: true });
    expect([allocate(ipam, 'a', 'p', 'ipv6')]).toEqual(['2001:db8::ff00']);
  });

  test('gives a pair from one pool, IPv4 first, or nothing', () => {
    const ipam = withPools(pool('p', '2001:db8::/64', '192.0.2.7/32'));
    expect(allocate(ipam, 'a', 'p', 'dual')).toBe('192.0.2.7 2001:db8::');
    expect(allocate(ipam, 'b', 'p', 'dual')).toBe('no available IPs in pool p');
    expect(allocate(ipam, 'c', 'p', 'ipv6')).toBe('2001:db8::1');
  });

  test('repeated, keeps what the holder has', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    allocate(ipam, 'a');
    allocate(ipam, 'b');
    ipam.release('a');
    expect(allocate(ipam, 'b')).toBe('192.0.2.1');
  });

  test('refused, leaves the holder with what it has', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'), pool('full', '198.51.100.1/32'));
    allocate(ipam, 'b', 'full');
    allocate(ipam, 'a');
    expect(allocate(ipam, 'a', 'full')).toBe('no available IPs in pool full');
    expect(ipam.allocationOf('a')?.addresses).toEqual(['192.0.2.0']);
    expect(ipam.holdersOf('192.0.2.0')).toEqual(['a']);
  });

  test('from a pool that is not there says so', () => {
    expect(withPools().allocate('a', { pool: 'no"pe', families: 'ipv4', sharing: UNSHARED })).toEqual({
      ok: false,
      failure: { code: 'ERR_IPAM_UNKNOWN_POOL', message: 'unknown pool "no\\"pe"' },
    });
  });

  test('a look at the next address gives nothing away', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    expect(ipam.lowestAvailable('p', 'ipv4', UNSHARED)).toEqual({ ok: true, value: '192.0.2.0' });
    expect(ipam.lowestAvailable('p', 'ipv6', UNSHARED)).toEqual({
      ok: false,
      failure: { code: 'ERR_IPAM_POOL_EXHAUSTED', message: 'no available IPs in pool p for ipv6 IPFamily' },
    });
    expect(allocate(ipam, 'a')).toBe('192.0.2.0');
  });

  test('a pool has room as long as an address is free or can be shared', () => {
    const ipam = withPools(pool('p', '192.0.2.1/32'));
    const room = (sharing: Sharing, families: Families = 'ipv4') => ipam.hasRoom('p', families, sharing);
    expect([room(UNSHARED), room(UNSHARED, 'dual'), ipam.hasRoom('q', 'ipv4', UNSHARED)]).toEqual([true, false, false]);
    allocate(ipam, 'a', 'p', 'ipv4', shared('k', 'TCP/80'));
    expect([room(UNSHARED), room(shared('k', 'TCP/80')), room(shared('k', 'TCP/81'))]).toEqual([false, false, true]);
  });
});

describe('asking for addresses', () => {
  test.for<[addresses: string[], answer: string]>([
    [['192.0.2.9'], '192.0.2.9'],
    [['2001:0db8::0A', '192.0.2.9'], '2001:db8::a 192.0.2.9'],
    [['::ffff:192.0.2.9'], '192.0.2.9'],
    [['10.0.0.1'], '["10.0.0.1"] is not allowed in config'],
    [['192.0.2.9', '2001:db8:9::1'], '["192.0.2.9" "2001:db8:9::1"] is not allowed in config'],
    [['192.0.2.1', '192.0.2.2'], '"192.0.2.1" "192.0.2.2" has the same family'],
    [['192.0.2.1', '2001:db8::', '192.0.2.2'], 'more than two addresses ["192.0.2.1" "2001:db8::" "192.0.2.2"]'],
    [['192.0.2.01'], 'invalid IP address "192.0.2.01"'],
    [[], 'no addresses'],
  ])('%j: %s', ([addresses, answer]) => {
    const ipam = withPools(pool('p', '192.0.2.0/24', '2001:db8::/64'), pool('q', '2001:db8:9::/64'));
    expect(told(ipam.assign('a', addresses, UNSHARED))).toBe(answer);
  });

  test('for one that is left out as buggy is not allowed', () => {
    const ipam = withPools({ name: 'p', addresses: ['192.0.2.0/24'], avoidBuggyIPs: true });
    expect(told(ipam.assign('a', ['192.0.2.255'], UNSHARED))).toBe('["192.0.2.255"] is not allowed in config');
  });

  test('for a taken one leaves the holder with what it has', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    allocate(ipam, 'a');
    allocate(ipam, 'b');
    expect(told(ipam.assign('b', ['192.0.2.0'], UNSHARED))).toBe(
      'can\'t change sharing key for "b", address also in use by a',
    );
    expect(ipam.allocationOf('b')?.addresses).toEqual(['192.0.2.1']);
  });
});

describe('sharing', () => {
  const CANT = 'can\'t change sharing key for "b", address also in use by a';

  test.for<[name: string, first: Sharing, second: Sharing, answer: string]>([
    ['equal keys, other ports', shared('k', 'TCP/80'), shared('k', 'TCP/443'), '192.0.2.1'],
    ['equal keys, same port by another protocol', shared('k', 'TCP/53'), shared('k', 'UDP/53'), '192.0.2.1'],
    [
      'equal keys, a port in common',
      shared('k', 'TCP/80 TCP/443'),
      shared('k', 'TCP/22 TCP/443'),
      'port TCP/443 is already in use on "192.0.2.1"',
    ],
    ['no key on one side', shared('', 'TCP/80'), shared('k', 'TCP/443'), CANT],
    ['no key on the other', shared('k', 'TCP/80'), shared('', 'TCP/443'), CANT],
    ['no key at all', shared('', 'TCP/80'), shared('', 'TCP/443'), CANT],
    ['other keys', shared('k', 'TCP/80'), shared('l', 'TCP/443'), CANT],
    ['equal backends', shared('k', 'TCP/80', 'app=x'), shared('k', 'TCP/443', 'app=x'), '192.0.2.1'],
    ['other backends', shared('k', 'TCP/80', 'app=x'), shared('k', 'TCP/443', 'app=y'), CANT],
    ['Cluster with Local', shared('k', 'TCP/80'), shared('k', 'TCP/443', 'app=x'), CANT],
  ])('%s: %s', ([, first, second, answer]) => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    ipam.assign('a', ['192.0.2.1'], first);
    expect(told(ipam.assign('b', ['192.0.2.1'], second))).toBe(answer);
  });

  test('the only user of an address changes its keys and ports as it likes', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    for (const sharing of [shared('k', 'TCP/80'), shared('', 'TCP/81'), shared('l', 'TCP/80', 'x')]) {
      expect(told(ipam.assign('a', ['192.0.2.1'], sharing))).toBe('192.0.2.1');
    }
    expect(told(ipam.assign('b', ['192.0.2.1'], shared('l', 'TCP/81', 'x')))).toBe('192.0.2.1');
  });

  test('one of two may not change its key, and keeps the address under the old one', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    ipam.assign('a', ['192.0.2.1'], shared('k', 'TCP/80'));
    ipam.assign('b', ['192.0.2.1'], shared('k', 'TCP/81'));
    expect(told(ipam.assign('b', ['192.0.2.1'], shared('k', 'TCP/81', 'x')))).toBe(CANT);
    expect(new Set(ipam.holdersOf('192.0.2.1'))).toEqual(new Set(['a', 'b']));
  });

  test('packs onto the lowest address that is free or has room', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    allocate(ipam, 'other');
    const got = ['TCP/80', 'TCP/80', 'TCP/443', 'TCP/80 TCP/443', 'UDP/53'].map((ports, index) =>
      allocate(ipam, `s${index}`, 'p', 'ipv4', shared('k', ports)),
    );
    expect(got).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.3', '192.0.2.1']);
    ipam.release('other');
    expect(allocate(ipam, 's9', 'p', 'ipv4', shared('k', 'UDP/54'))).toBe('192.0.2.0');
  });

  test('is judged for each address of a pair by itself', () => {
    const ipam = withPools(pool('p', '192.0.2.1/32', '2001:db8::/64'));
    ipam.assign('a', ['192.0.2.1'], shared('k', 'TCP/80'));
    ipam.assign('x', ['2001:db8::'], UNSHARED);
    expect(allocate(ipam, 'b', 'p', 'dual', shared('k', 'TCP/81'))).toBe('192.0.2.1 2001:db8::1');
  });

  test('an address shared by two counts once', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    ipam.assign('a', ['192.0.2.1'], shared('k', 'TCP/80'));
    ipam.assign('b', ['192.0.2.1'], shared('k', 'TCP/81'));
    expect(ipam.counters('p')).toMatchObject({ assignedIpv4: 1n, availableIpv4: 255n });
    ipam.release('a');
    expect(ipam.counters('p')).toMatchObject({ assignedIpv4: 1n, availableIpv4: 255n });
  });
});

describe('when pools change', () => {
  test('renamed, merged and split pools keep every address and only the label changes', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    allocate(ipam, 'a');
    const moved = (to: string, from: string) => ({ relabelled: [{ holder: 'a', from, to }], lost: [], problems: [] });
    expect(ipam.setPools([pool('q', '192.0.2.0/24')])).toEqual(moved('q', 'p'));
    expect(ipam.setPools([pool('all', '192.0.2.0/23')])).toEqual(moved('all', 'q'));
    expect(ipam.setPools([pool('high', '192.0.2.128/25'), pool('low', '192.0.2.0/25')])).toEqual(moved('low', 'all'));
    expect(ipam.allocationOf('a')).toMatchObject({ addresses: ['192.0.2.0'], pool: 'low' });
    expect(ipam.counters('low')?.assignedIpv4).toBe(1n);
  });

  test('who has an address that no pool has any more loses it', () => {
    const ipam = withPools({ ...pool('p', '192.0.2.0/24'), avoidBuggyIPs: false });
    allocate(ipam, 'a');
    allocate(ipam, 'b');
    expect(ipam.setPools([{ ...pool('p', '192.0.2.0/24'), avoidBuggyIPs: true }]).lost).toMatchObject([
      { holder: 'a' },
    ]);
    expect(ipam.setPools([]).lost).toMatchObject([{ holder: 'b' }]);
    expect([...ipam.allocations()]).toEqual([]);
  });

  test('a pair that is split over two pools is lost', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24', '2001:db8::/64'));
    allocate(ipam, 'a', 'p', 'dual');
    expect(ipam.setPools([pool('p', '192.0.2.0/24'), pool('q', '2001:db8::/64')]).lost).toHaveLength(1);
  });

  test('a frozen pool keeps its holders and gives nothing new', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    allocate(ipam, 'a');
    expect(ipam.setPools([{ ...pool('p', 'garbage'), frozen: true }])).toEqual({
      relabelled: [],
      lost: [],
      problems: [],
    });
    expect(told(ipam.assign('a', ['192.0.2.0'], UNSHARED))).toBe('192.0.2.0');
    expect(allocate(ipam, 'b')).toBe('no available IPs in pool p');
    expect(told(ipam.assign('b', ['192.0.2.5'], UNSHARED))).toBe('["192.0.2.5"] is not allowed in config');
    expect(ipam.counters('p')).toMatchObject({ assignedIpv4: 1n, availableIpv4: 0n });
    ipam.setPools([pool('p', '192.0.2.0/24')]);
    expect(allocate(ipam, 'b')).toBe('192.0.2.1');
  });

  test('after a restart a frozen pool honours what is on record, by its ranges or by its name', () => {
    const ipam = withPools(
      { ...pool('p', '192.0.2.0/24', 'garbage'), frozen: true },
      { ...pool('q', 'garbage'), frozen: true },
    );
    expect(told(ipam.assign('a', ['192.0.2.0'], UNSHARED, { onRecord: { pool: undefined } }))).toBe('192.0.2.0');
    expect(told(ipam.assign('b', ['198.51.100.1'], UNSHARED, { onRecord: { pool: 'q' } }))).toBe('198.51.100.1');
    expect(told(ipam.assign('c', ['198.51.100.2'], UNSHARED, { onRecord: { pool: 'p2' } }))).toContain('not allowed');
    expect([ipam.allocationOf('a')?.pool, ipam.allocationOf('b')?.pool]).toEqual(['p', 'q']);
  });

  test('an address that was taken out of a pool is lost also if the rest of that pool is frozen', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24'));
    allocate(ipam, 'a');
    expect(ipam.setPools([{ ...pool('p', '192.0.2.128/25'), frozen: true }]).lost).toHaveLength(1);
  });

  test('where some pools could not be read at all, nobody loses an address because it is not seen', () => {
    const ipam = withPools(pool('p', '192.0.2.0/24', '2001:db8::/64'));
    allocate(ipam, 'a', 'p', 'dual');
    allocate(ipam, 'b');
    expect(ipam.setPools([pool('q', '2001:db8::/64')], { partial: true }).lost).toMatchObject([{ holder: 'a' }]);
    expect(ipam.allocationOf('b')).toMatchObject({ addresses: ['192.0.2.1'], pool: 'p' });
    expect(told(ipam.assign('c', ['198.51.100.1'], UNSHARED))).toContain('not allowed');
    expect(told(ipam.assign('c', ['198.51.100.1'], UNSHARED, { onRecord: { pool: undefined } }))).toBe('198.51.100.1');
    expect(ipam.setPools([pool('p', '192.0.2.0/24')]).lost).toMatchObject([{ holder: 'c' }]);
  });

  test('what a frozen pool has given is not given again by a pool that overlaps it', () => {
    const ipam = withPools(pool('young', '192.0.2.0/24'));
    allocate(ipam, 'a', 'young');
    const change = ipam.setPools([pool('old', '192.0.2.0/30'), pool('young', '192.0.2.0/24')]);
    expect(change).toEqual({
      relabelled: [],
      lost: [],
      problems: [
        {
          pool: 'young',
          code: 'ERR_IPAM_OVERLAP',
          message: 'CIDR "192.0.2.0/24" in pool "young" overlaps with already defined CIDR "192.0.2.0/30"',
        },
      ],
    });
    expect(allocate(ipam, 'b', 'old')).toBe('192.0.2.1');
    expect(ipam.counters('old')?.assignedIpv4).toBe(2n);
  });

  test('a pool that cannot be read is frozen, and the others come into force', () => {
    const ipam = createIpam();
    const { problems } = ipam.setPools([
      pool('bad', '192.0.2.1'),
      pool('empty'),
      pool('', '192.0.2.0/24'),
      pool('p', '192.0.2.0/24'),
    ]);
    expect(problems.map((problem) => `${problem.code} ${problem.message}`)).toEqual([
      'ERR_IPAM_INVALID_RANGE invalid CIDR "192.0.2.1" in pool "bad": invalid CIDR "192.0.2.1"',
      'ERR_IPAM_INVALID_POOL pool has no prefixes defined',
      'ERR_IPAM_INVALID_POOL missing pool name',
    ]);
    expect(allocate(ipam, 'a')).toBe('192.0.2.0');
  });

  test('two pools of one name are the caller’s mistake', () => {
    expect(() => createIpam().setPools([pool('p', '192.0.2.0/24'), pool('p', '198.51.100.0/24')])).toThrow(RangeError);
  });
});

describe('counters', () => {
  test('are exact where 64 bits would overflow', () => {
    const ipam = withPools(pool('p', '::/0', '0.0.0.0/0'));
    allocate(ipam, 'a', 'p', 'dual');
    expect(ipam.counters('p')).toEqual({
      assignedIpv4: 1n,
      assignedIpv6: 1n,
      availableIpv4: 2n ** 32n - 1n,
      availableIpv6: 2n ** 128n - 1n,
      capacityIpv4: 2n ** 32n,
      capacityIpv6: 2n ** 128n,
      vastIpv6: true,
    });
    expect(ipam.counters('q')).toBeUndefined();
  });
});

const poolSpec = fc.record({
  addresses: fc.uniqueArray(
    fc.constantFrom(
      '192.0.2.254-192.0.3.2',
      '192.0.2.0/29',
      '192.0.2.16/30',
      '192.0.2.32-192.0.2.34',
      '2001:db8::/126',
      '2001:db8::8-2001:db8::9',
      '192.0.4.255/32',
    ),
    { minLength: 1, maxLength: 4 },
  ),
  avoidBuggyIPs: fc.boolean(),
  frozen: fc.constantFrom(false, false, false, true),
});
/** Lists of pools that share no address, by leaving out of the later what an earlier one has. */
const poolList = fc.array(poolSpec, { minLength: 1, maxLength: 3 }).map((specs): PoolSpec[] => {
  const used = new Set<string>();
  return specs.flatMap((spec, index) => {
    const addresses = spec.addresses.filter((text) => !used.has(text));
    for (const text of addresses) {
      used.add(text);
    }
    return addresses.length === 0 ? [] : [{ ...spec, name: `p${index}`, addresses }];
  });
});
const sharing = fc.record({
  sharingKey: fc.constantFrom('', 'k', 'k', 'l'),
  backendKey: fc.constantFrom('', '', 'app=x'),
  ports: fc.uniqueArray(fc.record({ protocol: fc.constantFrom('TCP', 'UDP'), port: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 3,
    selector: (port) => `${port.protocol}/${port.port}`,
  }),
});
const holder = fc.integer({ min: 0, max: 14 }).map((n) => `s${n}`);
const address = fc.constantFrom(
  '192.0.2.0',
  '192.0.2.1',
  '192.0.2.17',
  '192.0.2.255',
  '192.0.3.1',
  '192.0.2.33',
  '2001:db8::1',
  '2001:db8::9',
  '10.0.0.1',
);
const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('allocate' as const),
      holder,
      pool: fc.constantFrom('p0', 'p1', 'p2'),
      families: fc.constantFrom<Families>('ipv4', 'ipv4', 'ipv6', 'dual'),
      sharing,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('assign' as const),
      holder,
      addresses: fc.uniqueArray(address, { minLength: 1, maxLength: 1 }),
      sharing,
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('reassert' as const), holder, sharing }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('release' as const), holder }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('pools' as const), pools: poolList }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
const WANTED: Record<Families, (4 | 6)[]> = { ipv4: [4], ipv6: [6], dual: [4, 6] };

const byHolder = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

/** Does one thing to both, and says what each answered. */
function perform(act: Action, ipam: Ipam, model: NaiveModel): readonly [ours: unknown, models: unknown] {
  switch (act.type) {
    case 'allocate': {
      const result = ipam.allocate(act.holder, act);
      const expected = model.allocate(act.holder, act.pool, WANTED[act.families], act.sharing);
      return [result.ok ? result.value.addresses : undefined, expected];
    }
    case 'assign':
      return [
        ipam.assign(act.holder, act.addresses, act.sharing).ok,
        model.assign(act.holder, act.addresses, act.sharing),
      ];
    case 'reassert': {
      const addresses = model.held.get(act.holder)?.addresses ?? ['10.0.0.1'];
      return [ipam.assign(act.holder, addresses, act.sharing).ok, model.assign(act.holder, addresses, act.sharing)];
    }
    case 'release':
      return [ipam.release(act.holder), model.held.delete(act.holder)];
    case 'pools':
      ipam.setPools(act.pools);
      model.setPools(act.pools);
      return [undefined, undefined];
  }
}

function counted(ipam: Ipam, pools: readonly PoolSpec[]): string[] {
  return pools.map(({ name }) => {
    const c = ipam.counters(name);
    return [
      ...[c?.assignedIpv4, c?.availableIpv4, c?.capacityIpv4],
      ...[c?.assignedIpv6, c?.availableIpv6, c?.capacityIpv6],
    ].join();
  });
}

function countedByModel(model: NaiveModel, pools: readonly PoolSpec[]): string[] {
  return pools.map(({ name }) =>
    ([4, 6] as const)
      .flatMap((family) => {
        const [assigned, capacity] = [model.assigned(name, family), model.capacity(name, family)];
        return [assigned, capacity - assigned, capacity];
      })
      .join(),
  );
}

test('agrees with a model that scans every address, over random histories', () => {
  void fc.assert(
    fc.property(poolList, fc.array(action, { minLength: 10, maxLength: 50 }), (first, actions) => {
      const ipam = createIpam();
      const model = createNaiveModel();
      const ours: string[] = [];
      const models: string[] = [];
      let pools = first;
      for (const act of [{ type: 'pools' as const, pools: first }, ...actions]) {
        pools = act.type === 'pools' ? act.pools : pools;
        const answers = perform(act, ipam, model);
        const inForce = pools.filter((spec) => spec.frozen !== true);
        const held = [...ipam.allocations()].map(
          (a) => [a.holder, { addresses: a.addresses, pool: a.pool, sharing: a.sharing }] as const,
        );
        ours.push(JSON.stringify([act, answers[0], held.sort(byHolder), counted(ipam, inForce)]));
        models.push(JSON.stringify([act, answers[1], [...model.held].sort(byHolder), countedByModel(model, inForce)]));
      }
      expect(ours).toEqual(models);
      for (const [one, { addresses, sharing: keys }] of model.held) {
        expect(addresses.every((text) => model.mayUse(one, text, keys))).toBe(true);
      }
    }),
    { numRuns: 1200 },
  );
}, 120_000);
