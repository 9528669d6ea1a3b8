import { describe, expect, test } from 'vitest';
import { mandatoryAttributes } from '../../test/update/sound-attributes.ts';
import {
  BODY_OFFSET,
  EXTERNAL,
  hex,
  INTERNAL,
  type UpdateFields,
  updateOctets,
} from '../../test/update/update-octets.ts';
import type { SessionContext } from '../messages/session-context.ts';
import { decodeUpdate } from './decode-update.ts';
import type { UpdateMessage } from './update-message.ts';

const MANDATORY = mandatoryAttributes(EXTERNAL);
const WITHOUT_NEXT_HOP = MANDATORY.slice(0, 2);
const GLOBAL = '20010db8000000000000000000000001';
const LINK_LOCAL = 'fe800000000000000000000000000001';
const IPV4_ONLY: SessionContext = { ...EXTERNAL, families: ['ipv4-unicast'] };
const IPV6_ONLY: SessionContext = { ...EXTERNAL, families: ['ipv6-unicast'] };
const EXTENDED_NEXT_HOP: SessionContext = { ...EXTERNAL, extendedNextHop: true };
const ADD_PATH: SessionContext = { ...EXTERNAL, addPathReceive: ['ipv4-unicast', 'ipv6-unicast'] };

/** An attribute with the length that its value has. */
function attribute(head: string, value: string): string {
  return `${head} ${hex(value).length.toString(16).padStart(2, '0')} ${value}`;
}

function decode(fields: UpdateFields, context: SessionContext = EXTERNAL): ReturnType<typeof decodeUpdate> {
  return decodeUpdate(updateOctets(fields), BODY_OFFSET, context);
}

function updateOf(fields: UpdateFields, context: SessionContext = EXTERNAL): UpdateMessage {
  const decoded = decode(fields, context);
  if (!decoded.ok) throw new Error(decoded.failure.message);
  return decoded.value;
}

