import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BgpDecoded } from '../../src/messages/decode-failure.ts';
import { decodeMessage } from '../../src/messages/decode-message.ts';
import { encodeMessage } from '../../src/messages/encode-message.ts';
import { createMessageFramer } from '../../src/messages/framing/message-framer.ts';
import type { BgpMessage } from '../../src/messages/message.ts';
import { notificationText } from '../../src/messages/notification/notification-text.ts';
import { OPENING_SESSION } from '../../src/messages/session-context.ts';
import { context, hostile } from './hostile-octets.ts';

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
