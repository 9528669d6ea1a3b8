import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as arbitrary from '../../test/messages/arbitraries.ts';
import { messageOf } from '../../test/messages/octets-of.ts';
import { capturedOpens } from '../../test/messages/opens.ts';
import type { BgpDecoded } from './decode-failure.ts';
import { decodeMessage } from './decode-message.ts';
import { encodeMessage } from './encode-message.ts';
import { createMessageFramer } from './framing/message-framer.ts';
import type { BgpMessage } from './message.ts';
import { notificationText } from './notification/notification-text.ts';
import { OPENING_SESSION, type SessionContext } from './session-context.ts';

/** A real message, or one of ours: what gets past the first checks. */
const good: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constantFrom(...capturedOpens.map((open) => open.octets)),
  arbitrary.open.map(encodeMessage),
  arbitrary.notification.map(encodeMessage),
  arbitrary.routeRefresh.map(encodeMessage),
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
const hostile: fc.Arbitrary<Uint8Array> = fc
  .tuple(good, fc.array(mutation, { maxLength: 6 }), fc.boolean())
  .map(([octets, mutations, mended]) => {
    const result = mutations.reduce(mutated, octets);
    return mended && result.length >= 19 ? messageOf(octets[18] ?? 1, result.slice(19)) : result;
  });

const context: fc.Arbitrary<SessionContext> = fc.record({
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

/** What holds of any outcome. */
function judge(result: BgpDecoded<BgpMessage>, octets: Uint8Array): void {
  if (result.ok) {
    if (result.value.type === 'notification') expect(notificationText(result.value)).not.toMatch(/\p{Cc}/u);
    return;
  }
  const { failure } = result;
  expect(failure.scope).toBe('session');
  expect([1, 2, 3, 7]).toContain(failure.errorCode);
  expect(failure.offset).toBeGreaterThanOrEqual(0);
  expect(failure.offset).toBeLessThanOrEqual(Math.max(octets.length, 18));
  // It can be told to the peer.
  expect(encodeMessage({ type: 'notification', ...failure }).length).toBe(21 + failure.data.length);
}

test('whatever the octets are, there is a message, or a failure that can be told to the peer', () => {
  const octets = fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
    { weight: 9, arbitrary: hostile },
  );
  fc.assert(
    fc.property(octets, context, (message, session) => {
      judge(decodeMessage(message, session), message);
    }),
    { numRuns: 3000 },
  );
});

test('what is accepted, written and read again is the same', () => {
  fc.assert(
    fc.property(hostile, (octets) => {
      const first = decodeMessage(octets, OPENING_SESSION);
      if (!first.ok || first.value.type === 'update') return;
      expect(decodeMessage(encodeMessage(first.value), OPENING_SESSION)).toEqual(first);
    }),
    { numRuns: 2000 },
  );
});

test('whatever TCP delivers, the framer keeps no more than a message and the decoder takes what it yields', () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 5 }), fc.integer({ min: 1, max: 100 }), (messages, size) => {
      const framer = createMessageFramer();
      const stream = Uint8Array.of(...messages.flatMap((message) => [...message]));
      let failed = false;
      for (let at = 0; at < stream.length; at += size) {
        for (const frame of framer.push(stream.slice(at, at + size))) {
          expect(failed).toBe(false);
          if (frame.ok) judge(decodeMessage(frame.value, OPENING_SESSION), frame.value);
          else failed = true;
        }
        expect(framer.pendingOctets).toBeLessThan(4096);
      }
    }),
  );
});