describe('prefixes: RFC 4271, section 4.3', () => {
  test('are announced with NEXT_HOP, and withdrawn without', () => {
    const update = updateOf({ withdrawn: '20 c0000209 08 0a', attributes: MANDATORY, nlri: '18 c00002 19 c6336480' });
    expect(update).toMatchObject({
      type: 'update',
      withdrawn: [{ afi: 1, safi: 1, count: 2, prefixes: ['192.0.2.9/32', '10.0.0.0/8'], pathIds: [] }],
      announced: [{ afi: 1, safi: 1, count: 2, prefixes: ['192.0.2.0/24', '198.51.100.128/25'], pathIds: [] }],
      endOfRib: undefined,
      failures: [],
    });
    expect(update.announced[0]?.nextHop).toStrictEqual(hex('c0000201'));
    expect(update.withdrawn[0]?.nextHop).toBeUndefined();
    expect(update.attributes.map(({ code, flags, offset }) => [code, flags, offset])).toStrictEqual([
      [1, 0x40, 30],
      [2, 0x40, 34],
      [3, 0x40, 43],
    ]);
  });

  test.for<[nlri: string, prefix: string]>([
    ['00', '0.0.0.0/0'],
    ['01 ff', '128.0.0.0/1'],
    ['07 ff', '254.0.0.0/7'],
    ['08 0a', '10.0.0.0/8'],
    ['09 0aff', '10.128.0.0/9'],
    ['17 c0000f', '192.0.14.0/23'],
    ['1f c00002ff', '192.0.2.254/31'],
    ['20 c00002ff', '192.0.2.255/32'],
  ])('%s is %s: bits behind the length mean nothing', ([nlri, prefix]) => {
    expect(updateOf({ attributes: MANDATORY, nlri }).announced[0]?.prefixes).toStrictEqual([prefix]);
  });

  test.for<[nlri: string, prefix: string]>([
    ['00', '::/0'],
    ['03 3f', '2000::/3'],
    ['20 20010db8', '2001:db8::/32'],
    ['21 20010db8ff', '2001:db8:8000::/33'],
    ['7f 20010db80000000000000000000000ff', '2001:db8::fe/127'],
    ['80 20010db80000000000000000000000ff', '2001:db8::ff/128'],
  ])('%s is %s', ([nlri, prefix]) => {
    const reach = attribute('80 0e', `0002 01 10 ${GLOBAL} 00 ${nlri}`);
    const update = updateOf({ attributes: [...WITHOUT_NEXT_HOP, reach] });
    expect(update.announced).toMatchObject([{ afi: 2, safi: 1, count: 1, prefixes: [prefix], nextHop: hex(GLOBAL) }]);
  });

  test('have their text made once', () => {
    const prefixes = updateOf({ attributes: MANDATORY, nlri: '18 c00002' }).announced[0];
    expect(prefixes?.prefixes).toBe(prefixes?.prefixes);
  });

  test('of both fields and both attributes at once: RFC 7606, section 5.1', () => {
    const update = updateOf({
      withdrawn: '08 0a',
      attributes: [
        ...MANDATORY,
        attribute('80 0e', `0002 01 10 ${GLOBAL} 00 20 20010db8`),
        attribute('80 0f', '0002 01 20 20010db9'),
      ],
      nlri: '18 c00002',
    });
    expect(update.withdrawn.map(({ prefixes }) => prefixes)).toStrictEqual([['10.0.0.0/8'], ['2001:db9::/32']]);
    expect(update.announced.map(({ prefixes }) => prefixes)).toStrictEqual([['192.0.2.0/24'], ['2001:db8::/32']]);
  });

  test('are all withdrawn where an attribute is malformed, those of MP_REACH_NLRI too', () => {
    const update = updateOf({
      attributes: [...MANDATORY, attribute('80 0e', `0002 01 10 ${GLOBAL} 00 20 20010db8`), '80 04 00'],
      nlri: '18 c00002',
    });
    expect(update.announced).toStrictEqual([]);
    expect(update.withdrawn.map(({ prefixes }) => prefixes)).toStrictEqual([['192.0.2.0/24'], ['2001:db8::/32']]);
  });

  test('come with path identifiers: RFC 7911, section 3', () => {
    const update = updateOf(
      {
        withdrawn: '00000007 20 c0000209',
        attributes: [...MANDATORY, attribute('80 0e', `0002 01 10 ${GLOBAL} 00 ffffffff 20 20010db8`)],
        nlri: '00000001 18 c00002 00000002 18 c00002',
      },
      ADD_PATH,
    );
    expect(update.withdrawn).toMatchObject([{ prefixes: ['192.0.2.9/32'], pathIds: [7] }]);
    expect(update.announced).toMatchObject([
      { count: 2, prefixes: ['192.0.2.0/24', '192.0.2.0/24'], pathIds: [1, 2] },
      { count: 1, prefixes: ['2001:db8::/32'], pathIds: [4_294_967_295] },
    ]);
  });

  test.for<[name: string, context: SessionContext, fields: UpdateFields, families: object[]]>([
    [
      'a family that is not known',
      EXTERNAL,
      { attributes: [...WITHOUT_NEXT_HOP, attribute('80 0e', '0019 46 04 c0000201 00 0102ff')] },
      [{ afi: 25, safi: 70, count: 0, prefixes: [], pathIds: [] }],
    ],
    [
      'IPv6 where the session has none',
      IPV4_ONLY,
      { attributes: [...WITHOUT_NEXT_HOP, attribute('80 0e', '0002 01 03 ffffff 00 ff')] },
      [{ afi: 2, safi: 1, count: 0, prefixes: [], pathIds: [] }],
    ],
    [
      'IPv4 where the session has none',
      IPV6_ONLY,
      { attributes: MANDATORY, nlri: 'ff' },
      [{ afi: 1, safi: 1, count: 0, prefixes: [], pathIds: [] }],
    ],
  ])('of %s are not looked into', ([, context, fields, families]) => {
    expect(updateOf(fields, context).announced).toMatchObject(families);
  });
});

describe('next hops of MP_REACH_NLRI', () => {
  test.for<[name: string, context: SessionContext, family: string, nextHop: string, nlri: string, prefix: string]>([
    ['IPv4 for IPv4: RFC 4760', EXTERNAL, '0001 01', 'c0000201', '18 c00002', '192.0.2.0/24'],
    ['IPv6 for IPv4: RFC 8950', EXTENDED_NEXT_HOP, '0001 01', GLOBAL, '18 c00002', '192.0.2.0/24'],
    ['two for IPv4: RFC 8950', EXTENDED_NEXT_HOP, '0001 01', GLOBAL + LINK_LOCAL, '18 c00002', '192.0.2.0/24'],
    ['IPv6 for IPv6: RFC 4760', EXTERNAL, '0002 01', GLOBAL, '20 20010db8', '2001:db8::/32'],
    ['two for IPv6: RFC 2545, section 3', EXTERNAL, '0002 01', GLOBAL + LINK_LOCAL, '20 20010db8', '2001:db8::/32'],
    ['link-local alone', EXTERNAL, '0002 01', LINK_LOCAL, '20 20010db8', '2001:db8::/32'],
  ])('%s', ([, context, family, nextHop, nlri, prefix]) => {
    const length = hex(nextHop).length.toString(16).padStart(2, '0');
    const reach = attribute('80 0e', `${family} ${length} ${nextHop} 00 ${nlri}`);
    const update = updateOf({ attributes: [...WITHOUT_NEXT_HOP, reach] }, context);
    expect(update).toMatchObject({ announced: [{ prefixes: [prefix], nextHop: hex(nextHop) }], failures: [] });
  });

  test('the reserved octet means nothing: RFC 4760, section 3', () => {
    const reach = attribute('80 0e', `0002 01 10 ${GLOBAL} ff 20 20010db8`);
    expect(updateOf({ attributes: [...WITHOUT_NEXT_HOP, reach] }).announced).toMatchObject([{ count: 1 }]);
  });

  test.for(['40 03 04 c0000201', '40 03 04 00000000', '40 03 00', 'c0 03 04 c0000201'])(
    'NEXT_HOP beside it is ignored, right or wrong (%s): RFC 4760, section 3',
    (nextHop) => {
      const reach = attribute('80 0e', `0002 01 10 ${GLOBAL} 00 20 20010db8`);
      const update = updateOf({ attributes: [...WITHOUT_NEXT_HOP, nextHop, reach] });
      expect(update).toMatchObject({ withdrawn: [], announced: [{ count: 1, nextHop: hex(GLOBAL) }] });
      expect(update.failures.every(({ scope }) => scope === 'discard')).toBe(true);
    },
  );
});

