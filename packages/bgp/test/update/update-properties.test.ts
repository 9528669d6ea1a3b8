import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionContext } from '../../src/messages/session-context.ts';
import { aggregatorOf, asPathOf } from '../../src/update/attributes/as-path-of.ts';
import { readPathAttribute } from '../../src/update/attributes/read-path-attribute.ts';
import { decodeUpdate } from '../../src/update/decode-update.ts';
import type { UpdateMessage } from '../../src/update/update-message.ts';
import { mandatoryAttributes, SOUND_ATTRIBUTES } from './sound-attributes.ts';
import { BODY_OFFSET, EXTERNAL, hex, updateOctets } from './update-octets.ts';

/** The longest message there is: RFC 8654. */
const MAX_MESSAGE_OCTETS = 65_535;

const context: fc.Arbitrary<SessionContext> = fc.record({
  fourOctetAsn: fc.boolean(),
  extendedMessage: fc.boolean(),
  addPathReceive: fc.subarray<SessionContext['families'][number]>(['ipv4-unicast', 'ipv6-unicast']),
  extendedNextHop: fc.boolean(),
  internal: fc.boolean(),
  families: fc.subarray<SessionContext['families'][number]>(['ipv4-unicast', 'ipv6-unicast']),
});

/** UPDATEs that pass for sound in one session or another. */
const soundUpdate: fc.Arbitrary<Uint8Array> = fc
  .record({
    withdrawn: fc.constantFrom('', '08 0a', '20 c0000209 00', '00000007 20 c0000209'),
    mandatory: fc.constantFrom(mandatoryAttributes(EXTERNAL), [], mandatoryAttributes(EXTERNAL).slice(1)),
    more: fc.subarray(SOUND_ATTRIBUTES.map(({ octets }) => octets)),
    nlri: fc.constantFrom('', '18 c00002', '00', '20 c0000201 19 c6336480', '00000001 18 c00002'),
  })
  .map(({ withdrawn, mandatory, more, nlri }) =>
    updateOctets({ withdrawn, attributes: [...mandatory, ...more], nlri }),
  );

/** What a bad line, or a bad peer, makes of octets. */
type Damage =
  | { readonly type: 'flip'; readonly at: number; readonly bit: number }
  | { readonly type: 'set'; readonly at: number; readonly octet: number }
  | { readonly type: 'truncate'; readonly at: number }
  | { readonly type: 'splice'; readonly at: number; readonly remove: number; readonly insert: Uint8Array }
  | { readonly type: 'grow'; readonly tail: Uint8Array };

const at = fc.nat({ max: 250 });
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ type: fc.constant('flip' as const), at, bit: fc.nat({ max: 7 }) }),
  fc.record({ type: fc.constant('set' as const), at, octet: fc.constantFrom(0, 1, 2, 14, 15, 0x7f, 0x80, 0xff) }),
  fc.record({ type: fc.constant('truncate' as const), at }),
  fc.record({
    type: fc.constant('splice' as const),
    at,
    remove: fc.nat({ max: 20 }),
    insert: fc.uint8Array({ maxLength: 20 }),
  }),
  fc.record({ type: fc.constant('grow' as const), tail: fc.uint8Array({ maxLength: 200 }) }),
);

function damaged(octets: Uint8Array, { ...what }: Damage): Uint8Array {
  const body = octets.length - BODY_OFFSET;
  const place = (offset: number): number => BODY_OFFSET + (body === 0 ? 0 : offset % body);
  switch (what.type) {
    case 'flip':
      return octets.with(place(what.at), (octets[place(what.at)] ?? 0) ^ (1 << what.bit));
    case 'set':
      return octets.with(place(what.at), what.octet);
    case 'truncate':
      return octets.slice(0, place(what.at));
    case 'splice': {
      const from = place(what.at);
      return Uint8Array.from([...octets.slice(0, from), ...what.insert, ...octets.slice(from + what.remove)]);
    }
    case 'grow':
      return Uint8Array.from([...octets, ...what.tail]);
  }
}

/** What holds for every UPDATE, whatever was in it. */
function checkUpdate(update: UpdateMessage, octets: Uint8Array, session: SessionContext): void {
  for (const group of [...update.withdrawn, ...update.announced]) {
    expect(group.prefixes).toHaveLength(group.count);
    expect([0, group.count]).toContain(group.pathIds.length);
  }
  const scopes = update.failures.map(({ scope }) => scope);
  expect(scopes).not.toContain('session');
  if (scopes.includes('withdraw')) expect(update.announced).toStrictEqual([]);
  for (const failure of update.failures) expect(failure.offset).toBeLessThan(octets.length);
  const codes = update.attributes.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const raw of update.attributes) {
    expect(octets[raw.offset + 1]).toBe(raw.code);
    const read = readPathAttribute(raw, session);
    // What is announced can be read.
    if (!scopes.includes('withdraw') && read.type === 'unknown') expect(read.flags & 0xe0).toBe(0xe0);
  }
  asPathOf(update, session);
  aggregatorOf(update, session);
}

