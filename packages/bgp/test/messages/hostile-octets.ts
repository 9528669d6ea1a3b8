import fc from 'fast-check';
import { encodeMessage } from '../../src/messages/encode-message.ts';
import type { SessionContext } from '../../src/messages/session-context.ts';
import * as arbitrary from './arbitraries.ts';
import { messageOf, updateOf } from './octets-of.ts';
import { capturedOpens } from './opens.ts';

/** UPDATEs: of four-octet AS numbers, of two-octet ones, of IPv6, of IPv4 by IPv6 (RFC 8950), and End-of-RIB. */
const updates: readonly Uint8Array[] = [
  updateOf(
    '18c63364 20c0000205',
    `4001 01 00  4002 06 0201 0000fbf0  4003 04 c0000202  8004 04 00000064  4005 04 000000c8  4006 00
     c008 08 fbf00064 ffffff01  c020 0c 0000fbf0 00000001 00000002`,
    '18c00002 20c6336401',
  ),
  updateOf('', '4001 01 02  4002 04 0201 5ba0  4003 04 c0000202  c011 06 0201 fa56ea01', '18c00002'),
  updateOf(
    '',
    `4001 01 00  4002 06 0201 0000fbf0
     800e 26 0002 01 10 20010db8000000000000000000000002 00  80 20010db8000000010000000000000001
     800f 05 0002 01 00 00`,
    '',
  ),
  updateOf('', '4001 01 00  4002 00  900e 001e 0001 01 10 20010db8000000000000000000000002 00 20c0000201 18c63364', ''),
  updateOf('', '', ''),
  updateOf('', '800f 03 0002 01', ''),
];

/** A real message, or one of ours: what gets past the first checks. */
const good: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constantFrom(...capturedOpens.map((open) => open.octets)),
  arbitrary.open.map(encodeMessage),
  arbitrary.notification.map(encodeMessage),
  arbitrary.routeRefresh.map(encodeMessage),
  fc.constantFrom(...updates),
);

interface Mutation {
  readonly kind: 'flip' | 'set' | 'truncate' | 'extend' | 'duplicate' | 'mend';
  readonly at: number;
  readonly value: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'truncate', 'extend', 'duplicate', 'mend'),
  at: fc.nat(),
  value: fc.nat(255),
});

function mutated(octets: Uint8Array, { kind, at, value }: Mutation): Uint8Array {
  const position = octets.length === 0 ? 0 : at % octets.length;
  switch (kind) {
    case 'flip':
      return octets.length === 0 ? octets : octets.with(position, (octets[position] ?? 0) ^ (1 << (value & 7)));
    case 'set':
      return octets.length === 0 ? octets : octets.with(position, value);
    case 'truncate':
      return octets.slice(0, position);
    case 'extend':
      return Uint8Array.of(
        ...octets.slice(0, position),
        ...new Uint8Array(value % 40).fill(value),
        ...octets.slice(position),
      );
    case 'duplicate':
      return Uint8Array.of(...octets, ...octets.slice(position, position + value));
    case 'mend': // the header as it must be, so that the body is looked at
      return messageOf((value % 5) + 1, octets.slice(19));
  }
}

/** Mutated messages; half of them with a good header in the end. */
export const hostile: fc.Arbitrary<Uint8Array> = fc
  .tuple(good, fc.array(mutation, { maxLength: 6 }), fc.boolean())
  .map(([octets, mutations, mended]) => {
    const result = mutations.reduce(mutated, octets);
    return mended && result.length >= 19 ? messageOf(octets[18] ?? 1, result.slice(19)) : result;
  });

/** Any session. */
export const context: fc.Arbitrary<SessionContext> = fc.record({
  fourOctetAsn: fc.boolean(),
  extendedMessage: fc.boolean(),
  addPathReceive: fc.constantFrom<SessionContext['addPathReceive']>(
    [],
    ['ipv4-unicast'],
    ['ipv4-unicast', 'ipv6-unicast'],
  ),
  extendedNextHop: fc.boolean(),
  internal: fc.boolean(),
  families: fc.constantFrom<SessionContext['families']>(['ipv4-unicast'], ['ipv4-unicast', 'ipv6-unicast']),
});
