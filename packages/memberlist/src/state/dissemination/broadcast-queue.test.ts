import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BroadcastQueue, createBroadcastQueue } from './broadcast-queue.ts';

const NO_LIMIT = Number.POSITIVE_INFINITY;

function octets(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function texts(messages: readonly Uint8Array[]): string[] {
  return messages.map((message) => new TextDecoder().decode(message));
}

function take(queue: BroadcastQueue, room: number, overhead: number, transmitLimit: number): string[] {
  return texts(queue.take({ octets: room, overheadOctets: overhead, messages: NO_LIMIT }, transmitLimit));
}

function fourMessages(): BroadcastQueue {
  const queue = createBroadcastQueue(100);
  queue.add('test', octets('1. this is a test.'));
  queue.add('foo', octets('2. this is a test.'));
  queue.add('bar', octets('3. this is a test.'));
  queue.add('baz', octets('4. this is a test.'));
  return queue;
}

describe('hashicorp/memberlist queue_test.go', () => {
  test('one about the same member replaces the older one', () => {
    const queue = createBroadcastQueue(100);
    const first = queue.add('test', octets('old'));
    queue.add('foo', octets('foo'));
    queue.add('bar', octets('bar'));
    queue.add('test', octets('new'));
    expect(first.finished).toBe(true);
    expect(queue.size()).toBe(3);
    expect(take(queue, 100, 0, 9)).toEqual(['new', 'bar', 'foo']);
  });

  test('as many as fit with their overhead', () => {
    expect(take(fourMessages(), 80, 2, 6)).toHaveLength(4);
    expect(take(fourMessages(), 80, 3, 6)).toHaveLength(3);
  });

  test('each is sent as often as the limit says', () => {
    const queue = fourMessages();
    expect(take(queue, 80, 3, 2)).toHaveLength(3);
    expect(take(queue, 80, 3, 2)).toHaveLength(3);
    expect(take(queue, 80, 3, 2)).toHaveLength(2);
    expect(take(queue, 80, 3, 2)).toHaveLength(0);
    expect(queue.size()).toBe(0);
  });

  test('first what was sent least often, then the longest, then the newest', () => {
    const queue = createBroadcastQueue(100);
    queue.add('sent', octets('a message that was sent'));
    queue.take({ octets: 100, overheadOctets: 2, messages: NO_LIMIT }, 9);
    queue.add('short', octets('s'));
    queue.add('long', octets('a long one'));
    queue.add('newer', octets('short two'));
    queue.add('newest', octets('short six'));
    expect(take(queue, 100, 2, 9)).toEqual(['a long one', 'short six', 'short two', 's', 'a message that was sent']);
  });

  test('a shorter one goes where a longer one does not fit', () => {
    const queue = createBroadcastQueue(100);
    queue.add('long', octets('a long one'));
    queue.add('short', octets('short'));
    expect(take(queue, 9, 2, 9)).toEqual(['short']);
    expect(take(queue, 2, 2, 9)).toEqual([]);
    expect(take(queue, -5, 2, 9)).toEqual([]);
  });
});

test('no more messages than a compound can count', () => {
  const queue = fourMessages();
  expect(queue.take({ octets: 1_000, overheadOctets: 2, messages: 3 }, 9)).toHaveLength(3);
});

test('a full queue drops one of those that were sent most often', () => {
  const queue = createBroadcastQueue(2);
  const sent = queue.add('sent', octets('sent'));
  queue.take({ octets: 100, overheadOctets: 2, messages: NO_LIMIT }, 9);
  const fresh = queue.add('fresh', octets('fresh'));
  const newest = queue.add('newest', octets('newest'));
  expect(sent.finished).toBe(true);
  expect([fresh.finished, newest.finished]).toEqual([false, false]);
  expect(queue.size()).toBe(2);
});

test('what is taken is what a sorted list gives, whatever was added', () => {
  const addition = fc.record({ name: fc.nat(30), length: fc.nat(40), take: fc.boolean(), room: fc.nat(120) });
  const property = fc.property(fc.array(addition, { maxLength: 120 }), (additions) => {
    const queue = createBroadcastQueue(1_000);
    let model: { name: string; message: Uint8Array; transmits: number; order: number }[] = [];
    for (const [order, { name, length, take: taking, room }] of additions.entries()) {
      const message = new Uint8Array(length + 1).fill(order);
      queue.add(`m${name}`, message);
      model = model.filter((entry) => entry.name !== `m${name}`);
      model.push({ name: `m${name}`, message, transmits: 0, order });
      if (!taking) continue;
      model.sort(
        (one, other) =>
          one.transmits - other.transmits || other.message.length - one.message.length || other.order - one.order,
      );
      let free = room;
      const expected: Uint8Array[] = [];
      for (const entry of model) {
        if (entry.message.length > free - 2) continue;
        free -= entry.message.length + 2;
        entry.transmits += 1;
        expected.push(entry.message);
      }
      model = model.filter((entry) => entry.transmits < 3);
      expect(queue.take({ octets: room, overheadOctets: 2, messages: NO_LIMIT }, 3)).toEqual(expected);
      expect(queue.size()).toBe(model.length);
    }
  });
  void fc.assert(property);
});
