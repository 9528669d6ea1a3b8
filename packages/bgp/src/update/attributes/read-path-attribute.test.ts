import { describe, expect, test } from 'vitest';
import { MALFORMED_ATTRIBUTES } from '../../../test/update/malformed-attributes.ts';
import { SOUND_ATTRIBUTES } from '../../../test/update/sound-attributes.ts';
import { EXTERNAL, hex, INTERNAL } from '../../../test/update/update-octets.ts';
import type { RawPathAttribute } from '../update-message.ts';
import { communityText } from './community.ts';
import { readPathAttribute } from './read-path-attribute.ts';

/** An attribute of less than 256 octets, as a walk leaves it. */
function raw(octets: string): RawPathAttribute {
  const [flags = 0, code = 0, , ...value] = hex(octets);
  return { code, flags, value: Uint8Array.from(value), offset: 23 };
}

test.for(SOUND_ATTRIBUTES)('$name', ({ octets, context, read }) => {
  expect(readPathAttribute(raw(octets), context)).toMatchObject(read);
});

describe('NLRI in attributes', () => {
  test('MP_REACH_NLRI has one next hop, or a global and a link-local one: RFC 2545, section 3', () => {
    const octets =
      '80 0e 2a 0002 01 20 20010db8000000000000000000000001 fe800000000000000000000000000001 00 20 20010db8';
    expect(readPathAttribute(raw(octets), EXTERNAL)).toMatchObject({
      type: 'mp-reach',
      nextHops: ['2001:db8::1', 'fe80::1'],
      nlri: { afi: 2, safi: 1, prefixes: ['2001:db8::/32'] },
    });
  });

  test('next hops of a family that is not known stay octets', () => {
    expect(readPathAttribute(raw('80 0e 07 0019 46 02 ffff 00'), EXTERNAL)).toMatchObject({
      type: 'mp-reach',
      nextHops: [],
      nlri: { afi: 25, safi: 70, count: 0, nextHop: hex('ffff') },
    });
  });

  test('MP_UNREACH_NLRI', () => {
    expect(readPathAttribute(raw('80 0f 08 0002 01 20 20010db8'), EXTERNAL)).toMatchObject({
      type: 'mp-unreach',
      nlri: { afi: 2, safi: 1, prefixes: ['2001:db8::/32'], nextHop: undefined },
    });
  });
});

describe('unknown', () => {
  test('is what has another code; it gets the Partial bit if it is transitive: RFC 4271, section 5', () => {
    expect(readPathAttribute(raw('c0 63 01 07'), EXTERNAL)).toStrictEqual({
      type: 'unknown',
      code: 0x63,
      flags: 0xe0,
      value: Uint8Array.of(7),
    });
    expect(readPathAttribute(raw('80 63 00'), EXTERNAL)).toMatchObject({ type: 'unknown', flags: 0x80 });
  });

  // Not those of which the framing is wrong, or the flags: a value does not tell.
  const unreadable = MALFORMED_ATTRIBUTES.filter(([, , , octets, , , at]) => at > 0 && !octets.startsWith('50'));
  test.for(unreadable)('is what is malformed: RFC %s: %s', ([, , context, octets]) => {
    const { code, flags, value } = raw(octets);
    expect(readPathAttribute(raw(octets), context)).toStrictEqual({ type: 'unknown', code, flags, value });
  });
});

test('AS4_PATH is read without the segments of confederations: RFC 6793, section 6', () => {
  const octets = 'c0 11 0c 03 01 0000fc00 02 01 0001fc00';
  expect(readPathAttribute(raw(octets), { ...INTERNAL, fourOctetAsn: false })).toStrictEqual({
    type: 'as4-path',
    segments: [{ type: 'as-sequence', asns: [130_048] }],
  });
});

test.for<[community: number, text: string]>([
  [0xffff_0000, 'GRACEFUL_SHUTDOWN'],
  [0xffff_0006, 'LLGR_STALE'],
  [0xffff_0007, 'NO_LLGR'],
  [0xffff_029a, 'BLACKHOLE'],
  [0xffff_ff01, 'NO_EXPORT'],
  [0xffff_ff02, 'NO_ADVERTISE'],
  [0xffff_ff03, 'NO_EXPORT_SUBCONFED'],
  [0xffff_ff04, 'NOPEER'],
  [0xfc00_0064, '64512:100'],
  [0, '0:0'],
  [0xffff_ffff, '65535:65535'],
])('community %i is %s', ([community, text]) => {
  expect(communityText(community)).toBe(text);
});
