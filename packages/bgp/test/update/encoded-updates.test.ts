import { parseIpAddress } from '@steelyard/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AddressFamily } from '../../src/messages/address-family.ts';
import type { SessionContext } from '../../src/messages/session-context.ts';
import { aggregatorOf, asPathOf } from '../../src/update/attributes/as-path-of.ts';
import { readPathAttribute } from '../../src/update/attributes/read-path-attribute.ts';
import { decodeUpdate } from '../../src/update/decode-update.ts';
import { packAnnouncements, packWithdrawals } from '../../src/update/encode/pack.ts';
import type { AdvertisementContext, RouteAttributes } from '../../src/update/route.ts';
import type { UpdateMessage } from '../../src/update/update-message.ts';
import { BODY_OFFSET } from './update-octets.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const asn = fc.oneof(fc.integer({ min: 64_496, max: 64_511 }), fc.integer({ min: 65_536, max: 65_551 }));

const attributes: fc.Arbitrary<RouteAttributes> = fc.record(
  {
    origin: fc.constantFrom('igp' as const, 'egp' as const, 'incomplete' as const),
    asPath: fc.array(asn, { maxLength: 10 }),
    med: uint32,
    localPref: uint32,
    communities: fc.uniqueArray(uint32, { minLength: 1, maxLength: 100 }),
    aggregator: fc.record({ asn, address: fc.constant('192.0.2.2') }, { noNullPrototype: true }),
    atomicAggregate: fc.boolean(),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const session = fc.record({ internal: fc.boolean(), fourOctetAsn: fc.boolean(), extendedMessage: fc.boolean() });
const family: fc.Arbitrary<AddressFamily> = fc.constantFrom('ipv4-unicast', 'ipv6-unicast');

function contexts(of: Pick<SessionContext, 'internal' | 'fourOctetAsn' | 'extendedMessage'>): {
  sender: AdvertisementContext;
  receiver: SessionContext;
} {
  const families: readonly AddressFamily[] = ['ipv4-unicast', 'ipv6-unicast'];
  const next = { nextHopIpv4: '192.0.2.1', nextHopIpv6: '2001:db8::1', nextHopLinkLocal: undefined };
  return {
    sender: { ...of, ...next, localAsn: 65_550, families, extendedNextHop: false },
    receiver: { ...of, families, addPathReceive: [], extendedNextHop: false },
  };
}

/** So many prefixes of a family, each once. */
function prefixesOf(name: AddressFamily, count: number): readonly string[] {
  const low = (i: number): string => `${i >> 8}.${i & 255}`;
  return Array.from({ length: count }, (_, i) =>
    name === 'ipv4-unicast' ? `10.0.${low(i)}/32` : `2001:db8::1:${(i + 1).toString(16)}/128`,
  );
}

function decodeAll(messages: readonly Uint8Array[], receiver: SessionContext): readonly UpdateMessage[] {
  return messages.map((octets) => {
    const decoded = decodeUpdate(octets, BODY_OFFSET, receiver);
    if (!decoded.ok) throw new Error(decoded.failure.message);
    return decoded.value;
  });
}

test('what is announced is read as it was meant', () => {
  void fc.assert(
    fc.property(session, family, attributes, fc.integer({ min: 1, max: 1500 }), (of, name, wanted, count) => {
      const { sender, receiver } = contexts(of);
      const prefixes = prefixesOf(name, count);
      const announced = packAnnouncements(wanted, name, prefixes, sender);
      const updates = decodeAll(announced.ok ? announced.messages : [], receiver);
      expect(updates.flatMap((update) => update.announced.flatMap((group) => group.prefixes))).toStrictEqual(prefixes);
      for (const update of updates) {
        expect(update).toMatchObject({ withdrawn: [], failures: [], endOfRib: undefined });
        expect(update.announced[0]?.nextHop).toStrictEqual(
          parseIpAddress(name === 'ipv4-unicast' ? '192.0.2.1' : '2001:db8::1'),
        );
        const path = [...(of.internal ? [] : [65_550]), ...(wanted.asPath ?? [])];
        expect(asPathOf(update, receiver)).toStrictEqual(
          path.length === 0 ? [] : [{ type: 'as-sequence', asns: path }],
        );
        expect(aggregatorOf(update, receiver)).toStrictEqual(wanted.aggregator);
        const read = update.attributes.map((raw) => readPathAttribute(raw, receiver));
        expect(read).toContainEqual({ type: 'origin', origin: wanted.origin ?? 'igp' });
        expect(read.find(({ type }) => type === 'multi-exit-disc')).toStrictEqual(
          wanted.med === undefined ? undefined : { type: 'multi-exit-disc', med: wanted.med },
        );
        expect(read.find(({ type }) => type === 'local-pref')).toStrictEqual(
          of.internal ? { type: 'local-pref', localPref: wanted.localPref ?? 100 } : undefined,
        );
        expect(read.find(({ type }) => type === 'communities')).toStrictEqual(
          wanted.communities && {
            type: 'communities',
            communities: wanted.communities.toSorted((a, b) => a - b),
          },
        );
      }
    }),
    { numRuns: 60 },
  );
});

test('what is withdrawn is read as it was meant', () => {
  void fc.assert(
    fc.property(session, family, fc.integer({ min: 1, max: 1500 }), (of, name, count) => {
      const { sender, receiver } = contexts(of);
      const prefixes = prefixesOf(name, count);
      const updates = decodeAll(packWithdrawals(name, prefixes, sender), receiver);
      expect(updates.flatMap((update) => update.withdrawn.flatMap((group) => group.prefixes))).toStrictEqual(prefixes);
      for (const update of updates) expect(update).toMatchObject({ announced: [], failures: [], endOfRib: undefined });
    }),
    { numRuns: 30 },
  );
});
