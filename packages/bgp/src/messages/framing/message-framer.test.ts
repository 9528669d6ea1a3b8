import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageOf, octetsOf } from '../../../test/messages/octets-of.ts';
import type { BgpDecoded } from '../decode-failure.ts';
import { encodeKeepalive } from '../keepalive.ts';
import { createMessageFramer, type MessageFramer } from './message-framer.ts';

const joined = (...parts: readonly Uint8Array[]): Uint8Array => {
  const octets = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
};

const valuesOf = (frames: Iterable<BgpDecoded<Uint8Array>>): Uint8Array[] =>
  Array.from(frames, (frame) => {
    if (!frame.ok) throw new Error(frame.failure.message);
    return frame.value;
  });

const update = (length: number): Uint8Array => messageOf(2, new Uint8Array(length - 19));
const keepalive = encodeKeepalive();

test('a message that is whole in a chunk is a view of it', () => {
  const chunk = joined(keepalive, update(23));
  const [first, second] = valuesOf(createMessageFramer().push(chunk));
  expect([first?.byteOffset, second?.byteOffset]).toEqual([0, 19]);
  expect([first?.buffer, second?.buffer]).toEqual([chunk.buffer, chunk.buffer]);
});

test('a message that comes in pieces does not change when the pieces do', () => {
  const framer = createMessageFramer();
  const message = update(60);
  const first = message.slice(0, 30);
  expect(valuesOf(framer.push(first))).toEqual([]);
  first.fill(0);
  expect(framer.pendingOctets).toBe(30);
  expect(valuesOf(framer.push(message.slice(30)))).toEqual([message]);
  expect(framer.pendingOctets).toBe(0);
});

test('the messages are the same however TCP has cut them', () => {
  const message = fc.oneof(
    fc.constant(keepalive),
    fc.integer({ min: 23, max: 4096 }).map(update),
    fc.uint8Array({ maxLength: 50 }).map((body) => messageOf(3, Uint8Array.of(6, 2, ...body))),
  );
  const cuts = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9000 })), {
    minLength: 1,
    maxLength: 50,
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), cuts, (messages, sizes) => {
      const stream = joined(...messages);
      const framer = createMessageFramer();
      const found: Uint8Array[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        found.push(...valuesOf(framer.push(stream.slice(at, at + size))));
        at += size;
        expect(framer.pendingOctets).toBeLessThan(4096);
      }
      expect(found).toEqual(messages);
    }),
  );
});

test('one octet at a time', () => {
  const framer = createMessageFramer({ extendedMessage: true });
  const messages = [keepalive, update(65_535), keepalive];
  const found: Uint8Array[] = [];
  for (const octet of joined(...messages)) found.push(...valuesOf(framer.push(Uint8Array.of(octet))));
  expect(found).toEqual(messages);
});

test('what is agreed on between two messages of a chunk counts for the second', () => {
  const framer = createMessageFramer();
  const lengths: number[] = [];
  for (const frame of framer.push(joined(keepalive, update(5000), keepalive))) {
    lengths.push(frame.ok ? frame.value.length : 0);
    framer.setContext({ extendedMessage: true });
  }
  expect(lengths).toEqual([19, 5000, 19]);
});

test('who stops in the middle of a chunk finds the rest in front of the next one', () => {
  const framer = createMessageFramer();
  for (const frame of framer.push(joined(keepalive, update(23), update(24).subarray(0, 20)))) {
    expect(frame.ok && frame.value.length).toBe(19);
    break;
  }
  expect(valuesOf(framer.push(update(24).subarray(20))).map((message) => message.length)).toEqual([23, 24]);
});

test('an empty chunk changes nothing', () => {
  const framer = createMessageFramer();
  expect(valuesOf(framer.push(new Uint8Array()))).toEqual([]);
  expect(valuesOf(framer.push(keepalive))).toEqual([keepalive]);
});

describe('after a failure', () => {
  const bad = octetsOf('ffffffffffffffffffffffffffffffff 0013 09');

  test.for<[name: string, feed: (framer: MessageFramer, octets: Uint8Array) => BgpDecoded<Uint8Array>[]]>([
    ['in one chunk', (framer, octets) => [...framer.push(octets)]],
    ['octet by octet', (framer, octets) => [...octets].flatMap((octet) => [...framer.push(Uint8Array.of(octet))])],
  ])('nothing more comes: %s', ([, feed]) => {
    const framer = createMessageFramer();
    const found = feed(framer, joined(keepalive, bad, keepalive));
    expect(found).toMatchObject([{ ok: true }, { ok: false, failure: { errorCode: 1, errorSubcode: 3 } }]);
    expect([...framer.push(keepalive)]).toEqual([]);
    expect(framer.pendingOctets).toBe(0);
  });
});