describe('End-of-RIB: RFC 4724, section 2', () => {
  const IPV6_UNREACH = '80 0f 03 0002 01';
  test.for<[name: string, fields: UpdateFields, family: object | undefined]>([
    ['an empty UPDATE is that of IPv4', {}, { afi: 1, safi: 1 }],
    ['an empty MP_UNREACH_NLRI is that of its family', { attributes: [IPV6_UNREACH] }, { afi: 2, safi: 1 }],
    ['of IPv4, too', { attributes: ['80 0f 03 0001 01'] }, { afi: 1, safi: 1 }],
    ['of a family that is not known', { attributes: ['80 0f 03 0019 46'] }, { afi: 25, safi: 70 }],
    ['with an extended length', { attributes: ['90 0f 0003 0002 01'] }, { afi: 2, safi: 1 }],
    ['none with withdrawn prefixes', { withdrawn: '08 0a' }, undefined],
    ['none with prefixes in MP_UNREACH_NLRI', { attributes: ['80 0f 04 0002 01 00'] }, undefined],
    ['none with another attribute', { attributes: [IPV6_UNREACH, '40 01 01 00'] }, undefined],
    ['none with an attribute that is ignored', { attributes: [IPV6_UNREACH, '80 63 00'] }, undefined],
    ['none beside withdrawn prefixes of IPv4', { withdrawn: '08 0a', attributes: [IPV6_UNREACH] }, undefined],
    ['none beside prefixes', { attributes: [...MANDATORY, IPV6_UNREACH], nlri: '08 0a' }, undefined],
    ['none of an empty MP_REACH_NLRI', { attributes: [`80 0e 15 0002 01 10 ${GLOBAL} 00`] }, undefined],
  ])('%s', ([, fields, family]) => {
    expect(updateOf(fields).endOfRib).toStrictEqual(family);
  });
});

describe('missing attributes: RFC 7606, section 3 (d)', () => {
  const reach = attribute('80 0e', `0002 01 10 ${GLOBAL} 00 20 20010db8`);
  test.for<[name: string, context: SessionContext, fields: UpdateFields, missing: number[]]>([
    ['ORIGIN', EXTERNAL, { attributes: MANDATORY.slice(1), nlri: '08 0a' }, [1]],
    ['AS_PATH', EXTERNAL, { attributes: MANDATORY.toSpliced(1, 1), nlri: '08 0a' }, [2]],
    ['NEXT_HOP', EXTERNAL, { attributes: WITHOUT_NEXT_HOP, nlri: '08 0a' }, [3]],
    [
      'NEXT_HOP, for it is not in MP_REACH_NLRI',
      EXTERNAL,
      { attributes: [...WITHOUT_NEXT_HOP, reach], nlri: '08 0a' },
      [3],
    ],
    ['all of them', EXTERNAL, { nlri: '08 0a' }, [1, 2, 3]],
    ['LOCAL_PREF of an internal peer', INTERNAL, { attributes: MANDATORY, nlri: '08 0a' }, [5]],
    ['ORIGIN and AS_PATH beside MP_REACH_NLRI', EXTERNAL, { attributes: [reach] }, [1, 2]],
    ['no NEXT_HOP beside MP_REACH_NLRI', EXTERNAL, { attributes: [...WITHOUT_NEXT_HOP, reach] }, []],
    ['none where prefixes are only withdrawn', INTERNAL, { withdrawn: '08 0a' }, []],
    ['none beside MP_UNREACH_NLRI', INTERNAL, { attributes: ['80 0f 04 0002 01 00'] }, []],
    ['none where nothing is announced', EXTERNAL, { attributes: ['40 01 01 00'] }, []],
  ])('%s', ([, context, fields, missing]) => {
    const update = updateOf(fields, context);
    const failures = missing.map((code) => ({
      code: 'ERR_BGP_ATTRIBUTE',
      scope: 'withdraw',
      errorCode: 3,
      errorSubcode: 3,
      data: Uint8Array.of(code),
      attributeCode: code,
    }));
    expect(update.failures).toMatchObject(failures);
    expect(update.failures).toHaveLength(missing.length);
    if (missing.length > 0) expect(update.announced).toStrictEqual([]);
  });

  test('an attribute that is there twice, or malformed, is not missing', () => {
    const update = updateOf({ attributes: ['40 01 00', ...MANDATORY], nlri: '08 0a' });
    expect(update.failures.map(({ errorSubcode }) => errorSubcode)).toStrictEqual([5, 1]);
  });
});

