import { expect, test } from 'vitest';
import { mrtTable } from './mrt.ts';

/** The records of a file: type, subtype and body (RFC 6396, section 2). */
function records(octets: Uint8Array) {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const found: { type: number; subtype: number; body: Uint8Array }[] = [];
  for (let position = 0; position < octets.length; ) {
    const end = position + 12 + view.getUint32(position + 8);
    const body = octets.subarray(position + 12, end);
    found.push({ type: view.getUint16(position + 4), subtype: view.getUint16(position + 6), body });
    position = end;
  }
  return found;
}

test('a table is the list of peers and a record for each route, and the last routes come once more', () => {
  const [peers, ...routes] = records(mrtTable(3, 'same', '192.0.2.1', 2));
  expect(peers).toMatchObject({ type: 13, subtype: 1 });
  expect(routes.map(({ subtype }) => subtype)).toEqual([2, 2, 2, 2, 2]);
  expect(routes.map(({ body }) => [...body.subarray(4, 9)].join(' '))).toEqual(
    [0, 1, 2, 2, 1].map((number) => `32 198 18 0 ${number}`),
  );
});

test('a route has origin, an empty path, the next hop, and a community of its own where each has one', () => {
  const [, same] = records(mrtTable(1, 'same', '192.0.2.1', 0));
  const [, unique] = records(mrtTable(1, 'unique', '192.0.2.1', 0));
  const common = [0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 3, 4, 192, 0, 2, 1];
  expect([...(same?.body.subarray(17) ?? [])]).toEqual([0, common.length, ...common]);
  expect([...(unique?.body.subarray(17) ?? [])]).toEqual([0, common.length + 7, ...common, 0xc0, 8, 4, 0xfc, 0, 0, 0]);
});
