import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ArpFrame, decodeArpFrame, decodeArpPacket, encodeArpFrame } from './packet.ts';

const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

/** RFC 826's layout; captured from Linux 6.1 asking who has 192.0.2.1 on a veth pair. */
const captured = octetsOf(`
  ffffffffffff 02005e005302 0806
  0001 0800 06 04 0001
  02005e005302 c0000202
  000000000000 c0000201`);

const request: ArpFrame = {
  destination: 'ff:ff:ff:ff:ff:ff',
  source: '02:00:5e:00:53:02',
  operation: 1,
  senderHardwareAddress: '02:00:5e:00:53:02',
  senderProtocolAddress: '192.0.2.2',
  targetHardwareAddress: '00:00:00:00:00:00',
  targetProtocolAddress: '192.0.2.1',
};

describe('RFC 826, "Packet format"', () => {
  test('the kernel and this package write the same request', () => {
    expect(decodeArpFrame(captured)).toEqual({ ok: true, value: request });
    expect(encodeArpFrame(request)).toEqual(captured);
  });

  test('the padding of a short Ethernet frame is ignored', () => {
    const padded = new Uint8Array(60);
    padded.set(captured);
    padded.fill(0xff, captured.length);
    expect(decodeArpFrame(padded)).toEqual({ ok: true, value: request });
  });

  test('a frame is read where it lies inside a larger buffer', () => {
    const buffer = new Uint8Array(100).fill(0xaa);
    buffer.set(captured, 17);
    expect(decodeArpFrame(buffer.subarray(17, 17 + 42))).toEqual({ ok: true, value: request });
    expect(decodeArpPacket(buffer.subarray(31, 31 + 28))).toMatchObject({ ok: true, value: { operation: 1 } });
  });
});

describe('rejects', () => {
  test.for<[name: string, frame: Uint8Array, code: string, offset: number]>([
    ['nothing', new Uint8Array(), 'ERR_ARP_TRUNCATED', 0],
    ['half an Ethernet header', captured.subarray(0, 13), 'ERR_ARP_TRUNCATED', 13],
    ['one octet too few', captured.subarray(0, 41), 'ERR_ARP_TRUNCATED', 41],
    ['another EtherType', captured.with(12, 0x86), 'ERR_ARP_UNEXPECTED_ETHERTYPE', 12],
    ['another hardware type', captured.with(15, 6), 'ERR_ARP_UNSUPPORTED_HARDWARE', 14],
    ['a hardware address length that lies', captured.with(18, 255), 'ERR_ARP_UNSUPPORTED_HARDWARE', 18],
    ['another protocol type', captured.with(16, 0x86), 'ERR_ARP_UNSUPPORTED_PROTOCOL', 16],
    ['a protocol address length that lies', captured.with(19, 16), 'ERR_ARP_UNSUPPORTED_PROTOCOL', 19],
  ])('%s', ([, frame, code, offset]) => {
    expect(decodeArpFrame(frame)).toMatchObject({ ok: false, failure: { code, offset } });
  });

  test('a payload one octet too short', () => {
    const failure = { code: 'ERR_ARP_TRUNCATED', offset: 27, message: 'expected at least 28 octets, got 27' };
    expect(decodeArpPacket(captured.subarray(14, 41))).toEqual({ ok: false, failure });
  });

  test('text that is no address, as an exception', () => {
    expect(() => encodeArpFrame({ ...request, senderProtocolAddress: '192.0.2' })).toThrow(TypeError);
    expect(() => encodeArpFrame({ ...request, destination: 'x' })).toThrow(TypeError);
    expect(() => encodeArpFrame({ ...request, operation: 65_536 })).toThrow(RangeError);
  });
});

const mac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((octets) => Buffer.from(octets).toString('hex').match(/../g)?.join(':') ?? '');
const frame: fc.Arbitrary<ArpFrame> = fc.record({
  destination: mac,
  source: mac,
  operation: fc.nat(0xffff),
  senderHardwareAddress: mac,
  senderProtocolAddress: fc.ipV4(),
  targetHardwareAddress: mac,
  targetProtocolAddress: fc.ipV4(),
});

test('decoding undoes encoding', () => {
  fc.assert(
    fc.property(frame, (value) => {
      expect(decodeArpFrame(encodeArpFrame(value))).toEqual({ ok: true, value });
    }),
  );
});

test('any octets return, and what is accepted survives a round trip', () => {
  const noise = fc.uint8Array({ maxLength: 80 });
  const almost = fc.tuple(fc.nat(41), fc.nat(255)).map(([offset, octet]) => captured.with(offset, octet));
  fc.assert(
    fc.property(fc.oneof(noise, almost), (octets) => {
      const result = decodeArpFrame(octets);
      if (result.ok) expect(encodeArpFrame(result.value)).toEqual(octets.slice(0, 42));
      else expect(result.failure.code).toMatch(/^ERR_ARP_/);
    }),
    { numRuns: 1_000 },
  );
});
