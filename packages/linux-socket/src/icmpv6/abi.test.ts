import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPacketInfo, findControl, IPV6_HOPLIMIT, IPV6_PKTINFO, icmpv6Filter } from './abi.ts';

/** A `struct cmsghdr` and its data, padded. */
function control(level: number, type: number, data: readonly number[], length: number = 16 + data.length): Uint8Array {
  const octets = new Uint8Array((16 + data.length + 7) & ~7);
  const view = new DataView(octets.buffer);
  view.setBigUint64(0, BigInt(length), true);
  view.setInt32(8, level, true);
  view.setInt32(12, type, true);
  octets.set(data, 16);
  return octets;
}

function find(octets: Uint8Array, type: number, dataOctets: number): number {
  return findControl(new DataView(octets.buffer), 0, octets.length, type, dataOctets);
}

const packetInfo = createPacketInfo(3);
const hopLimit = control(41, IPV6_HOPLIMIT, [255, 0, 0, 0]);

describe('struct cmsghdr', () => {
  test.for<[what: string, octets: Uint8Array, type: number, at: number]>([
    ['the first', Buffer.concat([packetInfo, hopLimit]), IPV6_PKTINFO, 16],
    ['the second', Buffer.concat([packetInfo, hopLimit]), IPV6_HOPLIMIT, 56],
    ['the other way round', Buffer.concat([hopLimit, packetInfo]), IPV6_PKTINFO, 40],
    ['one that is not there', packetInfo, IPV6_HOPLIMIT, -1],
    ['zeros', new Uint8Array(64), IPV6_HOPLIMIT, -1],
    ['nothing', new Uint8Array(), IPV6_HOPLIMIT, -1],
    ['one of another level', control(1, IPV6_HOPLIMIT, [255, 0, 0, 0]), IPV6_HOPLIMIT, -1],
    ['one that is too short', control(41, IPV6_HOPLIMIT, [255]), IPV6_HOPLIMIT, -1],
    ['one behind a length that lies', Buffer.concat([control(1, 1, [], 400), hopLimit]), IPV6_HOPLIMIT, -1],
    ['one behind a length of less than its header', Buffer.concat([control(1, 1, [], 1), hopLimit]), IPV6_HOPLIMIT, -1],
  ])('%s', ([, octets, type, at]) => {
    expect(find(Uint8Array.from(octets), type, 4)).toBe(at);
  });

  test('any octets end the search inside them', () => {
    const lengths = fc.integer({ min: 0, max: 70 });
    void fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), lengths, (noise, length) => {
        const octets = noise.slice();
        if (octets.length >= 8) new DataView(octets.buffer).setBigUint64(0, BigInt(length), true);
        const at = find(octets, IPV6_PKTINFO, 20);
        expect(at === -1 || at + 20 <= octets.length).toBe(true);
      }),
    );
  });
});

test('RFC 3542, section 3.2: the filter blocks all types but those', () => {
  const filter = icmpv6Filter([0, 135, 136, 255, 135]);
  const passed = Array.from({ length: 256 }, (_, type) => type).filter(
    (type) => ((filter[Math.floor(type / 8)] ?? 0) & (1 << (type % 8))) === 0,
  );
  expect(passed).toEqual([0, 135, 136, 255]);
});
