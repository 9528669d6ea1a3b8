import { describe, expect, test } from 'vitest';
import { decodeUpdate } from '../../src/update/decode-update.ts';
import { MALFORMED_ATTRIBUTES } from './malformed-attributes.ts';
import { SOUND_ATTRIBUTES, withAttribute } from './sound-attributes.ts';
import { ATTRIBUTES_OFFSET, BODY_OFFSET, EXTERNAL, hex, toHex, updateOctets } from './update-octets.ts';

const NLRI = '18 c00002';

/** Where `attribute` begins among `attributes`, in octets from the beginning of the message. */
function offsetOf(attribute: string, attributes: readonly string[]): number {
  const before = attributes.slice(0, attributes.indexOf(attribute)).join('');
  return ATTRIBUTES_OFFSET + hex(before).length;
}

describe('a malformed attribute', () => {
  test.for(MALFORMED_ATTRIBUTES)('RFC %s: %s', ([, , context, octets, scope, subcode, at, data]) => {
    const attributes = withAttribute(context, octets);
    const decoded = decodeUpdate(updateOctets({ attributes, nlri: NLRI }), BODY_OFFSET, context);
    const failure = {
      scope,
      errorCode: 3,
      errorSubcode: subcode,
      offset: offsetOf(octets, attributes) + at,
      data: data === 'attribute' ? hex(octets) : new Uint8Array(0),
    };
    if (scope === 'session') {
      expect(decoded).toMatchObject({ ok: false, failure });
      return;
    }
    const announced = scope === 'discard' ? [{ prefixes: ['192.0.2.0/24'] }] : [];
    const withdrawn = scope === 'discard' ? [] : [{ prefixes: ['192.0.2.0/24'], nextHop: undefined }];
    expect(decoded).toMatchObject({ ok: true, value: { announced, withdrawn, failures: [failure] } });
  });

  test.for(MALFORMED_ATTRIBUTES.filter(([, , , , scope]) => scope === 'discard'))(
    'is left out: RFC %s: %s',
    ([, , context, octets]) => {
      const attributes = withAttribute(context, octets);
      const decoded = decodeUpdate(updateOctets({ attributes, nlri: NLRI }), BODY_OFFSET, context);
      const codes = decoded.ok ? decoded.value.attributes.map(({ code }) => code) : undefined;
      expect(codes).toStrictEqual([1, 2, 3]);
    },
  );

  // RFC 7606, section 5.2: nothing is announced, so nobody knows whether all NLRI were found.
  test.for(MALFORMED_ATTRIBUTES.filter(([, , , , scope]) => scope === 'withdraw'))(
    'ends the session where nothing is announced: RFC %s: %s',
    ([, , context, octets, , subcode]) => {
      const decoded = decodeUpdate(updateOctets({ attributes: [octets] }), BODY_OFFSET, context);
      expect(decoded).toMatchObject({ ok: false, failure: { scope: 'session', errorCode: 3, errorSubcode: subcode } });
    },
  );

  test.for(MALFORMED_ATTRIBUTES.filter(([, , , , scope]) => scope === 'discard'))(
    'is left out where nothing is announced, too: RFC %s: %s',
    ([, , context, octets]) => {
      const decoded = decodeUpdate(updateOctets({ attributes: [octets] }), BODY_OFFSET, context);
      expect(decoded).toMatchObject({ ok: true, value: { announced: [], attributes: [], endOfRib: undefined } });
    },
  );
});

describe('a sound attribute', () => {
  test.for(SOUND_ATTRIBUTES)('$name is no failure, wherever it stands', ({ context, octets }) => {
    const attributes = withAttribute(context, octets);
    for (const order of [attributes, attributes.toReversed(), [octets, ...attributes.filter((a) => a !== octets)]]) {
      const decoded = decodeUpdate(updateOctets({ attributes: order, nlri: NLRI }), BODY_OFFSET, context);
      expect(decoded).toMatchObject({ ok: true, value: { failures: [] } });
    }
  });

  test.for(SOUND_ATTRIBUTES)('$name may have an extended length, and any of the lower bits', ({ context, octets }) => {
    const [flags = 0, code = 0, length = 0, ...value] = hex(octets);
    const extended = toHex(Uint8Array.of(flags | 0x1f, code, 0, length, ...value));
    const update = updateOctets({ attributes: withAttribute(context, extended), nlri: NLRI });
    expect(decodeUpdate(update, BODY_OFFSET, context)).toMatchObject({ ok: true, value: { failures: [] } });
  });

  test.for(SOUND_ATTRIBUTES)('$name twice: RFC 7606, section 3 (g)', ({ code, context, octets }) => {
    const attributes = [...withAttribute(context, octets), octets, octets];
    const decoded = decodeUpdate(updateOctets({ attributes, nlri: NLRI }), BODY_OFFSET, context);
    const offset = ATTRIBUTES_OFFSET + hex(attributes.slice(0, -2).join('')).length;
    const failure = { errorCode: 3, errorSubcode: 1, offset, attributeCode: code, data: new Uint8Array(0) };
    if (code === 14 || code === 15) {
      expect(decoded).toMatchObject({ ok: false, failure: { ...failure, scope: 'session' } });
      return;
    }
    // Once for the kind, however often it occurs.
    expect(decoded).toMatchObject({ ok: true, value: { failures: [{ ...failure, scope: 'discard' }] } });
    const codes = decoded.ok ? decoded.value.attributes.map((attribute) => attribute.code) : [];
    expect(codes.filter((other) => other === code)).toHaveLength(1);
  });

  test('of which the second is malformed is the first', () => {
    const attributes = ['40 01 01 00', '40 02 00', '40 03 04 c0000201', '40 01 01 09', '40 03 00'];
    const decoded = decodeUpdate(updateOctets({ attributes, nlri: NLRI }), BODY_OFFSET, EXTERNAL);
    expect(decoded).toMatchObject({
      ok: true,
      value: { announced: [{ count: 1 }], failures: [{ scope: 'discard' }, { scope: 'discard' }] },
    });
  });
});

describe('several failures: RFC 7606, section 3 (h)', () => {
  const DISCARD = '40 06 01 00';
  const WITHDRAW = '80 04 03 000001';
  const SESSION = '40 63 00';
  test.for<[name: string, attributes: string[], scopes: string[]]>([
    ['withdraw outweighs discard', [DISCARD, WITHDRAW], ['discard', 'withdraw']],
    ['whichever comes first', [WITHDRAW, DISCARD], ['withdraw', 'discard']],
  ])('%s', ([, wrong, scopes]) => {
    const attributes = ['40 01 01 00', '40 02 00', '40 03 04 c0000201', ...wrong];
    const decoded = decodeUpdate(updateOctets({ attributes, nlri: NLRI }), BODY_OFFSET, EXTERNAL);
    const failures = scopes.map((scope) => ({ scope }));
    expect(decoded).toMatchObject({ ok: true, value: { announced: [], withdrawn: [{ count: 1 }], failures } });
  });

  test.for<[name: string, attributes: string[]]>([
    ['the session ends, whatever came before', [DISCARD, WITHDRAW, SESSION]],
    ['the session ends, whatever comes behind', [SESSION, WITHDRAW, DISCARD]],
  ])('%s', ([, attributes]) => {
    const decoded = decodeUpdate(updateOctets({ attributes, nlri: NLRI }), BODY_OFFSET, EXTERNAL);
    expect(decoded).toMatchObject({ ok: false, failure: { scope: 'session', errorSubcode: 2, attributeCode: 0x63 } });
  });
});
