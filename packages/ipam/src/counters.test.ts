import { describe, expect, test } from 'vitest';
import { MAX_INT64, poolInt64Counters, poolStatusCounters } from './counters.ts';
import { createIpam } from './ipam.ts';
import { UNSHARED } from './sharing.ts';

function countersOf(addresses: readonly string[], options: { avoidBuggyIPs?: boolean; taken?: number } = {}) {
  const ipam = createIpam();
  ipam.setPools([{ name: 'p', addresses, avoidBuggyIPs: options.avoidBuggyIPs === true }]);
  for (let n = 0; n < (options.taken ?? 0); n++) {
    const families = addresses[0]?.includes(':') ? 'ipv6' : 'ipv4';
    ipam.allocate(`s${n}`, { pool: 'p', families, sharing: UNSHARED });
  }
  const counters = ipam.counters('p');
  if (counters === undefined) {
    throw new TypeError('no such pool');
  }
  return counters;
}

describe('capacity with avoidBuggyIPs', () => {
  test.for<[name: string, addresses: string[], capacity: bigint]>([
    ['a /23 has two of each /24', ['192.0.2.0/23'], 508n],
    ['a /24 has two', ['192.0.2.0/24'], 254n],
    ['a /25 that starts at .0 has one', ['192.0.2.0/25'], 127n],
    ['a /25 that ends at .255 has one', ['192.0.2.128/25'], 127n],
    ['a /26 in the middle has none', ['192.0.2.64/26'], 64n],
    ['a /32 of .0 is none, and not less (MetalLB: -1)', ['192.0.2.0/32'], 0n],
    ['a /32 of .255 is none, and not less (MetalLB: -1)', ['192.0.2.255/32'], 0n],
    ['a /32 of .0 takes nothing from what stands beside it', ['192.0.2.0/32', '198.51.100.0/30'], 3n],
    ['a range over the border of two /24 has two', ['192.0.2.254-192.0.3.1'], 2n],
  ])('%s', ([, addresses, capacity]) => {
    expect(countersOf(addresses, { avoidBuggyIPs: true }).capacityIpv4).toBe(capacity);
  });

  test('IPv6 addresses are never left out', () => {
    expect(countersOf(['2001:db8::/120'], { avoidBuggyIPs: true }).capacityIpv6).toBe(256n);
  });
});

describe('as int64', () => {
  test.for<[name: string, addresses: string[], taken: number, capacity: bigint, available: bigint]>([
    ['what fits is exact', ['2001:db8::/120'], 3, 256n, 253n],
    ['a /67, of 61 host bits, is exact', ['2001:db8::/67'], 1, 2n ** 61n, 2n ** 61n - 1n],
    ['a /66, of 62 host bits, never runs out', ['2001:db8::/66'], 0, MAX_INT64, MAX_INT64],
    ['what is assigned is subtracted from the greatest', ['2001:db8::/64'], 2, MAX_INT64, MAX_INT64 - 2n],
    ['another CIDR after a vast one: no overflow', ['2001:db8::/64', '2001:db8:1::/120'], 0, MAX_INT64, MAX_INT64],
    ['two halves that are no vast CIDR are their sum', ['2001:db8::/67', '2001:db8:1::/67'], 0, 2n ** 62n, 2n ** 62n],
    [
      'five of 61 host bits are more than an int64',
      [0, 1, 2, 3, 4].map((n) => `2001:db8:${n}::/67`),
      1,
      MAX_INT64,
      MAX_INT64 - 1n,
    ],
    [
      'a range that is written as a vast CIDR is one',
      ['2001:db8::-2001:db8::ffff:ffff:ffff:ffff'],
      0,
      MAX_INT64,
      MAX_INT64,
    ],
    ['one of the same size that is none is exact', ['2001:db8::1-2001:db8::4000:0:0:0'], 0, 2n ** 62n, 2n ** 62n],
  ])('%s', ([, addresses, taken, capacity, available]) => {
    const counters = countersOf(addresses, { taken });
    expect(poolInt64Counters(counters)).toMatchObject({ capacityIPv6: capacity, availableIPv6: available });
  });

  test('the two families together saturate too', () => {
    const counters = countersOf(['192.0.2.0/24', '2001:db8::/64']);
    expect(poolInt64Counters(counters)).toMatchObject({ capacityIPv4: 256n, capacity: MAX_INT64 });
  });

  test('a pool that is not in force has nothing available, however large it is', () => {
    const ipam = createIpam();
    ipam.setPools([{ name: 'p', addresses: ['2001:db8::/64'], frozen: true }]);
    ipam.assign('a', ['2001:db8::1'], UNSHARED, { onRecord: { pool: 'p' } });
    const counters = ipam.counters('p');
    expect(counters && poolStatusCounters(counters)).toEqual({
      assignedIPv4: 0n,
      assignedIPv6: 1n,
      availableIPv4: 0n,
      availableIPv6: 0n,
    });
  });
});
