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
  fresh: true,
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

test('other interfaces are a line in the log and no Event', () => {
  const desk = createServiceNewsDesk('a');
  desk.tell(announced('192.0.2.1'));
  const [news] = desk.tell({ ...announced('192.0.2.1', false), interfaces: ['eth1'] } as WireReport);
  expect(news?.log?.pairs).toMatchObject({ interfaces: ['eth1'] });
  expect(news?.event).toBeUndefined();
});

test('an interface that is gone for a moment is a line in the log; what was never announced is an Event', () => {
  const desk = createServiceNewsDesk('a');
  const gone = { ...withdrawn('192.0.2.1'), because: 'NoUsableInterface' } as WireReport;
  expect(desk.tell(gone).map(({ log, event }) => [log?.message, event?.reason])).toEqual([
    ['withdrawing service announcement', undefined],
    ['not announced: no interface of this node can be used', undefined],
  ]);
  const never = { ...withdrawn('192.0.2.1', false), because: 'NoUsableInterface' } as WireReport;
  expect(desk.tell(never).map(({ event }) => event?.reason)).toEqual(['announceFailed']);
});

test('what a new control thread is told of what goes on already is no news', () => {
  expect(eventsOf([announced('192.0.2.1', false)])).toEqual([]);
  expect(createServiceNewsDesk('a').tell(announced('192.0.2.1', false))).toEqual([]);
});

test('a withdrawal of what was not announced is no news', () => {
  expect(createServiceNewsDesk('a').tell(withdrawn('192.0.2.1', false))).toEqual([]);
});

test('an elected node that may not announce says why, once', () => {
  const desk = createServiceNewsDesk('a');
  const report = { ...withdrawn('192.0.2.1', false), because: 'AddressIsGateway', owner: 'a' } as WireReport;
  const [news] = desk.tell(report);
  expect(news?.log).toMatchObject({ level: 'warn', pairs: { reason: 'AddressIsGateway', ips: ['192.0.2.1'] } });
  expect(news?.event).toEqual({
    type: 'Warning',
    reason: 'announceFailed',
    message: 'not announcing 192.0.2.1 from node "a" with protocol "layer2": it is the address of the default gateway',
  });
  expect(desk.tell({ ...report, fresh: false } as WireReport)).toEqual([]);
});

test('a node’s own address is refused in every log, in one Event, and again only after it was not', () => {
  const desk = createServiceNewsDesk('a');
  const refusal = { eligible: false, because: 'AddressBelongsToNode' } as const;
  const judged = { serviceKey: 'default/web', decision: refusal, addresses: ['192.0.2.1'] };
  const [news] = desk.judge({ ...judged, nodeAddresses: ['192.0.2.2'] });
  expect(news?.log?.pairs).toMatchObject({ reason: 'AddressBelongsToNode', ips: ['192.0.2.1'] });
  expect(news?.event).toBeUndefined();
  expect(desk.judge({ ...judged, nodeAddresses: ['192.0.2.2'] })).toEqual([]);
  expect(desk.judge({ ...judged, decision: undefined, nodeAddresses: [] })).toEqual([]);
  const [again] = desk.judge({ ...judged, nodeAddresses: ['192.0.2.1'] });
  expect(again?.event?.reason).toBe('announceFailed');
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
