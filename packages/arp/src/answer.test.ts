import { ipv4ToNumber, parseIpv4Address, parseMacAddress } from '@steelyard/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ArpAnswer, answerFor } from './answer.ts';
import { type ArpFrame, decodeArpFrame, encodeArpFrame } from './packet.ts';

const MAC = '02:00:5e:00:53:0a';
const ASKER = '02:00:5e:00:53:0b';
const OURS = '192.0.2.1';
const owned = new Set([ipv4ToNumber(parseIpv4Address(OURS))]);
const self = { hardwareAddress: parseMacAddress(MAC), owns: (address: number): boolean => owned.has(address) };

const request: ArpFrame = {
  destination: 'ff:ff:ff:ff:ff:ff',
  source: ASKER,
  operation: 1,
  senderHardwareAddress: ASKER,
  senderProtocolAddress: '192.0.2.9',
  targetHardwareAddress: '00:00:00:00:00:00',
  targetProtocolAddress: OURS,
};

const answer = (frame: Partial<ArpFrame>): ArpAnswer =>
  answerFor(encodeArpFrame({ ...request, ...frame }), self, new Uint8Array(42));

test('a reply swaps the two ends and puts our MAC where the asker looks for it', () => {
  const reply = new Uint8Array(42).fill(0xaa);
  expect(answerFor(encodeArpFrame(request), self, reply)).toBe('Answered');
  expect(decodeArpFrame(reply)).toEqual({
    ok: true,
    value: {
      destination: ASKER,
      source: MAC,
      operation: 2,
      senderHardwareAddress: MAC,
      senderProtocolAddress: OURS,
      targetHardwareAddress: ASKER,
      targetProtocolAddress: '192.0.2.9',
    },
  });
});

test('the reply goes to the sender hardware address of ARP, not to the source of the frame', () => {
  const reply = new Uint8Array(42);
  answerFor(encodeArpFrame({ ...request, source: '02:00:5e:00:53:0c' }), self, reply);
  expect(decodeArpFrame(reply)).toMatchObject({ value: { destination: ASKER, targetHardwareAddress: ASKER } });
});

describe('MetalLB, internal/layer2/arp.go', () => {
  test.for<[name: string, frame: Partial<ArpFrame>, outcome: ArpAnswer]>([
    ['a request sent to our MAC', { destination: MAC }, 'Answered'],
    ['a request sent to another MAC', { destination: '02:00:5e:00:53:0d' }, 'NotForThisInterface'],
    ['a request sent to a multicast MAC', { destination: '01:00:5e:00:00:01' }, 'NotForThisInterface'],
    ['a reply', { operation: 2 }, 'NotARequest'],
    ['operation 0', { operation: 0 }, 'NotARequest'],
    ['a reverse request', { operation: 3 }, 'NotARequest'],
    ['operation 257, whose low octet is that of a request', { operation: 257 }, 'NotARequest'],
    ['a probe (RFC 5227)', { senderProtocolAddress: '0.0.0.0' }, 'Answered'],
    ['an announcement by another host', { senderProtocolAddress: OURS }, 'Answered'],
    ['an asker of another subnet', { senderProtocolAddress: '198.51.100.1' }, 'Answered'],
    ['a request for another address', { targetProtocolAddress: '192.0.2.2' }, 'NotOurs'],
    ['a broadcast sender', { senderHardwareAddress: 'ff:ff:ff:ff:ff:ff' }, 'SenderIsGroup'],
    ['a multicast sender', { senderHardwareAddress: '01:00:5e:00:00:01' }, 'SenderIsGroup'],
    ['a zero sender', { senderHardwareAddress: '00:00:00:00:00:00' }, 'SenderIsZero'],
  ])('%s: %o', ([, frame, outcome]) => {
    expect(answer(frame)).toBe(outcome);
  });
});

test('a MAC that changes is used from the next frame on', () => {
  const changing = { ...self, hardwareAddress: Uint8Array.from(self.hardwareAddress) };
  changing.hardwareAddress[5] = 0xee;
  const reply = new Uint8Array(42);
  expect(answerFor(encodeArpFrame(request), changing, reply)).toBe('Answered');
  expect(decodeArpFrame(reply)).toMatchObject({ value: { senderHardwareAddress: '02:00:5e:00:53:ee' } });
});

test('whatever comes in, nothing is thrown and a reply is sent only for an address of ours', () => {
  const noise = fc.uint8Array({ maxLength: 64 });
  const good = encodeArpFrame(request);
  const almost = fc.array(fc.tuple(fc.nat(41), fc.nat(255)), { maxLength: 3 }).map((patches) => {
    const octets = Uint8Array.from(good);
    for (const [offset, octet] of patches) octets[offset] = octet;
    return octets;
  });
  fc.assert(
    fc.property(fc.oneof(noise, almost), (octets) => {
      const reply = new Uint8Array(42);
      if (answerFor(octets, self, reply) !== 'Answered') expect(reply.every((octet) => octet === 0)).toBe(true);
      else
        expect(decodeArpFrame(reply)).toMatchObject({
          value: { operation: 2, source: MAC, senderProtocolAddress: OURS },
        });
    }),
    { numRuns: 1_000 },
  );
});
