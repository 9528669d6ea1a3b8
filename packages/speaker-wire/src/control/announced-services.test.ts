import type { Interfaces } from '@steelyard/announce';
import { expect, test } from 'vitest';
import type { WireReport } from '../protocol/report.ts';
import { createAnnouncedServices, namedInterfaces } from './announced-services.ts';

const announced = (address: string, interfaces: Interfaces = 'all'): WireReport => ({
  type: 'announced',
  serviceKey: 'default/web',
  address,
  interfaces,
  because: 'Hash',
  fresh: true,
});
const withdrawn = (address: string): WireReport => ({
  type: 'withdrawn',
  serviceKey: 'default/web',
  address,
  because: 'NotOwner',
  owner: 'b',
  wasAnnounced: true,
  fresh: true,
});

test('a Service is there from its first address to its last, and what is said twice is no change', () => {
  const services = createAnnouncedServices();
  const reports = [
    announced('192.0.2.1'),
    announced('192.0.2.1'),
    announced('2001:db8::1', ['eth1']),
    announced('2001:db8::1', ['eth1', 'eth0']),
    withdrawn('192.0.2.1'),
    withdrawn('192.0.2.1'),
  ];
  expect(reports.map((report) => services.take(report))).toEqual([
    'default/web',
    undefined,
    'default/web',
    'default/web',
    'default/web',
    undefined,
  ]);
  expect([...services.all()]).toEqual([['default/web', new Map([['2001:db8::1', ['eth1', 'eth0']]])]]);
  services.take(withdrawn('2001:db8::1'));
  expect(services.of('default/web')).toBeUndefined();
});

test('a status names the interfaces of all addresses, and none where one is announced on all', () => {
  expect(
    namedInterfaces(
      new Map<string, Interfaces>([
        ['192.0.2.1', ['eth1']],
        ['2001:db8::1', ['eth1', 'eth0']],
      ]),
    ),
  ).toEqual(['eth0', 'eth1']);
  expect(
    namedInterfaces(
      new Map<string, Interfaces>([
        ['192.0.2.1', ['eth1']],
        ['2001:db8::1', 'all'],
      ]),
    ),
  ).toEqual([]);
});