describe('the session ends', () => {
  test.for<[rfc: string, what: string, fields: UpdateFields, subcode: number, offset: number]>([
    ['7606 3(b)', 'Withdrawn Routes beyond the message', { withdrawnLength: 1 }, 1, 19],
    ['7606 3(b)', 'Withdrawn Routes of 65,535 octets', { withdrawnLength: 65_535, attributes: MANDATORY }, 1, 19],
    ['7606 3(b)', 'no room for the length of the attributes', { withdrawn: '08 0a', withdrawnLength: 3 }, 1, 19],
    ['7606 3(b)', 'path attributes beyond the message', { attributesLength: 1 }, 1, 21],
    [
      '7606 3(b)',
      'path attributes of 65,535 octets',
      { withdrawn: '08 0a', attributesLength: 65_535, nlri: '00' },
      1,
      23,
    ],
    ['7606 5.3', 'a prefix of 33 bits', { attributes: MANDATORY, nlri: '21 c000020100' }, 10, 43],
    ['7606 5.3', 'a second prefix of 255 bits', { attributes: MANDATORY, nlri: '08 0a ff' }, 10, 45],
    ['7606 5.3', 'a prefix beyond the message', { attributes: MANDATORY, nlri: '18 c000' }, 10, 43],
    [
      '7606 5.3',
      'a malformed prefix beside malformed attributes',
      { attributes: ['40 01 00'], nlri: '18 c000' },
      10,
      26,
    ],
    ['7606 3(i)', 'a withdrawn prefix of 33 bits', { withdrawn: '21 c000020100' }, 10, 21],
    ['7606 3(i)', 'a withdrawn prefix beyond its field', { withdrawn: '08 0a 18 c000' }, 10, 23],
  ])('RFC %s: %s', ([, , fields, subcode, offset]) => {
    expect(decode(fields)).toMatchObject({
      ok: false,
      failure: { code: 'ERR_BGP_UPDATE', scope: 'session', errorCode: 3, errorSubcode: subcode, offset },
    });
  });

  test('RFC 7911, section 3: a path identifier that is cut off', () => {
    expect(decode({ attributes: MANDATORY, nlri: '00000001' }, ADD_PATH)).toMatchObject({
      ok: false,
      failure: { scope: 'session', errorSubcode: 10, offset: 43 },
    });
  });

  test('for a body that is too short to be one', () => {
    for (let length = 0; length < 4; length++) {
      expect(decodeUpdate(new Uint8Array(BODY_OFFSET + length), BODY_OFFSET, EXTERNAL)).toMatchObject({
        ok: false,
        failure: { scope: 'session', errorCode: 3, errorSubcode: 1 },
      });
    }
  });
});

describe('attributes that are not known: RFC 4271, section 5', () => {
  test('an optional one that is not transitive is ignored, a transitive one is kept', () => {
    const update = updateOf({ attributes: [...MANDATORY, '80 62 01 00', 'c0 63 01 07'], nlri: '08 0a' });
    expect(update).toMatchObject({ announced: [{ count: 1 }], failures: [] });
    expect(update.attributes.at(-1)).toStrictEqual({ code: 0x63, flags: 0xc0, value: Uint8Array.of(7), offset: 47 });
    expect(update.attributes).toHaveLength(4);
  });
});

test('a message in the middle of a larger buffer is read where it lies', () => {
  const octets = updateOctets({ attributes: MANDATORY, nlri: '00000001 18 c00002' });
  const buffer = new Uint8Array(octets.length + 14).fill(0xff);
  buffer.set(octets, 7);
  const decoded = decodeUpdate(buffer.subarray(7, 7 + octets.length), BODY_OFFSET, ADD_PATH);
  expect(decoded).toMatchObject({ ok: true, value: { announced: [{ prefixes: ['192.0.2.0/24'], pathIds: [1] }] } });
});
