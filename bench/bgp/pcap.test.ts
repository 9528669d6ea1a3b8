import { expect, test } from 'vitest';
import { tcpSegments } from './pcap.ts';

/** A capture with nanoseconds and one frame: TCP over IPv4 with a time stamp option, 192.0.2.1:40000 → 192.0.2.2:179. */
function capture(frames: readonly (readonly number[])[], linkType = 1): Uint8Array {
  const word = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];
  const header = [...word(0xa1b23c4d), 2, 0, 4, 0, ...word(0), ...word(0), ...word(65_535), ...word(linkType)];
  const records = frames.flatMap((frame) => [
    ...word(7),
    ...word(42),
    ...word(frame.length),
    ...word(frame.length),
    ...frame,
  ]);
  return Uint8Array.from([...header, ...records]);
}

function frame(payload: readonly number[], totalLength = 52 + payload.length): number[] {
  const ethernet = [...new Array<number>(12).fill(2), 0x08, 0x00];
  const ip = [0x45, 0, totalLength >> 8, totalLength & 0xff, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
  const tcp = [
    0x9c,
    0x40,
    0,
    179,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0x80,
    0x18,
    0,
    0,
    0,
    0,
    0,
    0,
    ...new Array<number>(12).fill(1),
  ];
  return [...ethernet, ...ip, ...tcp, ...payload];
}

test('a segment has its sender, its place in the stream, its payload, and the time of the capture', () => {
  expect(tcpSegments(capture([frame([1, 2, 3])]))).toEqual([
    {
      atNs: 7_000_000_042n,
      source: '192.0.2.1',
      sourcePort: 40_000,
      sequence: 256,
      payload: Uint8Array.of(1, 2, 3),
      payloadOctets: 3,
    },
  ]);
});

test('what the capture cut off is counted, what the link filled up is not, and segments without a payload are left out', () => {
  const [cut, padded, ...others] = tcpSegments(
    capture([frame([1, 2], 52 + 1_000), frame([9, 0, 0, 0], 52 + 1), frame([])]),
  );
  expect(cut).toMatchObject({ payload: Uint8Array.of(1, 2), payloadOctets: 1_000 });
  expect(padded).toMatchObject({ payload: Uint8Array.of(9), payloadOctets: 1 });
  expect(others).toEqual([]);
});

test('a packet that is not written yet as a whole is left out', () => {
  const whole = capture([frame([1]), frame([2])]);
  expect(tcpSegments(whole.subarray(0, whole.length - 1))).toHaveLength(1);
  expect(tcpSegments(whole.subarray(0, 10))).toEqual([]);
});

test('what is no capture of Ethernet frames is refused', () => {
  expect(() => tcpSegments(new Uint8Array(24))).toThrow(TypeError);
  expect(() => tcpSegments(capture([], 113))).toThrow('not a capture of Ethernet frames');
});
