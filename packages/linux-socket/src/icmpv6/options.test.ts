import { describe, expect, test } from 'vitest';
import { checkOptions, type Icmpv6SocketOptions } from './options.ts';

const valid: Icmpv6SocketOptions = { interfaceName: 'eth0', types: [135], onMessages: () => {} };

test('what is not said has a default', () => {
  expect(checkOptions(valid, 256)).toEqual({ maxMessagesPerWakeup: 64, maxMessageOctets: 2048 });
});

describe('refuses', () => {
  test.for<[what: string, change: Record<string, unknown>, error: ErrorConstructor]>([
    ['two ways to name the interface', { interfaceIndex: 3 }, TypeError],
    ['no interface', { interfaceName: undefined }, TypeError],
    ['a name with a slash', { interfaceName: '../x' }, TypeError],
    ['nobody who listens', { onMessages: undefined }, TypeError],
    ['types that are no list', { types: 135 }, TypeError],
    ['no types, which receive nothing', { types: [] }, RangeError],
    ['a type of nine bits', { types: [135, 256] }, RangeError],
    ['a type that is a fraction', { types: [1.5] }, RangeError],
    ['more types than there are', { types: new Array(257).fill(1) }, RangeError],
    ['no messages', { maxMessagesPerWakeup: 0 }, RangeError],
    ['more messages than one system call takes', { maxMessagesPerWakeup: 257 }, RangeError],
    ['less than a header', { maxMessageOctets: 3 }, RangeError],
    ['a message beyond all bounds', { maxMessageOctets: 1e9 }, RangeError],
    ['a buffer of nothing', { receiveBufferOctets: 0 }, RangeError],
  ])('%s', ([, change, error]) => {
    expect(() => checkOptions({ ...valid, ...change } as Icmpv6SocketOptions, 256)).toThrow(error);
  });
});
