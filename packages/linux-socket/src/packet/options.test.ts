import { describe, expect, test } from 'vitest';
import { checkOptions, type PacketSocketOptions } from './options.ts';

const valid: PacketSocketOptions = { interfaceName: 'eth0', etherType: 0x0806, onFrames: () => {} };

test('what is not said has a default', () => {
  expect(checkOptions(valid, 256)).toEqual({ maxFramesPerWakeup: 64, maxFrameOctets: 2048 });
});

describe('refuses', () => {
  test.for<[what: string, change: Partial<PacketSocketOptions>, error: ErrorConstructor]>([
    ['two ways to name the interface', { interfaceIndex: 3 }, TypeError],
    ['an empty name', { interfaceName: '' }, TypeError],
    ['a name with a slash', { interfaceName: '../x' }, TypeError],
    ['a name with a zero', { interfaceName: 'eth0\0x' }, TypeError],
    ['a name of 16 letters', { interfaceName: 'a'.repeat(16) }, TypeError],
    ['a name of 16 octets', { interfaceName: 'ü'.repeat(8) }, TypeError],
    ['EtherType 0, which receives nothing', { etherType: 0 }, RangeError],
    ['an EtherType of 17 bits', { etherType: 0x1_0000 }, RangeError],
    ['no frames', { maxFramesPerWakeup: 0 }, RangeError],
    ['more frames than one system call takes', { maxFramesPerWakeup: 257 }, RangeError],
    ['less than a header', { maxFrameOctets: 13 }, RangeError],
    ['a frame beyond all bounds', { maxFrameOctets: 1e9 }, RangeError],
    ['a buffer of nothing', { receiveBufferOctets: 0 }, RangeError],
  ])('%s', ([, change, error]) => {
    expect(() => checkOptions({ ...valid, ...change }, 256)).toThrow(error);
  });

  test('no interface at all', () => {
    expect(() => checkOptions({ etherType: 1, onFrames: () => {} }, 256)).toThrow(TypeError);
  });
});
