import { expect, test } from 'vitest';
import { bgpLinesOf, bgpRoutesOf } from './router.ts';

const PRINTED = `Codes: K - kernel route, C - connected, S - static, R - RIP,
       O - OSPF, I - IS-IS, B - BGP, E - EIGRP, N - NHRP,
       > - selected route, * - FIB route, q - queued, r - rejected, b - backup

K>* 0.0.0.0/0 [0/0] via 192.168.1.1, eth0, 00:00:41
B>* 192.168.0.30/32 [20/0] via 192.168.1.5, eth0, weight 1, 00:00:02
  *                        via 192.168.1.7, eth0, weight 1, 00:00:02
                           via 192.168.1.6, eth0 inactive, weight 1, 00:00:02
B>* 192.168.0.31/32 [20/0] via 192.168.1.6, eth0, weight 1, 00:00:02
C>* 192.168.1.0/24 is directly connected, eth0, 00:00:41
`;

test('of a table only the routes of BGP are kept, with all their next hops', () => {
  expect(
    bgpLinesOf(PRINTED)
      .split('\n')
      .map((line) => line.slice(0, 20).trim()),
  ).toEqual(['B>* 192.168.0.30/32', '*', '', 'B>* 192.168.0.31/32']);
});

test('the next hops of a route are those in use', () => {
  expect(bgpRoutesOf(PRINTED)).toEqual([
    { prefix: '192.168.0.30/32', nextHops: ['192.168.1.5', '192.168.1.7'] },
    { prefix: '192.168.0.31/32', nextHops: ['192.168.1.6'] },
  ]);
});
