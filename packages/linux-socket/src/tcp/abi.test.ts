import { parseIpAddress } from '@steelyard/wire';
import { describe, expect, test } from 'vitest';
import { decodeSocketAddress, encodeMd5Signature, encodeSocketAddress, mapped, unmapped } from './abi.ts';

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
const key = new TextEncoder().encode('secret');

test.for([
  ['192.0.2.1', 179, 0, '020000b3c00002010000000000000000'],
  ['2001:db8::1', 179, 0, '0a0000b30000000020010db800000000000000000000000100000000'],
  ['fe80::1', 65_535, 7, '0a00ffff00000000fe80000000000000000000000000000107000000'],
] as const)('the address %s, port %i, scope %i survives its structure', ([address, port, scopeId, encoded]) => {
  const socketAddress = { octets: parseIpAddress(address), port, scopeId };
  expect(hex(encodeSocketAddress(socketAddress))).toBe(encoded);
  const room = new Uint8Array(28);
  room.set(Buffer.from(encoded, 'hex'));
  expect(decodeSocketAddress(room)).toEqual(socketAddress);
});

test('an IPv4-mapped address is told as IPv4, and back', () => {
  const octets = parseIpAddress('::ffff:192.0.2.1');
  expect(decodeSocketAddress(encodeSocketAddress({ octets, port: 179, scopeId: 0 }))).toEqual({
    octets: parseIpAddress('192.0.2.1'),
    port: 179,
    scopeId: 0,
  });
  expect(mapped(parseIpAddress('192.0.2.1'))).toEqual(octets);
  expect(mapped(octets)).toEqual(octets);
  expect(unmapped(parseIpAddress('::fffe:c000:201'))).toBeUndefined();
  expect(unmapped(parseIpAddress('192.0.2.1'))).toBeUndefined();
});

describe('struct tcp_md5sig of linux/tcp.h', () => {
  test('of an address: its key, whose length is in the octet order of the host', () => {
    const { option, value } = encodeMd5Signature({ octets: parseIpAddress('192.0.2.1') }, key);
    expect(option).toBe(14);
    expect(value.length).toBe(216);
    expect(hex(value.subarray(0, 8))).toBe('02000000c0000201');
    expect(hex(value.subarray(8, 128))).toBe('00'.repeat(120));
    expect(hex(value.subarray(128, 142))).toBe(`0000060000000000${hex(key)}`);
    expect(hex(value.subarray(142))).toBe('00'.repeat(74));
  });

  test.for([
    [{ prefixLength: 0 }, '0100060000000000'],
    [{ prefixLength: 24 }, '0118060000000000'],
    [{ interfaceIndex: 300 }, '020006002c010000'],
    [{ prefixLength: 64, interfaceIndex: 5 }, '0340060005000000'],
  ] as const)('of %j', ([peer, encoded]) => {
    const { option, value } = encodeMd5Signature({ octets: parseIpAddress('2001:db8::'), ...peer }, key);
    expect(option).toBe(32);
    expect(hex(value.subarray(128, 136))).toBe(encoded);
  });

  test('without a key, and with the longest one', () => {
    const octets = parseIpAddress('::1');
    expect(encodeMd5Signature({ octets }, undefined).value.subarray(128)).toEqual(new Uint8Array(88));
    const longest = new Uint8Array(80).fill(0x61);
    expect(encodeMd5Signature({ octets }, longest).value.subarray(136)).toEqual(longest);
  });
});
