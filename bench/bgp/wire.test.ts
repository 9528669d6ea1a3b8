import { expect, test } from 'vitest';
import type { Segment } from './pcap.ts';
import { routeSegments, routesOnWire, sessionBegin, wireFigures } from './wire.ts';

const SOURCE = '192.0.2.1';

function message(type: number, body: readonly number[]): number[] {
  const length = 19 + body.length;
  return [...new Array<number>(16).fill(0xff), length >> 8, length & 0xff, type, ...body];
}
const open = message(1, new Array<number>(10).fill(1));
const keepalive = message(4, []);
const endOfRib = message(2, [0, 0, 0, 0]);
const announcement = message(2, [0, 0, 0, 4, 0x40, 1, 1, 0, 32, 198, 18, 0, 1, 16, 198, 18]);
const withdrawal = message(2, [0, 5, 32, 198, 18, 0, 1, 0, 0]);

/** Segments of one connection, one nanosecond after each other. */
function segments(payloads: readonly (readonly number[])[], source = SOURCE): Segment[] {
  let sequence = 0xffff_fff0; // wraps
  return payloads.map((payload, index) => {
    const segment = { source, sourcePort: 40_000, sequence, payload: Uint8Array.from(payload), atNs: BigInt(index) };
    sequence = (sequence + payload.length) >>> 0;
    return { ...segment, payloadOctets: payload.length };
  });
}

test('routes are in segments with an UPDATE or with the rest of one, not in those with OPEN, KEEPALIVE or End-of-RIB alone', () => {
  const all = segments([
    open,
    keepalive,
    [...keepalive, ...announcement],
    [1, 2, 3],
    announcement,
    endOfRib,
    keepalive,
  ]);
  expect(routeSegments(all, SOURCE).map(({ atNs }) => atNs)).toEqual([2n, 3n, 4n]);
  expect(routeSegments(all, '192.0.2.2')).toEqual([]);
});

test('a session begins with the KEEPALIVE behind an OPEN, in the connection that is asked about', () => {
  const all = segments([open, keepalive, announcement]);
  const earlier = all.map((segment) => ({ ...segment, sourcePort: 39_999, atNs: -9n }));
  const [, , route] = all;
  if (route === undefined) throw new Error('three segments');
  expect(sessionBegin([...earlier, ...all], route)?.atNs).toBe(1n);
  expect(sessionBegin(segments([[...open, ...keepalive], announcement]), route)?.atNs).toBe(0n);
  expect(sessionBegin([route], route)).toBeUndefined();
});

test('they are counted with their octets and the time between the first and the last', () => {
  const [first, second] = segments([announcement, withdrawal]);
  if (first === undefined || second === undefined) throw new Error('two segments');
  expect(wireFigures([first, { ...second, atNs: 2_500_000n }])).toEqual({
    segments: 2,
    octets: announcement.length + withdrawal.length,
    firstToLastMs: 2.5,
  });
  expect(wireFigures([])).toBeUndefined();
});

test('a route is told when the last octet of its message was captured, wherever segments begin', () => {
  const octets = [...open, ...keepalive, ...announcement, ...withdrawal];
  const cuts = [0, 25, 60, 80, octets.length];
  const pieces = cuts.slice(1).map((end, index) => octets.slice(cuts[index], end));
  expect(routesOnWire(segments(pieces), SOURCE)).toEqual([
    { atNs: 3n, prefix: '198.18.0.1/32', what: 'announced' },
    { atNs: 3n, prefix: '198.18.0.0/16', what: 'announced' },
    { atNs: 3n, prefix: '198.18.0.1/32', what: 'withdrawn' },
  ]);
});

test('a segment that was sent again is told once, and after a gap nothing is told', () => {
  const [first, second, third] = segments([announcement, withdrawal, announcement]);
  if (first === undefined || second === undefined || third === undefined) throw new Error('three segments');
  expect(routesOnWire([first, second, second, first], SOURCE)).toHaveLength(3);
  expect(routesOnWire([first, third], SOURCE)).toHaveLength(2);
});
