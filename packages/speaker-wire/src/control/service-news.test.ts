import { expect, test } from 'vitest';
import type { WireReport } from '../protocol/report.ts';
import { createServiceNewsDesk } from './service-news.ts';

const announced = (address: string, fresh = true): WireReport => ({
  type: 'announced',
  serviceKey: 'default/web',
  address,
  interfaces: 'all',
  because: 'Hash',
  fresh,
});
const withdrawn = (address: string, wasAnnounced = true): WireReport => ({
  type: 'withdrawn',
  serviceKey: 'default/web',
  address,
  because: 'NotOwner',
  owner: 'b',
  wasAnnounced,
});
const eventsOf = (reports: readonly WireReport[]): string[] => {
  const desk = createServiceNewsDesk('a');
  return reports.flatMap((report) => desk.tell(report).flatMap(({ event }) => (event ? [event.reason] : [])));
};

test('a Service is assigned to the node once, however many addresses it has', () => {
  expect(eventsOf([announced('192.0.2.1'), announced('2001:db8::1')])).toEqual(['nodeAssigned']);
});

test('it is assigned again after all of it was withdrawn', () => {
  expect(eventsOf([announced('192.0.2.1'), withdrawn('192.0.2.1'), announced('192.0.2.1')])).toEqual([
    'nodeAssigned',
    'nodeAssigned',
  ]);
});

test('what a new control thread is told of what goes on already is no news', () => {
  expect(eventsOf([announced('192.0.2.1', false)])).toEqual([]);
  expect(createServiceNewsDesk('a').tell(announced('192.0.2.1', false))).toEqual([]);
});

test('a withdrawal of what was not announced is no news', () => {
  expect(createServiceNewsDesk('a').tell(withdrawn('192.0.2.1', false))).toEqual([]);
});

test('a missing interface is told in MetalLB’s words', () => {
  const report: WireReport = {
    type: 'interfaceMissing',
    serviceKey: 'default/web',
    address: '192.0.2.1',
    interfaces: ['nope0'],
    wasAnnounced: false,
    fresh: true,
  };
  expect(createServiceNewsDesk('a').tell(report)[0]?.event).toEqual({
    type: 'Warning',
    reason: 'announceFailed',
    message: 'the interfaces specified by LB IP "192.0.2.1" doesn\'t exist in assigned node "a" with protocol "layer2"',
  });
});

test('a conflict is told to each Service that has the address, with both MACs', () => {
  const news = createServiceNewsDesk('a').tell({
    type: 'conflict',
    address: '192.0.2.1',
    serviceKeys: ['default/web', 'default/dns'],
    interfaceName: 'eth0',
    ourMac: '00:00:5e:00:53:01',
    theirMac: '00:00:5e:00:53:02',
    kind: 'reply',
  });
  expect(news.map(({ serviceKey }) => serviceKey)).toEqual(['default/web', 'default/dns']);
  expect(news[0]?.event?.message).toBe(
    'another host claims 192.0.2.1 on eth0 of node a: its MAC is 00:00:5e:00:53:02, ours 00:00:5e:00:53:01',
  );
});