test('whatever happens to an UPDATE, it is a value or a failure', () => {
  void fc.assert(
    fc.property(context, soundUpdate, fc.array(damage, { maxLength: 4 }), (session, sound, damages) => {
      const octets = damages.reduce(
        (before, what) => (before.length > BODY_OFFSET ? damaged(before, what) : before),
        sound,
      );
      const decoded = decodeUpdate(octets, BODY_OFFSET, session);
      if (decoded.ok) checkUpdate(decoded.value, octets, session);
      else {
        expect(decoded.failure).toMatchObject({ scope: 'session', errorCode: 3 });
        expect(decoded.failure.offset).toBeLessThanOrEqual(octets.length);
      }
    }),
    { numRuns: 2000 },
  );
});

test('any octets at all are a value or a failure', () => {
  void fc.assert(
    fc.property(context, fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 40 }), (session, noise, bodyOffset) => {
      const decoded = decodeUpdate(noise, bodyOffset, session);
      if (decoded.ok) checkUpdate(decoded.value, noise, session);
    }),
    { numRuns: 1000 },
  );
});

test('any value of any attribute can be asked for', () => {
  const raw = fc.record({
    code: fc.nat({ max: 40 }),
    flags: fc.nat({ max: 255 }),
    value: fc.uint8Array({ maxLength: 80 }),
    offset: fc.constant(23),
  });
  void fc.assert(
    fc.property(context, raw, (session, attribute) => {
      expect(typeof readPathAttribute(attribute, session).type).toBe('string');
    }),
    { numRuns: 2000 },
  );
});

test('prefixes come back as they were put in', () => {
  const prefix = fc.record({
    octets: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)),
    length: fc.nat(32),
  });
  void fc.assert(
    fc.property(fc.array(prefix, { minLength: 1, maxLength: 50 }), (prefixes) => {
      const nlri = prefixes
        .flatMap(({ octets, length }) => [length, ...octets.slice(0, Math.ceil(length / 8))])
        .map((octet) => octet.toString(16).padStart(2, '0'))
        .join('');
      const update = updateOctets({ attributes: mandatoryAttributes(EXTERNAL), nlri });
      const decoded = decodeUpdate(update, BODY_OFFSET, EXTERNAL);
      const bits = ({ octets }: { octets: readonly number[] }): string =>
        octets.map((octet) => octet.toString(2).padStart(8, '0')).join('');
      const texts = prefixes.map((one) => {
        const kept = bits(one).slice(0, one.length).padEnd(32, '0');
        return `${[0, 8, 16, 24].map((i) => Number.parseInt(kept.slice(i, i + 8), 2)).join('.')}/${one.length}`;
      });
      expect(decoded).toMatchObject({ ok: true, value: { announced: [{ prefixes: texts }] } });
    }),
  );
});

test('the longest message of default routes is counted without its text', () => {
  const update = updateOctets({ attributes: mandatoryAttributes(EXTERNAL) });
  const octets = new Uint8Array(MAX_MESSAGE_OCTETS);
  octets.set(update);
  const decoded = decodeUpdate(octets, BODY_OFFSET, EXTERNAL);
  const count = MAX_MESSAGE_OCTETS - update.length;
  expect(decoded).toMatchObject({ ok: true, value: { announced: [{ count }] } });
});

test('the longest message of repeated attributes has as many failures as there are codes', () => {
  const octets = new Uint8Array(MAX_MESSAGE_OCTETS);
  octets.set(updateOctets({}));
  const view = new DataView(octets.buffer);
  const count = Math.floor((MAX_MESSAGE_OCTETS - 23) / 3);
  view.setUint16(21, 3 * count);
  for (let i = 0; i < count; i++) octets.set(hex(i % 2 === 0 ? '40 06 00' : 'c0 63 00'), 23 + 3 * i);
  const decoded = decodeUpdate(octets.subarray(0, 23 + 3 * count), BODY_OFFSET, EXTERNAL);
  expect(decoded.ok && decoded.value.failures).toHaveLength(2);
  expect(decoded.ok && decoded.value.attributes).toHaveLength(2);
});
