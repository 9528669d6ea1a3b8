import { expect, test } from 'vitest';
import { neighborSolicitation, readNdp } from './message.ts';

test('asks as the kernel does', () => {
  const frame = neighborSolicitation({
    mac: '02:00:01:00:00:01',
    source: '2001:db8::100',
    target: '2001:db8::1',
    destinationMac: undefined,
    withLinkLayerAddress: true,
  });
  expect(Buffer.from(frame).toString('hex')).toBe(
    '3333ff00000102000100000186dd6000000000203aff20010db8000000000000000000000100ff0200000000000000000001ff000001' +
      '87001a2a0000000020010db80000000000000000000000010101020001000001',
  );
});

test("reads a kernel's advertisement", () => {
  const frame =
    '02000100000102000100000286dd6000000000203aff20010db800000000000000000000000120010db8000000000000000000000100' +
    '880088746000000020010db80000000000000000000000010201020001000002';
  expect(readNdp(Buffer.from(frame, 'hex'))).toEqual({
    kind: 'advertisement',
    destinationMac: '02:00:01:00:00:01',
    sourceMac: '02:00:01:00:00:02',
    source: '2001:db8::1',
    destination: '2001:db8::100',
    hopLimit: 255,
    checksumIsRight: true,
    target: '2001:db8::1',
    router: false,
    solicited: true,
    override: true,
    linkLayerAddress: '02:00:01:00:00:02',
  });
});
