import { describe, expect, test } from 'vitest';
import { EXTERNAL, hex, INTERNAL, TWO_OCTETS } from '../../../test/update/update-octets.ts';
import type { SessionContext } from '../../messages/session-context.ts';
import type { RawPathAttribute } from '../update-message.ts';
import { aggregatorOf, asPathOf } from './as-path-of.ts';

const OLD_INTERNAL: SessionContext = { ...INTERNAL, fourOctetAsn: false };
const AGGREGATOR_64512 = '07 fc00 c0000201';
const AGGREGATOR_TRANS = '07 5ba0 c0000201';
const AGGREGATOR4_130048 = '12 0001fc00 c0000202';

/** Each: the type code, and the value. */
function attributes(...texts: readonly string[]): { attributes: RawPathAttribute[] } {
  return {
    attributes: texts.map((text) => {
      const [code = 0, ...value] = hex(text);
      return { code, flags: 0xc0, value: Uint8Array.from(value), offset: 0 };
    }),
  };
}

/** `a 1 2` is AS_SEQUENCE, `{1 2}` AS_SET, `(1 2)` and `[1 2]` those of confederations. */
function text(path: ReturnType<typeof asPathOf>): string | undefined {
  const brackets = { 'as-sequence': '', 'as-set': '{}', 'as-confed-sequence': '()', 'as-confed-set': '[]' };
  return path
    ?.map(({ type, asns }) => `${brackets[type].charAt(0)}${asns.join(' ')}${brackets[type].charAt(1)}`)
    .join(' ');
}

describe('the path: RFC 6793, section 4.2.3', () => {
  test.for<[name: string, context: SessionContext, attributes: string[], path: string | undefined]>([
    ['is AS_PATH', EXTERNAL, ['02 0202 0000fc00 0001fc00'], '64512 130048'],
    ['is AS_PATH of two octets', TWO_OCTETS, ['02 0202 fc00 fc01'], '64512 64513'],
    ['is empty', EXTERNAL, ['02'], ''],
    ['is none', EXTERNAL, ['01 00'], undefined],
    ['is none where AS_PATH is malformed', EXTERNAL, ['02 0201'], undefined],
    ['has the numbers of AS4_PATH', TWO_OCTETS, ['02 0202 5ba0 5ba0', '11 0202 0001fc00 0001fc01'], '130048 130049'],
    [
      'has what old speakers put before',
      TWO_OCTETS,
      ['02 0203 fc00 fc01 5ba0', '11 0201 0001fc00'],
      '64512 64513 130048',
    ],
    ['is AS_PATH where AS4_PATH is longer', TWO_OCTETS, ['02 0201 5ba0', '11 0202 0001fc00 0001fc01'], '23456'],
    [
      'counts a set for one',
      TWO_OCTETS,
      ['02 0201 fc00 0102 5ba0 5ba0', '11 0102 0001fc00 0001fc01'],
      '64512 {130048 130049}',
    ],
    ['takes a whole set', TWO_OCTETS, ['02 0102 fc00 fc01 0201 5ba0', '11 0201 0001fc00'], '{64512 64513} 130048'],
    [
      'takes several segments',
      TWO_OCTETS,
      ['02 0201 fc00 0201 fc01 0201 5ba0', '11 0201 0001fc00'],
      '64512 64513 130048',
    ],
    [
      'has a leading segment of a confederation',
      OLD_INTERNAL,
      ['02 0301 fc00 0201 5ba0', '11 0201 0001fc00'],
      '(64512) 130048',
    ],
    [
      'has a segment of a confederation beside one that is taken',
      OLD_INTERNAL,
      ['02 0201 fc00 0401 fc01 0201 5ba0', '11 0201 0001fc00'],
      '64512 [64513] 130048',
    ],
    [
      'has no segment of a confederation behind',
      OLD_INTERNAL,
      ['02 0202 fc00 5ba0 0401 fc01', '11 0201 0001fc00'],
      '64512 130048',
    ],
    ['ignores AS4_PATH in a session of four octets', EXTERNAL, ['02 0201 0000fc00', '11 0201 0001fc00'], '64512'],
    ['ignores a malformed AS4_PATH', TWO_OCTETS, ['02 0201 5ba0', '11 0202 0001fc00'], '23456'],
    ['ignores AS4_PATH with nothing but confederations', TWO_OCTETS, ['02 0201 5ba0', '11 0301 0001fc00'], '23456'],
    [
      'ignores AS4_PATH beside an AGGREGATOR that is not AS_TRANS',
      TWO_OCTETS,
      ['02 0201 5ba0', '11 0201 0001fc00', AGGREGATOR_64512, AGGREGATOR4_130048],
      '23456',
    ],
    [
      'does not beside AS_TRANS',
      TWO_OCTETS,
      ['02 0201 5ba0', '11 0201 0001fc00', AGGREGATOR_TRANS, AGGREGATOR4_130048],
      '130048',
    ],
    ['nor without AS4_AGGREGATOR', TWO_OCTETS, ['02 0201 5ba0', '11 0201 0001fc00', AGGREGATOR_64512], '130048'],
  ])('%s', ([, context, texts, path]) => {
    expect(text(asPathOf(attributes(...texts), context))).toBe(path);
  });
});

describe('the aggregator: RFC 6793, section 4.2.3', () => {
  test.for<[name: string, context: SessionContext, attributes: string[], aggregator: object | undefined]>([
    ['is AGGREGATOR', TWO_OCTETS, [AGGREGATOR_64512], { asn: 64_512, address: '192.0.2.1' }],
    ['is AGGREGATOR of four octets', EXTERNAL, ['07 0001fc00 c0000201'], { asn: 130_048, address: '192.0.2.1' }],
    [
      'is AS4_AGGREGATOR in the place of AS_TRANS',
      TWO_OCTETS,
      [AGGREGATOR_TRANS, AGGREGATOR4_130048],
      { asn: 130_048, address: '192.0.2.2' },
    ],
    [
      'is AGGREGATOR where that is not AS_TRANS',
      TWO_OCTETS,
      [AGGREGATOR_64512, AGGREGATOR4_130048],
      { asn: 64_512, address: '192.0.2.1' },
    ],
    ['is none', TWO_OCTETS, [], undefined],
    ['is none of AS4_AGGREGATOR alone', TWO_OCTETS, [AGGREGATOR4_130048], undefined],
  ])('%s', ([, context, texts, aggregator]) => {
    expect(aggregatorOf(attributes(...texts), context)).toStrictEqual(aggregator);
  });
});
