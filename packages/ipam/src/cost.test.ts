import { describe, expect, test } from 'vitest';
import { createIpam, type Ipam } from './ipam.ts';
import { type Sharing, UNSHARED } from './sharing.ts';

/** Fills a pool with `count` holders and says what the next allocation, release and re-assertion cost together. */
function costAt(
  count: number,
  addresses: string[],
  sharing: (index: number) => Sharing,
  avoidBuggyIPs = false,
): number {
  const ipam = createIpam();
  ipam.setPools([{ name: 'p', addresses, avoidBuggyIPs }]);
  const families = addresses[0]?.includes(':') ? 'ipv6' : 'ipv4';
  const give = (target: Ipam, index: number) =>
    target.allocate(`s${index}`, { pool: 'p', families, sharing: sharing(index) });
  for (let index = 0; index < count; index++) {
    give(ipam, index);
  }
  // Holes in the middle: the worst case is not a single interval.
  for (let index = 1; index < count; index += 2) {
    ipam.release(`s${index}`);
  }
  for (let index = 1; index < count - 1; index += 4) {
    give(ipam, index);
  }
  const before = ipam.operations;
  give(ipam, count);
  ipam.release(`s${count}`);
  give(ipam, 0);
  return ipam.operations - before;
}

const onePort = (port: number): Sharing => ({ sharingKey: 'k', backendKey: '', ports: [{ protocol: 'TCP', port }] });
const web: Sharing = {
  sharingKey: 'k',
  backendKey: '',
  ports: [
    { protocol: 'TCP', port: 80 },
    { protocol: 'TCP', port: 443 },
  ],
};
const manyRanges = Array.from({ length: 20_000 }, (_, n) => `10.${n >> 8}.${n & 255}.1-10.${n >> 8}.${n & 255}.2`);

describe('the work of one allocation grows at most as a logarithm', () => {
  test.for<[name: string, addresses: string[], sharing: (index: number) => Sharing, avoidBuggyIPs: boolean]>([
    ['in a /8', ['10.0.0.0/8'], () => UNSHARED, false],
    ['in a /8 without buggy addresses', ['10.0.0.0/8'], () => UNSHARED, true],
    ['in a /64', ['2001:db8::/64'], () => UNSHARED, false],
    ['in a pool of 20,000 ranges', manyRanges, () => UNSHARED, false],
    ['where all share one key and want the same port', ['10.0.0.0/8'], () => onePort(80), false],
    ['where all share one key and want the same two ports', ['10.0.0.0/8'], () => web, false],
    ['where all fit on one address', ['10.0.0.0/8'], onePort, false],
  ])('%s', { timeout: 120_000 }, ([, addresses, sharing, avoidBuggyIPs]) => {
    const [few, many] = [100, 10_000].map((count) => costAt(count, addresses, sharing, avoidBuggyIPs));
    // log2(10000) / log2(100) is 2; an AVL tree is at most 1.44 times as high as that says.
    expect(many).toBeLessThan(3 * (few ?? 0) + 30);
    expect(many).toBeLessThan(400);
  });

  test('in a pool that is full but for its last address', () => {
    const ipam = createIpam();
    ipam.setPools([{ name: 'p', addresses: ['10.0.0.0/18'], avoidBuggyIPs: true }]);
    const capacity = Number(ipam.counters('p')?.capacityIpv4);
    expect(capacity).toBe(64 * 254);
    for (let index = 0; index < capacity - 1; index++) {
      ipam.allocate(`s${index}`, { pool: 'p', families: 'ipv4', sharing: UNSHARED });
    }
    const before = ipam.operations;
    const last = ipam.allocate('last', { pool: 'p', families: 'ipv4', sharing: UNSHARED });
    expect(last.ok && last.value.addresses).toEqual(['10.0.63.254']);
    expect(ipam.operations - before).toBeLessThan(50);
  }, 120_000);
});
